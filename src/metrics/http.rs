//! What the exporter's own port was asked. The label sets are few: `server` gives a fixed list of handlers and statuses.

use super::own::Own;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry};
use std::time::Duration;

/// Upper bounds in seconds: a scrape from memory, a large page compressed, an overload, a client's time-out.
const BUCKETS: [f64; 4] = [0.005, 0.05, 0.5, 5.0];

/// Counts requests and times their answers.
#[derive(Clone, Debug)]
pub struct HttpMetrics {
    requests: IntCounterVec,
    durations: HistogramVec,
}

impl HttpMetrics {
    pub(super) fn in_registry(registry: &Registry) -> Result<Self, prometheus::Error> {
        let (requests, durations) = (Own::HttpRequests.family(), Own::HttpRequestDuration.family());
        let buckets = HistogramOpts::new(durations.name, durations.help).buckets(BUCKETS.to_vec());
        let metrics = Self {
            requests: IntCounterVec::new(Opts::new(requests.name, requests.help), requests.labels)?,
            durations: HistogramVec::new(buckets, durations.labels)?,
        };
        registry.register(Box::new(metrics.requests.clone()))?;
        registry.register(Box::new(metrics.durations.clone()))?;
        Ok(metrics)
    }

    /// A request was answered with this status, after this time.
    pub fn answered(&self, handler: &str, code: u16, took: Duration) {
        self.requests.with_label_values(&[handler, &code.to_string()]).inc();
        self.durations.with_label_values(&[handler]).observe(took.as_secs_f64());
    }
}
