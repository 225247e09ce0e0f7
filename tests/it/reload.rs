//! What a reload does to arrays that are polled: simulated clusters, a configuration on disk, and the daemon's own fleet.

use crate::lab::Watched;
use replication_exporter::{
    clock::Clock,
    fleet::{Candidate, ConfigSource, Fleet, Summary},
    metrics::{Exposition, Selection, exporter::ExporterMetrics},
    shard::Shard,
    simulator::Options,
    store::{self, Store},
};
use std::{fmt::Write as _, fs, sync::Arc, time::Duration};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const LOGIN: &str = "/v1/session/login";

/// A fleet over a configuration that the test writes.
struct Yard {
    simulation: Watched,
    store: Arc<Store>,
    fleet: Fleet,
    source: ConfigSource,
    tasks: TaskTracker,
    stop: CancellationToken,
    folder: tempfile::TempDir,
}

impl Yard {
    /// Polls the first `count` of four simulated clusters, each by user and password.
    async fn start(count: usize) -> Self {
        let options = Options {
            vendors: vec![replication_exporter::source::qumulo::VENDOR],
            arrays: 4,
            relationships: 4,
            ..Options::default()
        };
        let simulation = Watched::start(options, Clock::host()).await;
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("ca.pem"), simulation.ca_pem()).expect("written");
        for array in simulation.arrays() {
            let secret = folder.path().join(format!("{}.password", array.name()));
            fs::write(secret, &array.credentials().password).expect("written");
        }
        let exporter = ExporterMetrics::new(Clock::host().now()).expect("the exporter's metrics");
        let store = Arc::new(Store::new(Clock::host(), exporter));
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let fleet = Fleet::new(store.clone(), tasks.clone(), stop.clone());
        let mut yard = Self {
            source: ConfigSource {
                file: folder.path().join("config.toml"),
                environment: Vec::new(),
                shard: Shard::default(),
            },
            simulation,
            store,
            fleet,
            tasks,
            stop,
            folder,
        };
        tokio::spawn(store::run_ticker(yard.store.clone()));
        let arrays: Vec<usize> = (0..count).collect();
        yard.write(&arrays, |_| String::new());
        let candidate = yard.load();
        yard.fleet.start(candidate).await.expect("a fleet");
        for number in arrays {
            yard.until_polls(number, 1.0).await;
        }
        yard
    }

    fn name(&self, number: usize) -> &str {
        self.simulation.arrays()[number].name()
    }

    fn log_ins(&self, number: usize) -> u64 {
        self.simulation.arrays()[number].log().count("POST", LOGIN)
    }

    /// Writes a configuration of these arrays, each with lines of its own.
    fn write(&self, arrays: &[usize], extra: impl Fn(usize) -> String) {
        let mut text = "[poll]\ninterval = \"1s\"\ntimeout = \"900ms\"\nstale_after = \"60s\"\n".to_owned();
        for &number in arrays {
            let array = &self.simulation.arrays()[number];
            let credentials = array.credentials();
            write!(
                text,
                "[[qumulo]]\nname = \"{0}\"\nurl = \"{1}\"\nca_file = \"ca.pem\"\nusername = \"{2}\"\n\
                 password_file = \"{0}.password\"\n{3}\n",
                array.name(),
                array.url(),
                credentials.username,
                extra(number),
            )
            .expect("written");
        }
        fs::write(&self.source.file, text).expect("written");
    }

    fn load(&self) -> Candidate {
        self.source.load_whole().unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn reload(&mut self) -> Summary {
        let candidate = self.load();
        self.fleet.change_to(candidate).expect("a reload")
    }

    fn text(&self) -> String {
        let page = self.store.page(&Selection::All).expect("a page");
        String::from_utf8(page.segments.concat()).expect("UTF-8")
    }

    fn value(&self, series: &str) -> Option<f64> {
        let text = self.text();
        let line = text.lines().find(|line| line.starts_with(series))?;
        line.rsplit(' ').next()?.parse().ok()
    }

    fn polls(&self, number: usize) -> f64 {
        let name = self.name(number);
        let series = format!("storage_polls_total{{array=\"{name}\",section=\"restriper\"}}");
        self.value(&series).unwrap_or(-1.0)
    }

    fn lag_count(&self, number: usize) -> usize {
        let begin = format!("storage_replication_lag_seconds{{array=\"{}\"", self.name(number));
        self.text().lines().filter(|line| line.starts_with(&begin)).count()
    }

    /// Waits for the array's polls to reach a number.
    async fn until_polls(&self, number: usize, polls: f64) {
        let reached = async {
            while self.polls(number) < polls {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let within = Duration::from_mins(1);
        tokio::time::timeout(within, reached).await.expect("polls");
    }

    async fn end(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

#[tokio::test]
async fn a_reload_leaves_the_arrays_alone_that_did_not_change() {
    let mut yard = Yard::start(3).await;
    for number in 0..3 {
        assert_eq!(yard.log_ins(number), 1, "array {number}");
    }
    let polls: Vec<f64> = (0..3).map(|number| yard.polls(number)).collect();

    // Another address of the same cluster: a new conversation.
    let other = yard.simulation.arrays()[0].address().port();
    let before = yard.lag_count(0);
    assert!(before > 0, "there is something to keep");
    let text = fs::read_to_string(&yard.source.file).expect("a configuration");
    let moved = text.replace(
        &format!("https://127.0.0.1:{other}"),
        &format!("https://localhost:{other}"),
    );
    assert_ne!(text, moved);
    fs::write(&yard.source.file, moved).expect("written");
    let summary = yard.reload();
    assert_eq!((summary.replaced, summary.kept), (1, 2));
    assert_eq!(yard.lag_count(0), before, "facts stay until another system answers");
    assert_eq!(
        yard.polls(0).total_cmp(&0.0),
        std::cmp::Ordering::Equal,
        "a new task counts anew"
    );

    for (number, polls) in polls.into_iter().enumerate() {
        yard.until_polls(number, polls + 2.0).await;
    }
    assert_eq!(yard.log_ins(0), 2);
    assert_eq!((yard.log_ins(1), yard.log_ins(2)), (1, 1));
    for number in 1..3 {
        let logins = format!("storage_logins_total{{array=\"{}\"}}", yard.name(number));
        assert_eq!(yard.value(&logins), Some(1.0));
    }
    assert_eq!(yard.lag_count(0), before);
    yard.end().await;
}

#[tokio::test]
async fn settings_change_in_place_and_arrays_come_and_go() {
    let mut yard = Yard::start(3).await;
    let polls = yard.polls(0);
    let extra = |number| match number {
        0 => "interval = \"2s\"\nrpo = \"7m\"\nlabels = { site = \"x\" }".to_owned(),
        _ => String::new(),
    };
    yard.write(&[0, 1, 3], extra);
    let summary = yard.reload();
    assert_eq!(
        (summary.adjusted, summary.kept, summary.added, summary.removed),
        (1, 1, 1, 1)
    );
    let removed = format!("{{array=\"{}\"", yard.name(2));
    assert!(!yard.text().contains(&removed));
    assert_eq!(
        yard.polls(3).total_cmp(&0.0),
        std::cmp::Ordering::Equal,
        "added at once"
    );
    let interval = format!("storage_poll_interval_seconds{{array=\"{}\"}}", yard.name(0));
    assert_eq!(yard.value(&interval), Some(2.0));
    yard.until_polls(0, polls + 2.0).await;
    yard.until_polls(3, 1.0).await;
    assert_eq!((yard.log_ins(0), yard.log_ins(1)), (1, 1));
    yard.end().await;
}

#[tokio::test]
async fn what_cannot_be_loaded_changes_nothing_and_says_why() {
    let mut yard = Yard::start(1).await;
    let good = fs::read_to_string(&yard.source.file).expect("a configuration");
    fs::write(&yard.source.file, good.replace("interval", "intervall")).expect("written");
    let problems = yard.source.load_whole().expect_err("an unknown key").to_string();
    assert!(problems.contains("poll.intervall: unknown key"), "{problems}");

    fs::write(&yard.source.file, &good).expect("written");
    let known = yard.source.read().mark;
    let secret = yard.folder.path().join(format!("{}.password", yard.name(0)));
    fs::remove_file(&secret).expect("removed");
    let problems = yard.source.load_whole().expect_err("a secret is missing").to_string();
    assert!(problems.contains("qumulo[0].password_file"), "{problems}");
    assert_ne!(yard.source.read().mark, known, "a watched configuration is tried again");
    yard.fleet.not_changed("a key is unknown");
    let successful = "replication_exporter_config_last_reload_successful";
    assert_eq!(yard.value(&format!("{successful} ")), Some(0.0));
    let polls = yard.polls(0);
    yard.until_polls(0, polls + 1.0).await;

    fs::write(&secret, "another\n").expect("written");
    assert_eq!(yard.source.read().mark, known);
    assert_eq!(yard.reload().kept, 1);
    assert_eq!(yard.value(&format!("{successful} ")), Some(1.0));
    yard.end().await;
}

#[tokio::test]
async fn one_array_that_cannot_be_polled_keeps_all_the_others_as_they_were() {
    let mut yard = Yard::start(1).await;
    yard.write(&[1, 0], |_| "interval = \"2s\"".to_owned());
    let mut candidate = yard.load();
    let mut broken = (*candidate.arrays[0]).clone();
    broken.trust.server_name = Some("no name".to_owned());
    candidate.arrays[0] = Arc::new(broken);
    let error = yard.fleet.change_to(candidate).expect_err("no name");
    assert!(error.starts_with(&format!("array {}: ", yard.name(1))), "{error}");
    let interval = format!("storage_poll_interval_seconds{{array=\"{}\"}}", yard.name(0));
    assert_eq!(yard.value(&interval), Some(1.0));
    assert_eq!(yard.store.slots().len(), 1);
    yard.end().await;
}

#[tokio::test]
async fn what_was_checked_is_used_whatever_becomes_of_the_files() {
    let mut yard = Yard::start(1).await;
    yard.write(&[1, 0], |_| String::new());
    let candidate = yard.load();
    fs::remove_file(yard.folder.path().join("ca.pem")).expect("removed");
    assert_eq!(yard.fleet.change_to(candidate).expect("a reload").added, 1);
    yard.until_polls(1, 1.0).await;
    yard.end().await;
}

#[tokio::test]
async fn an_array_that_was_left_out_by_mistake_has_its_facts_again_at_once() {
    let mut yard = Yard::start(2).await;
    let before = yard.lag_count(1);
    assert!(before > 0, "there is something to keep");
    yard.write(&[0], |_| String::new());
    assert_eq!(yard.reload().removed, 1);
    assert_eq!(yard.lag_count(1), 0);
    yard.write(&[0, 1], |_| String::new());
    let candidate = yard.load();
    fs::remove_file(yard.folder.path().join(format!("{}.password", yard.name(1)))).expect("removed");
    assert_eq!(yard.fleet.change_to(candidate).expect("a reload").added, 1);
    assert_eq!(yard.lag_count(1), before, "before it was asked");
    yard.end().await;
}

#[tokio::test]
async fn a_reload_that_would_leave_no_array_is_refused() {
    let mut yard = Yard::start(1).await;
    fs::write(&yard.source.file, "").expect("emptied");
    let candidate = yard.load();
    let error = yard.fleet.change_to(candidate).expect_err("no array");
    assert!(error.contains("has no array"), "{error}");
    assert_eq!(yard.store.slots().len(), 1);
    yard.end().await;
}

#[tokio::test]
async fn arrays_of_other_shards_have_no_series() {
    let mut yard = Yard::start(4).await;
    let mut seen = 0;
    for index in 0..3 {
        yard.source.shard = Shard::new(Some(index), std::num::NonZeroU32::new(3), None).expect("a shard");
        let owned: Vec<String> = (0..4)
            .map(|number| yard.name(number).to_owned())
            .filter(|name| yard.source.shard.owns(name))
            .collect();
        yard.reload();
        seen += owned.len();
        let slots = yard.store.slots();
        let names: Vec<String> = slots.iter().map(|slot| slot.name().to_string()).collect();
        let mut owned = owned;
        owned.sort();
        assert_eq!(names, owned);
        assert_eq!(yard.value("replication_exporter_arrays_configured "), Some(4.0));
        let assigned = yard.value("replication_exporter_arrays_assigned ");
        assert_eq!(assigned.map(|count| count.to_string()), Some(owned.len().to_string()));
    }
    assert_eq!(seen, 4);
    yard.end().await;
}
