//! One array, watched for some polls, and what it said; the same from a recording.

use crate::lab::Lab;
use replication_exporter::{
    clock::Clock,
    config::{self, ArrayConfig, Credentials, SecretRef, Vendor},
    metrics::{Exposition, Selection, exporter::ExporterMetrics},
    model::{ArrayFacts, Section, SectionReport, Timestamp},
    shard::Shard,
    simulator::{Options, replay},
    source::{
        PollContext, Source,
        record::Recorder,
        trust::TrustStore,
        vendors::{self, Task},
    },
    store::{Slot, Store},
};
use std::{collections::BTreeSet, ffi::OsString, future::Future, path::Path, pin::Pin, sync::Arc, time::Duration};
use tokio::time::Instant;

/// What an array said.
#[derive(Default)]
pub(super) struct Watched {
    /// Every family with a series of it.
    pub(super) families: BTreeSet<String>,
    /// Its last page.
    pub(super) page: String,
    pub(super) reports: Vec<(Section, SectionReport)>,
}

struct Watch<'a> {
    store: &'a Store,
    slot: Arc<Slot>,
    sections: Vec<Section>,
    polls: usize,
    /// Seconds from one poll to the next.
    step: u64,
}

impl<'a> Task for Watch<'a> {
    type Running = Pin<Box<dyn Future<Output = Watched> + 'a>>;

    fn begin<S: Source + Sync>(self, make: impl Fn() -> S + Send + Sync + 'static) -> Self::Running {
        let mut source = make();
        Box::pin(async move {
            let mut watched = Watched::default();
            for poll in 0..self.polls {
                if poll > 0 {
                    tokio::time::pause();
                    tokio::time::advance(Duration::from_secs(self.step)).await;
                    tokio::time::resume();
                }
                let config = self.slot.config();
                let context = PollContext {
                    deadline: Instant::now() + config.polling.deadline(),
                    clock: self.store.clock(),
                    sections: self.sections.clone(),
                    limits: (&config.polling).into(),
                };
                let poll = source.poll(&context).await;
                let reports = poll.sections.iter().filter_map(|outcome| {
                    let report = outcome.result.as_ref().ok()?;
                    Some((outcome.section, report.clone()))
                });
                watched.reports.extend(reports);
                self.slot.publish(poll);
                self.slot.tick();
                watched.page = page(self.store, self.slot.name());
                let samples = watched.page.lines().filter(|line| !line.starts_with('#'));
                let families = samples.filter_map(|line| line.split('{').next());
                watched.families.extend(families.map(str::to_owned));
            }
            source.close().await;
            watched
        })
    }
}

fn page(store: &Store, array: &str) -> String {
    let page = store.page(&Selection::from_names([array.to_owned()]));
    String::from_utf8(page.expect("a page").segments.concat()).expect("UTF-8")
}

/// Watches one array for so many polls, `step` seconds apart.
pub(super) async fn watch(
    lab: &Lab,
    name: &str,
    sections: Option<Vec<Section>>,
    polls: usize,
    step: u64,
    recorder: Option<Arc<Recorder>>,
) -> Watched {
    watch_as(lab, lab.config(name), sections, polls, step, recorder).await
}

/// The same by a user that may read what the least privileged one does without.
pub(super) async fn watch_as_admin(lab: &Lab, name: &str, polls: usize, step: u64) -> Watched {
    let mut config = ArrayConfig::clone(&lab.config(name));
    let admin = lab.array(name).credentials().admin.clone();
    let (username, password) = admin.expect("an admin");
    config.credentials = Credentials::Password {
        username,
        password: SecretRef::Inline(password.into()),
    };
    watch_as(lab, Arc::new(config), None, polls, step, None).await
}

async fn watch_as(
    lab: &Lab,
    config: Arc<ArrayConfig>,
    sections: Option<Vec<Section>>,
    polls: usize,
    step: u64,
    recorder: Option<Arc<Recorder>>,
) -> Watched {
    let slot = lab.store.add(config.clone(), ArrayFacts::default());
    let watch = Watch {
        store: &lab.store,
        sections: sections.unwrap_or_else(|| config.sections.clone()),
        slot: slot.clone(),
        polls,
        step,
    };
    let running = vendors::with_source(&config, &lab.trust, slot.logins(), recorder, watch);
    running.expect("a source").await
}

/// The page of each array of a recording.
pub(super) async fn replayed(recording: &Path) -> Vec<String> {
    replay_of(recording)
        .await
        .into_iter()
        .map(|watched| watched.page)
        .collect()
}

/// The fields that are counted in the answers of a recording.
pub(super) async fn counted(recording: &Path) -> BTreeSet<&'static str> {
    let reports = replay_of(recording)
        .await
        .into_iter()
        .flat_map(|watched| watched.reports);
    let mut counted = BTreeSet::new();
    for (_, report) in reports {
        counted.extend(report.unknown_values.iter().map(|(field, _)| field));
    }
    counted
}

/// Each array of a recording, by an exporter whose clock is moved to when it was made.
async fn replay_of(recording: &Path) -> Vec<Watched> {
    // The clock is needed before the recording is open, so it is opened twice.
    let first = replay::replay(recording, &Options::default(), Clock::host()).await;
    let at: Timestamp = first.expect("a replay").recorded_at().expect("a time");
    let clock = Clock::following_tokio(at);
    let replay = replay::replay(recording, &Options::default(), clock)
        .await
        .expect("a replay");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    replay.write_config(&file).expect("a configuration");
    let none = std::iter::empty::<(OsString, OsString)>();
    let config = config::load(&file, none, vendors::ALL).expect("a valid configuration");
    let exporter = ExporterMetrics::new(clock.now()).expect("the exporter's metrics");
    exporter.describe(Shard::default()).expect("the exporter's metrics");
    let store = Store::new(clock, exporter);
    let trust = TrustStore::default();
    let mut pages = Vec::new();
    for array in config.arrays {
        let array = Arc::new(array);
        let slot = store.add(array.clone(), ArrayFacts::default());
        let watch = Watch {
            store: &store,
            sections: array.sections.clone(),
            slot: slot.clone(),
            polls: 1,
            step: 1,
        };
        let running = vendors::with_source(&array, &trust, slot.logins(), None, watch);
        pages.push(running.expect("a source").await);
    }
    pages
}

/// Labels that hold names, which a scrubbed recording makes up.
const NAMES: &[&str] = &[
    "array",
    "pair",
    "relationship",
    "relationship_id",
    "peer_system_id",
    "system_id",
    "system_name",
    "source_system",
    "source_object",
    "target_system",
    "target_object",
];
/// What is the exporter's own, or of the way there.
const NOT_OF_THE_ARRAY: &[&str] = &[
    "storage_poll_",
    "storage_login",
    "storage_array_tls_",
    "storage_array_up",
];

/// What the objectives of the configuration decide: a scrubbed recording leaves out those that are given by name.
const OF_OBJECTIVES: &[&str] = &["storage_replication_rpo_", "storage_replication_standing"];

/// Both pages have the same samples, but for made-up names where it is `scrubbed`, and for the moments between.
pub(super) fn assert_same_numbers(original: &str, again: &str, scrubbed: bool, vendor: Vendor) {
    let (mut left, mut right) = (samples(original, scrubbed), samples(again, scrubbed));
    assert!(left.len() > 100, "{vendor:?}: {}", left.len());
    left.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    right.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut wrong = Vec::new();
    if left.len() != right.len() {
        let series = |samples: &[(String, f64)]| {
            samples
                .iter()
                .map(|(series, _)| series.clone())
                .collect::<BTreeSet<_>>()
        };
        let (left, right) = (series(&left), series(&right));
        wrong.extend(left.symmetric_difference(&right).cloned());
        wrong.push(format!("{} and {} series", left.len(), right.len()));
    }
    for ((series, one), (_, other)) in left.iter().zip(&right) {
        // What grows, and what the exporter saw begin, is as far apart as the ends of two polls; what the array said of times
        // by moments; and numbers that are no times have to be the same.
        let grows = ["lag_seconds", "_since_timestamp_seconds", "breach_seconds"];
        let near = match series {
            _ if grows.iter().any(|family| series.contains(family)) => 120.0,
            _ if series.contains("_seconds") => 5.0,
            _ => 0.0,
        };
        if (one - other).abs() > near {
            wrong.push(format!("{series}: {one} and then {other}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{vendor:?}, scrubbed {scrubbed}:\n{}",
        wrong.join("\n")
    );
}

fn samples(page: &str, scrubbed: bool) -> Vec<(String, f64)> {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let lines = lines.filter(|line| !NOT_OF_THE_ARRAY.iter().any(|prefix| line.starts_with(prefix)));
    let lines = lines.filter(|line| !scrubbed || !OF_OBJECTIVES.iter().any(|prefix| line.starts_with(prefix)));
    lines
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').expect("a sample");
            let series = if scrubbed { nameless(series) } else { series.to_owned() };
            (series, value.parse().expect("a number"))
        })
        .collect()
}

/// The series with each label whose value is a name left empty.
fn nameless(series: &str) -> String {
    let (family, labels) = series.split_once('{').unwrap_or((series, ""));
    let kept: Vec<&str> = labels
        .trim_end_matches('}')
        .split("\",")
        .filter(|label| !NAMES.iter().any(|name| label.starts_with(&format!("{name}=\""))))
        .collect();
    format!("{family}{{{}}}", kept.join(","))
}
