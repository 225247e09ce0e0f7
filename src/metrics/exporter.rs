//! The exporter's own metrics, those without an `array` label, in the `prometheus` crate's registry.

use crate::{build_info, model::Timestamp, shard::Shard};
use bytes::Bytes;
use prometheus::{Encoder, Gauge, Opts, Registry, TextEncoder, process_collector::ProcessCollector};

/// The registry and the gauges that the program sets.
#[derive(Debug)]
pub struct ExporterMetrics {
    registry: Registry,
    reload_successful: Gauge,
    reload_success_at: Gauge,
    arrays_configured: Gauge,
    arrays_assigned: Gauge,
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
        let arrays_configured = Gauge::new(
            "replication_exporter_arrays_configured",
            "Arrays in the configuration, those of other shards included.",
        )?;
        let arrays_assigned = Gauge::new("replication_exporter_arrays_assigned", "Arrays that this shard polls.")?;
        let gauges = [
            &build_info,
            &reload_successful,
            &reload_success_at,
            &arrays_configured,
            &arrays_assigned,
        ];
        for gauge in gauges {
            registry.register(Box::new(gauge.clone()))?;
        }
        registry.register(Box::new(ProcessCollector::for_self()))?;
        let metrics = Self {
            registry,
            reload_successful,
            reload_success_at,
            arrays_configured,
            arrays_assigned,
        };
        metrics.reloaded(now);
        Ok(metrics)
    }

    /// Adds which shard this is. Once.
    pub fn describe(&self, shard: Shard) -> Result<(), prometheus::Error> {
        let opts = Opts::new(
            "replication_exporter_shard_info",
            "Which shard this is, from 0, and of how many.",
        );
        let info = Gauge::with_opts(
            opts.const_label("index", shard.index().to_string())
                .const_label("count", shard.count().to_string()),
        )?;
        info.set(1.0);
        self.registry.register(Box::new(info))
    }

    /// How many arrays the configuration has, and how many of them are this shard's.
    pub fn count_arrays(&self, configured: usize, assigned: usize) {
        self.arrays_configured.set(configured as f64);
        self.arrays_assigned.set(assigned as f64);
    }

    /// A configuration could not be used; the former one goes on.
    pub fn reload_failed(&self) {
        self.reload_successful.set(0.0);
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
