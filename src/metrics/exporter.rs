//! The exporter's own metrics, those without an `array` label, in the `prometheus` crate's registry.

use super::{http::HttpMetrics, own::Own};
use crate::{
    build_info,
    model::{Notice, Timestamp},
    shard::Shard,
};
use bytes::Bytes;
use prometheus::{Encoder, Gauge, Opts, Registry, TextEncoder, process_collector::ProcessCollector};
use rustix::process::{Resource, getrlimit};
use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// The registry and the gauges that the program sets.
#[derive(Debug)]
pub struct ExporterMetrics {
    registry: Registry,
    http: HttpMetrics,
    reload_successful: Gauge,
    reload_success_at: Gauge,
    web_config_successful: Gauge,
    state_file_successful: Gauge,
    state_file_written_at: Gauge,
    /// Why the last reload was refused, and since when reloads are.
    refused: Mutex<Option<(Timestamp, String)>>,
    state_file_fails: AtomicBool,
    arrays_configured: Gauge,
    arrays_assigned: Gauge,
}

impl ExporterMetrics {
    /// All of them, for a configuration that was loaded at `now`.
    pub fn new(now: Timestamp) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let described = [build_info::VERSION, build_info::REVISION, build_info::RUSTC];
        register(&registry, &info(Own::BuildInfo, &described)?)?;
        registry.register(Box::new(ProcessCollector::for_self()))?;
        let virtual_memory_max = gauge(Own::VirtualMemoryMax)?;
        virtual_memory_max.set(getrlimit(Resource::As).current.unwrap_or(u64::MAX) as f64);
        register(&registry, &virtual_memory_max)?;
        let metrics = Self {
            http: HttpMetrics::in_registry(&registry)?,
            registry,
            reload_successful: gauge(Own::ReloadSuccessful)?,
            reload_success_at: gauge(Own::ReloadSuccessAt)?,
            web_config_successful: gauge(Own::WebConfigSuccessful)?,
            state_file_successful: gauge(Own::StateFileSuccessful)?,
            state_file_written_at: gauge(Own::StateFileWrittenAt)?,
            arrays_configured: gauge(Own::ArraysConfigured)?,
            arrays_assigned: gauge(Own::ArraysAssigned)?,
            refused: Mutex::default(),
            state_file_fails: AtomicBool::default(),
        };
        for gauge in [
            &metrics.reload_successful,
            &metrics.reload_success_at,
            &metrics.web_config_successful,
            &metrics.arrays_configured,
            &metrics.arrays_assigned,
        ] {
            register(&metrics.registry, gauge)?;
        }
        metrics.reloaded(now);
        metrics.web_config_successful.set(1.0);
        Ok(metrics)
    }

    /// Adds which shard this is. Once.
    pub fn describe(&self, shard: Shard) -> Result<(), prometheus::Error> {
        let described = [shard.index().to_string(), shard.count().to_string()];
        register(
            &self.registry,
            &info(Own::ShardInfo, &described.each_ref().map(String::as_str))?,
        )
    }

    /// How many arrays the configuration has, and how many of them are this shard's.
    pub fn count_arrays(&self, configured: usize, assigned: usize) {
        self.arrays_configured.set(configured as f64);
        self.arrays_assigned.set(assigned as f64);
    }

    /// A configuration could not be used; the former one goes on.
    pub fn reload_failed(&self, why: &str, now: Timestamp) {
        self.reload_successful.set(0.0);
        let mut refused = self.refused();
        let since = refused.as_ref().map_or(now, |(since, _)| *since);
        *refused = Some((since, why.to_owned()));
    }

    fn refused(&self) -> MutexGuard<'_, Option<(Timestamp, String)>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A configuration was loaded and is in use.
    pub fn reloaded(&self, now: Timestamp) {
        self.reload_successful.set(1.0);
        *self.refused() = None;
        self.reload_success_at.set(now.unix_seconds());
    }

    /// Where requests to the exporter's own port are counted.
    #[must_use]
    pub fn http(&self) -> HttpMetrics {
        self.http.clone()
    }

    /// What to tell whether the web configuration, as its files are now, is in use.
    #[must_use]
    pub fn web_config(&self) -> WebConfigGauge {
        WebConfigGauge(self.web_config_successful.clone())
    }

    /// There is a state file. Until it was written, its last write was not successful.
    pub fn keep_state_file(&self) {
        self.expose(&self.state_file_successful);
    }

    /// There is none any longer.
    pub fn forget_state_file(&self) {
        for gauge in [&self.state_file_successful, &self.state_file_written_at] {
            // It fails only where it is not on the page.
            let _ = self.registry.unregister(Box::new(gauge.clone()));
        }
    }

    /// The state file was written.
    pub fn state_file_written(&self, now: Timestamp) {
        self.state_file_fails.store(false, Ordering::Relaxed);
        self.state_file_successful.set(1.0);
        self.state_file_written_at.set(now.unix_seconds());
        self.expose(&self.state_file_written_at);
    }

    /// The state file could not be written.
    pub fn state_file_failed(&self) {
        self.state_file_successful.set(0.0);
        self.state_file_fails.store(true, Ordering::Relaxed);
    }

    /// What of the exporter itself needs a person.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        let refused = self.refused().clone();
        let refused = refused.map(|(since, why)| Notice::of_refused_reload(since, &why));
        let web = (self.web_config_successful.get() < 1.0).then(|| {
            let text = "the changed web configuration or its certificate is refused, the former one goes on";
            Notice::of_exporter(None, text, "see the log for what is wrong with it")
        });
        let state_file = self.state_file_fails.load(Ordering::Relaxed).then(|| {
            let text = "the state file is not written: a restart would lose what was learned since";
            Notice::of_exporter(
                None,
                text,
                "see the log; look for a full disk, rights, or another process that holds it",
            )
        });
        refused.into_iter().chain(web).chain(state_file).collect()
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

    /// Puts a gauge on the page from now on, if it is not there.
    fn expose(&self, gauge: &Gauge) {
        match register(&self.registry, gauge) {
            Ok(()) | Err(prometheus::Error::AlreadyReg) => {}
            Err(error) => tracing::error!(%error, "one of the exporter's own metrics cannot be shown"),
        }
    }
}

/// Tells whether the web configuration, as its files are now, is in use.
#[derive(Clone, Debug)]
pub struct WebConfigGauge(Gauge);

impl WebConfigGauge {
    /// Whether it is.
    pub fn set(&self, in_use: bool) {
        self.0.set(f64::from(u8::from(in_use)));
    }
}

fn gauge(own: Own) -> Result<Gauge, prometheus::Error> {
    let family = own.family();
    Gauge::new(family.name, family.help)
}

/// A gauge of 1 with these values of its labels.
fn info(own: Own, values: &[&str]) -> Result<Gauge, prometheus::Error> {
    let family = own.family();
    let mut opts = Opts::new(family.name, family.help);
    for (label, value) in family.labels.iter().zip(values) {
        opts = opts.const_label(*label, *value);
    }
    let info = Gauge::with_opts(opts)?;
    info.set(1.0);
    Ok(info)
}

fn register(registry: &Registry, gauge: &Gauge) -> Result<(), prometheus::Error> {
    registry.register(Box::new(gauge.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{metrics::own::OWN, store::tests::at};
    use std::time::Duration;

    fn shown(metrics: &ExporterMetrics) -> Vec<String> {
        let text = String::from_utf8(metrics.text().to_vec()).expect("UTF-8");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_is_shown_is_in_the_catalogue_with_its_type_and_help() {
        let metrics = ExporterMetrics::new(at(1.0)).expect("metrics");
        metrics.describe(Shard::default()).expect("a shard");
        metrics.http().answered("/metrics", 200, Duration::from_millis(3));
        metrics.keep_state_file();
        metrics.state_file_written(at(2.0));
        metrics.state_file_written(at(3.0));
        let shown = shown(&metrics);
        let headers: Vec<&str> = shown
            .iter()
            .filter(|line| line.starts_with('#'))
            .map(String::as_str)
            .collect();
        let expected = OWN.iter().flat_map(|family| {
            let kind = family.metric_type.exposed();
            [
                format!("# HELP {} {}", family.name, family.help),
                format!("# TYPE {} {kind}", family.name),
            ]
        });
        assert_eq!(headers, expected.collect::<Vec<_>>());
        for family in OWN {
            for label in family.labels {
                let label = format!("{label}=\"");
                let mut samples = shown.iter().filter(|line| line.starts_with(family.name));
                assert!(samples.all(|line| line.contains(&label)), "{} {label}", family.name);
            }
        }
    }

    #[test]
    fn a_state_file_counts_as_unwritten_until_it_was_written() {
        let metrics = ExporterMetrics::new(at(1.0)).expect("metrics");
        let successful = "replication_exporter_state_file_last_write_successful";
        let of = |metrics: &ExporterMetrics| {
            let mut lines = shown(metrics).into_iter();
            let line = lines.rfind(|line| line.starts_with(successful));
            line.map(|line| line[successful.len()..].trim().to_owned())
        };
        assert_eq!(of(&metrics), None, "there is none");
        metrics.keep_state_file();
        assert_eq!(of(&metrics).as_deref(), Some("0"));
        metrics.state_file_written(at(2.0));
        assert_eq!(of(&metrics).as_deref(), Some("1"));
        metrics.state_file_failed();
        assert_eq!(of(&metrics).as_deref(), Some("0"));
        let written = "replication_exporter_state_file_last_write_timestamp_seconds 2";
        assert!(shown(&metrics).iter().any(|line| line == written), "when it was");
        metrics.forget_state_file();
        assert_eq!(of(&metrics), None, "a reload took it away");
    }
}
