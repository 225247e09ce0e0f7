//! A laboratory: simulated arrays over TLS, the exporter's own parts against them, and time that a test moves by hand.
//!
//! The configuration is the one that the simulator writes, read as the daemon reads it. Polls happen when a test says so.

use replication_exporter::{
    clock::Clock,
    config::{self, ArrayConfig, Vendor},
    metrics::{Exposition, Selection, exporter::ExporterMetrics},
    model::{ArrayFacts, Timestamp},
    shard::Shard,
    simulator::{self, Options, SimulatedArray, Simulation},
    source::{
        Poll, PollContext, Source,
        trust::TrustStore,
        vendors::{self, Task},
    },
    store::{Slot, Store},
};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// Simulated arrays that are asked for nothing but what is documented: in the end that is held against what they saw, in
/// every test that has any.
pub(crate) struct Watched {
    simulation: Simulation,
    by_hand: AtomicBool,
}

impl Watched {
    pub(crate) async fn start(options: Options, clock: Clock) -> Self {
        Self {
            simulation: simulator::start(options, clock).await.expect("a simulation"),
            by_hand: AtomicBool::default(),
        }
    }

    /// The test itself drives these arrays as well, as their administrator would.
    pub(crate) fn is_driven_by_hand(&self) {
        self.by_hand.store(true, Ordering::Relaxed);
    }
}

impl Deref for Watched {
    type Target = Simulation;

    fn deref(&self) -> &Simulation {
        &self.simulation
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if std::thread::panicking() || self.by_hand.load(Ordering::Relaxed) {
            return;
        }
        let asked = self.arrays().iter().filter(|array| array.log().total() > 0);
        asked.for_each(assert_documented);
    }
}

/// Simulated arrays, and a store that nobody has filled yet.
pub(crate) struct Lab {
    pub(crate) simulation: Watched,
    pub(crate) store: Store,
    configs: BTreeMap<String, Arc<ArrayConfig>>,
    pub(crate) trust: TrustStore,
    _folder: tempfile::TempDir,
}

/// An array under observation.
pub(crate) struct Observed<S> {
    pub(crate) source: S,
    pub(crate) slot: Arc<Slot>,
    clock: Clock,
}

impl Lab {
    /// Arrays of `vendor`, as `options` say.
    pub(crate) async fn start(vendor: Vendor, options: Options) -> Self {
        let options = Options {
            vendors: vec![vendor],
            ..options
        };
        Self::start_at(Clock::host().now(), options, "").await
    }

    /// Arrays as `options` say, in a world that begins at `begin`; `settings` are added to the configuration.
    pub(crate) async fn start_at(begin: Timestamp, options: Options, settings: &str) -> Self {
        let clock = Clock::following_tokio(begin);
        let simulation = Watched::start(options, clock).await;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config.toml");
        simulator::write_config(&file, &simulation).expect("a configuration");
        let written = fs::read_to_string(&file).expect("a configuration") + settings;
        fs::write(&file, written).expect("a configuration");
        let config = config::load(
            &file,
            std::iter::empty::<(OsString, OsString)>(),
            replication_exporter::source::vendors::ALL,
        )
        .expect("a valid configuration");
        let configs = config
            .arrays
            .into_iter()
            .map(|array| (array.name.to_string(), Arc::new(array)));
        let exporter = ExporterMetrics::new(clock.now()).expect("the exporter's metrics");
        exporter.describe(Shard::default()).expect("the exporter's metrics");
        exporter.count_arrays(configs.len(), configs.len());
        Self {
            configs: configs.collect(),
            store: Store::new(clock, exporter),
            trust: TrustStore::default(),
            simulation,
            _folder: folder,
        }
    }

    /// The configuration of one array.
    pub(crate) fn config(&self, name: &str) -> Arc<ArrayConfig> {
        self.configs[name].clone()
    }

    pub(crate) fn array(&self, name: &str) -> &SimulatedArray {
        self.simulation.array(name).expect("a simulated array")
    }

    /// Observes one array with the source that `make` makes.
    pub(crate) fn observe<S>(
        &self,
        name: &str,
        make: impl FnOnce(&Arc<ArrayConfig>, &TrustStore, &Slot) -> S,
    ) -> Observed<S> {
        let config = self.configs[name].clone();
        let slot = self.store.add(config.clone(), ArrayFacts::default());
        Observed {
            source: make(&config, &self.trust, &slot),
            clock: self.store.clock(),
            slot,
        }
    }

    /// What a program does with an array's source, begun for this array: see `source::vendors`.
    pub(crate) fn begin<T: Task>(&self, name: &str, task: impl FnOnce(Arc<Slot>, Clock) -> T) -> T::Running {
        let slot = self.store.add(self.configs[name].clone(), ArrayFacts::default());
        let (config, logins) = (slot.config(), slot.logins());
        let task = task(slot, self.store.clock());
        vendors::with_source(&config, &self.trust, logins, None, task).expect("a source")
    }

    /// The page as Prometheus gets it.
    pub(crate) fn text(&self) -> String {
        let page = self.store.page(&Selection::All).expect("a page");
        String::from_utf8(page.segments.concat()).expect("UTF-8")
    }

    /// The value of the one series of `family` with all these labels.
    pub(crate) fn value(&self, family: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let text = self.text();
        let labels: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .collect();
        let mut found = text.lines().filter(|line| {
            line.strip_prefix(family).is_some_and(|rest| rest.starts_with('{'))
                && labels.iter().all(|label| line.contains(label))
        });
        let line = found.next()?;
        assert_eq!(found.next(), None, "{family} {labels:?} is not one series");
        line.rsplit(' ').next()?.parse().ok()
    }

    /// The present word of the one series of `family` with all these labels.
    pub(crate) fn state(&self, family: &str, label: &str, labels: &[(&str, &str)]) -> Option<String> {
        let text = self.text();
        let labels: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .collect();
        let line = text.lines().find(|line| {
            line.starts_with(&format!("{family}{{"))
                && line.ends_with(" 1")
                && labels.iter().all(|label| line.contains(label))
        })?;
        let (_, rest) = line.split_once(&format!(",{label}=\""))?;
        rest.split('"').next().map(str::to_owned)
    }

    /// Lets everybody's time pass, at once.
    pub(crate) async fn pass(&self, seconds: u64) {
        self.pass_duration(Duration::from_secs(seconds)).await;
    }

    /// The same for a time of any length.
    pub(crate) async fn pass_duration(&self, duration: Duration) {
        tokio::time::pause();
        tokio::time::advance(duration).await;
        tokio::time::resume();
        for slot in self.store.slots() {
            slot.tick();
        }
    }
}

/// A client that trusts the simulated arrays, for driving them by hand.
pub(crate) fn client(lab: &Lab) -> reqwest::Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    lab.simulation.is_driven_by_hand();
    let ca = reqwest::Certificate::from_pem(lab.simulation.ca_pem().as_bytes()).expect("a CA");
    let builder = reqwest::Client::builder().tls_certs_only([ca]);
    builder.timeout(Duration::from_secs(10)).build().expect("a client")
}

/// The requests that docs/security.md allows, as (method, path).
pub(crate) fn documented_requests(vendor: Vendor) -> Vec<(String, String)> {
    let document = include_str!("../../docs/security.md");
    let rows = document
        .lines()
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let rows = rows.filter(|cells| cells.get(1) == Some(&vendor.name()));
    rows.map(|cells| (cells[2].to_owned(), cells[3].to_owned())).collect()
}

/// Every request that the array saw is one that docs/security.md allows.
pub(crate) fn assert_documented(array: &SimulatedArray) {
    let allowed = documented_requests(array.vendor());
    let seen = array.log().counts();
    assert!(!allowed.is_empty() && !seen.is_empty());
    for request in seen.keys() {
        let is_allowed = allowed.iter().any(|(method, path)| {
            let (beginning, rest) = path.split_once("{id}").unwrap_or((path, ""));
            let fits = if rest.is_empty() && path.ends_with("{id}") {
                request
                    .path
                    .strip_prefix(beginning)
                    .is_some_and(|id| !id.is_empty() && !id.contains('/'))
            } else {
                request.path == *path
            };
            request.method == *method && fits
        });
        assert!(is_allowed, "not in docs/security.md: {request:?}");
    }
}

impl<S: Source> Observed<S> {
    /// One poll, not published.
    pub(crate) async fn ask(&mut self) -> Poll {
        let config = self.slot.config();
        let context = PollContext {
            deadline: Instant::now() + config.polling.deadline(),
            clock: self.clock,
            sections: config.sections.clone(),
            limits: (&config.polling).into(),
        };
        self.source.poll(&context).await
    }

    /// One poll, published.
    pub(crate) async fn poll(&mut self) {
        let poll = self.ask().await;
        self.slot.publish(poll);
    }
}
