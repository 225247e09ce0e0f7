//! Those who ask for a reload, gathered: however many ask, one reload a second answers them all. Knows no configuration; what a
//! reload does is the fleet's.

use std::time::Duration;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

/// From the start of one reload to the start of the next, at least.
const PERIOD: Duration = Duration::from_secs(1);
/// How many may wait for an answer. Who asks without waiting for one needs no place: a reload is about to begin anyway.
const PLACES: usize = 64;

/// What became of a reload, for people.
pub type Outcome = Result<String, String>;

/// Asks for reloads.
#[derive(Clone, Debug)]
pub struct Trigger(mpsc::Sender<oneshot::Sender<Outcome>>);

/// The other end of a [`Trigger`].
#[derive(Debug)]
pub struct Requests {
    waiting: mpsc::Receiver<oneshot::Sender<Outcome>>,
    last: Option<Instant>,
}

impl Trigger {
    /// Both ends.
    #[must_use]
    pub fn channel() -> (Self, Requests) {
        let (sender, waiting) = mpsc::channel(PLACES);
        (Self(sender), Requests { waiting, last: None })
    }

    /// Asks for a reload that begins after this call, and waits for its end.
    pub async fn reload(&self) -> Outcome {
        let stopping = || Err("the exporter is stopping".to_owned());
        let (answer, outcome) = oneshot::channel();
        if self.0.send(answer).await.is_err() {
            return stopping();
        }
        outcome.await.unwrap_or_else(|_| stopping())
    }

    /// Asks for a reload that begins after this call.
    pub fn ask(&self) {
        let (answer, _) = oneshot::channel();
        // Full: one is about to begin. Closed: the exporter is stopping.
        let _ = self.0.try_send(answer);
    }
}

impl Requests {
    /// Waits until a reload is asked for and due. Gives everybody who waits for it.
    pub async fn next(&mut self) -> Vec<oneshot::Sender<Outcome>> {
        let Some(first) = self.waiting.recv().await else {
            // Nobody can ask any more.
            return std::future::pending().await;
        };
        if let Some(last) = self.last {
            tokio::time::sleep_until(last + PERIOD).await;
        }
        self.last = Some(Instant::now());
        let mut everybody = vec![first];
        while let Ok(another) = self.waiting.try_recv() {
            everybody.push(another);
        }
        everybody
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_hundred_requests_a_second_are_one_reload_a_second() {
        let (trigger, mut requests) = Trigger::channel();
        let asking = tokio::spawn(async move {
            for _ in 0..1000 {
                trigger.ask();
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            trigger
        });
        let reloading = tokio::spawn(async move {
            let mut reloads = 0;
            while let Ok(everybody) = tokio::time::timeout(Duration::from_secs(5), requests.next()).await {
                assert!(everybody.len() <= 100, "{}", everybody.len());
                reloads += 1;
            }
            reloads
        });
        let _trigger = asking.await.expect("no panic");
        let reloads = reloading.await.expect("no panic");
        assert!((10..=12).contains(&reloads), "{reloads}");
    }

    #[tokio::test(start_paused = true)]
    async fn everybody_who_waits_gets_the_answer_of_a_reload_that_began_later() {
        let (trigger, mut requests) = Trigger::channel();
        let waiting: Vec<_> = (0..5)
            .map(|_| {
                let trigger = trigger.clone();
                tokio::spawn(async move { trigger.reload().await })
            })
            .collect();
        tokio::task::yield_now().await;
        for answer in requests.next().await {
            answer.send(Ok("fine".to_owned())).expect("somebody waits");
        }
        for outcome in waiting {
            assert_eq!(outcome.await.expect("no panic"), Ok("fine".to_owned()));
        }
        drop(requests);
        assert!(trigger.reload().await.is_err(), "nobody reloads any more");
    }
}
