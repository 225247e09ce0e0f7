//! The exporter's own metrics, those without an `array` label, in the `prometheus` crate's registry.

use crate::{build_info, model::Timestamp};
use bytes::Bytes;
use prometheus::{Encoder, Gauge, Opts, Registry, TextEncoder, process_collector::ProcessCollector};

/// The registry and the gauges that the program sets.
#[derive(Debug)]
pub struct ExporterMetrics {
    registry: Registry,
    reload_successful: Gauge,
    reload_success_at: Gauge,
}

impl ExporterMetrics {
    /// All of them, for a configuration that was loaded at `now`.
    pub fn new(now: Timestamp) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let build_info = Gauge::with_opts(
            Opts::new(
                "replication_exporter_build_info",
                "Version, revision and compiler of this exporter.",
            )
            .const_label("version", build_info::VERSION)
            .const_label("revision", build_info::REVISION)
            .const_label("rustc", build_info::RUSTC),
        )?;
        build_info.set(1.0);
        let reload_successful = Gauge::new(
            "replication_exporter_config_last_reload_successful",
            "1 if the last attempt to load the configuration succeeded.",
        )?;
        let reload_success_at = Gauge::new(
            "replication_exporter_config_last_reload_success_timestamp_seconds",
            "When the configuration in use was loaded.",
        )?;
        for gauge in [&build_info, &reload_successful, &reload_success_at] {
            registry.register(Box::new(gauge.clone()))?;
        }
        registry.register(Box::new(ProcessCollector::for_self()))?;
        let metrics = Self {
            registry,
            reload_successful,
            reload_success_at,
        };
        metrics.reloaded(now);
        Ok(metrics)
    }

    /// A configuration was loaded and is in use.
    pub fn reloaded(&self, now: Timestamp) {
        self.reload_successful.set(1.0);
        self.reload_success_at.set(now.unix_seconds());
    }

    /// The text of all of them; what cannot be encoded is logged and left out.
    #[must_use]
    pub fn text(&self) -> Bytes {
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "the exporter's own metrics could not be encoded");
        }
        text.into()
    }
}
