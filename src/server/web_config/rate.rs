//! The section `rate_limit`: a token bucket over all requests. `protect` takes from it.

use super::table::{Findings, Table};
use crate::model::duration;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Lets `burst` requests through at once, and then one each `interval`.
pub(in crate::server) struct RateLimit {
    interval: Duration,
    /// How far ahead of now the bucket may be booked.
    depth: Duration,
    /// When the bucket is full again; in the past: it is full.
    full_at: Mutex<Option<Instant>>,
}

impl RateLimit {
    fn new(interval: Duration, burst: u32) -> Self {
        Self {
            interval,
            depth: interval * burst,
            full_at: Mutex::default(),
        }
    }

    /// Takes a token, if there is one.
    pub(in crate::server) fn allows(&self) -> bool {
        let now = Instant::now();
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let booked = full_at.map_or(now, |at| at.max(now)) + self.interval;
        let allowed = booked <= now + self.depth;
        if allowed {
            *full_at = Some(booked);
        }
        allowed
    }
}

pub(super) fn read(mut section: Table, findings: &mut Findings) -> Option<RateLimit> {
    let at = section.at().clone();
    if !section.sets("interval") {
        findings.problem(&at, "`interval` is missing");
    }
    let interval = section.take("interval").filter(|field| !field.is_zero());
    let interval = interval
        .and_then(|field| field.text(findings))
        .filter(|(text, _)| !is_zero(text));
    let burst = section.take("burst").and_then(|field| field.number(findings));
    section.finish(findings);
    let (text, interval_at) = interval?;
    let interval = match duration::parse(&text) {
        Ok(interval) if interval <= LONGEST => interval,
        Ok(_) => {
            findings.problem(&interval_at, "is longer than an hour");
            return None;
        }
        Err(message) => {
            findings.problem(&interval_at, message);
            return None;
        }
    };
    match burst {
        Some((burst, _)) if burst.fract() == 0.0 && (1.0..=MOST).contains(&burst) => {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number within the range of the line above"
            )]
            let burst = burst as u32;
            Some(RateLimit::new(interval, burst))
        }
        Some((_, at)) => {
            findings.problem(&at, format!("expected a whole number from 1 to {MOST}"));
            None
        }
        None => {
            findings.problem(&at, "`burst` is missing: without it no request is answered");
            None
        }
    }
}

/// More between two requests is a mistake.
const LONGEST: Duration = Duration::from_hours(1);

/// The largest burst.
const MOST: f64 = 1_000_000.0;

/// Go's ways to write no duration.
fn is_zero(text: &str) -> bool {
    matches!(text, "0" | "0s" | "0ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_and_then_one_request_each_interval() {
        let limit = RateLimit::new(Duration::from_secs(1), 3);
        let allowed = |count: usize| (0..count).filter(|_| limit.allows()).count();
        assert_eq!(allowed(10), 3);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(allowed(10), 1);
        tokio::time::advance(Duration::from_hours(1)).await;
        assert_eq!(allowed(10), 3, "an idle hour fills the bucket, no more");
    }
}
