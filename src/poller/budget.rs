//! How many lines one array may log: many at once, when much changes, but not at every poll for ever.

use std::time::Duration;
use tokio::time::Instant;

/// Lines at once: what one change of everything needs.
const MOST: f64 = 100.0;
/// The time in which one more is earned.
const PERIOD: Duration = Duration::from_mins(5);

/// What is left of it.
#[derive(Debug)]
pub(super) struct LogBudget {
    lines: f64,
    earned_to: Instant,
    left_out: u64,
}

impl LogBudget {
    /// All of it.
    pub(super) fn new() -> Self {
        Self {
            lines: MOST,
            earned_to: Instant::now(),
            left_out: 0,
        }
    }

    /// Whether a line may be written now; with how many were left out since the last one.
    pub(super) fn spend(&mut self) -> Option<u64> {
        let earned = self.earned_to.elapsed().as_secs_f64() / PERIOD.as_secs_f64();
        self.earned_to = Instant::now();
        self.lines = (self.lines + earned).min(MOST);
        if self.lines < 1.0 {
            self.left_out += 1;
            return None;
        }
        self.lines -= 1.0;
        Some(std::mem::take(&mut self.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_array_that_flaps_for_a_day_writes_a_line_in_five_minutes() {
        let mut budget = LogBudget::new();
        let (mut written, mut left_out) = (0, 0);
        for _ in 0..2880 {
            for _ in 0..2 {
                if let Some(since) = budget.spend() {
                    written += 1;
                    left_out += since;
                }
            }
            tokio::time::advance(Duration::from_secs(30)).await;
        }
        assert!((380..=390).contains(&written), "{written}");
        assert_eq!(
            written + left_out + budget.left_out,
            5760,
            "each one is told or counted"
        );
    }
}
