//! A day of incidents, with every vendor: the simulator's arrays, the exporter's own parts and a clock that is moved by hand,
//! scraped once a minute. What comes out is judged here and written to target/tmp/day, where tests/dashboards needs it.

use crate::{
    kaminario::change,
    lab::Lab,
    qumulo::{Admin, relationship_id},
    tape::Tape,
};
use replication_exporter::{
    clock::Clock,
    metrics::Exposition,
    model::{Exemption, Pair, Scope, Timestamp},
    poller::Poller,
    simulator::{FaultKind, Options},
    source::{Source, vendors::Task},
    store::Slot,
};
use serde_json::json;
use std::{fs, path::Path, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

/// 2026-03-02, midnight UTC. A fixed day, so that every run tells the same story.
const BEGIN: u64 = 1_772_409_600;
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// Enough of each cast for every incident below.
const RELATIONSHIPS: usize = 6;
const ARRAYS: [&str; 5] = ["nyc-prod", "sfo-dr", "k2-ams", "k2-fra", "em1"];
const LAG: &str = "storage_replication_lag_seconds";

/// An array that is polled, and when it is to be polled next: both as the exporter's own poller has it.
struct Watched {
    polls: Polls,
    due: Instant,
}

/// Asks for the next poll, and is told when the one after it is due.
type Polls = mpsc::Sender<oneshot::Sender<Instant>>;

/// A poller that polls when it is asked to, because the clock is moved by hand.
struct ByHand {
    slot: Arc<Slot>,
    clock: Clock,
}

impl Task for ByHand {
    type Running = Watched;

    fn begin<S: Source + Sync>(self, make: impl Fn() -> S + Send + Sync + 'static) -> Watched {
        let (polls, mut asked) = mpsc::channel::<oneshot::Sender<Instant>>(1);
        let mut poller = Poller::new(self.slot.clone(), self.clock, make);
        let due = poller.first();
        tokio::spawn(async move {
            while let Some(answer) = asked.recv().await {
                let next = poller.poll_once().await;
                self.slot.schedule(next);
                let _ = answer.send(next);
            }
        });
        Watched { polls, due }
    }
}

impl Watched {
    async fn poll(&mut self) {
        let (answer, next) = oneshot::channel();
        self.polls.send(answer).await.expect("a poller");
        self.due = next.await.expect("a poll");
    }
}

/// Moves the clock to `until`, with every poll that is due before.
async fn pass(lab: &Lab, arrays: &mut [Watched], until: Instant) {
    while let Some(next) = arrays.iter_mut().min_by_key(|array| array.due)
        && next.due < until
    {
        lab.pass_duration(next.due.saturating_duration_since(Instant::now()))
            .await;
        next.poll().await;
    }
    lab.pass_duration(until.saturating_duration_since(Instant::now())).await;
}

/// What goes wrong, and what people do about it, at this second of the day.
async fn incidents(lab: &Lab, second: u64) {
    let world = &lab.simulation;
    match (second / HOUR, second / MINUTE % 60) {
        // The array suspended this session itself; somebody resumes it.
        (2, 0) => change(lab, "k2-ams", "6", "in_sync").await,
        // Each job of this relationship is cut off, for two hours.
        (3 | 4, _) => operate(lab, "nyc-prod", "home", "source", "abort-replication").await,
        // A drill.
        (7, 0) => operate(lab, "sfo-dr", "projects", "target", "make-writable").await,
        (8, 30) => operate(lab, "sfo-dr", "projects", "target", "reconnect").await,
        // A cluster is away, and with it the source of most.
        (10, 0) => world.set_fault("nyc-prod", FaultKind::Down),
        (11, 45) => world.clear_faults("nyc-prod"),
        // The manager answers, but knows nothing new.
        (13, 0) => world.set_fault("em1", FaultKind::NoCollect),
        (16, 0) => world.clear_faults("em1"),
        // The monitoring user's password was changed, and later: new firmware has another word.
        (17, 0) => world.set_fault("k2-fra", FaultKind::Auth),
        (19, 0) => world.set_fault("k2-ams", FaultKind::ClockSkew(45.0)),
        (19, 45) => world.clear_faults("k2-ams"),
        (22, 0) => {
            let (from, to) = ("\"in_sync\"".to_owned(), "\"in_limbo\"".to_owned());
            world.set_fault("k2-fra", FaultKind::Replace { from, to });
        }
        (18, 30) | (22, 20) => world.clear_faults("k2-fra"),
        _ => {}
    }
}

/// For six minutes Prometheus cannot reach the exporter.
fn is_scraped(second: u64) -> bool {
    !(21 * HOUR..21 * HOUR + 6 * MINUTE).contains(&second)
}

async fn operate(lab: &Lab, array: &str, share: &str, side: &str, operation: &str) {
    let id = relationship_id(lab, &home_of(share));
    let path = format!("/v2/replication/{side}-relationships/{id}/{operation}");
    Admin::of(lab, array).await.send("POST", &path).await;
}

/// The `relationship` label of a share.
fn home_of(share: &str) -> String {
    format!("nyc-prod:/{share}->sfo-dr:/replicas/{share}")
}

/// What the page says of every relationship at this moment, as a line of JSON.
fn verdicts(at: u64, pairs: &[Pair]) -> String {
    let said = pairs.iter().map(|pair| {
        let verdict = json!({
            "standing": pair.standing.word(),
            "stopped": pair.stopped.map(Exemption::word),
            "counted_lag_seconds": pair.counted_lag_seconds,
            "objective_seconds": pair.objective_seconds,
            "since": pair.since.map(Timestamp::unix_seconds),
        });
        (pair.lead().description.pair.clone(), verdict)
    });
    let said: serde_json::Map<_, _> = said.collect();
    json!({ "at": at, "pairs": said }).to_string()
}

/// The day as Prometheus gets it, and as the page has it each minute.
async fn live() -> (Tape, Vec<String>) {
    let options = Options {
        relationships: RELATIONSHIPS,
        ..Options::default()
    };
    let begin = Timestamp::from_unix_seconds(BEGIN as f64).expect("a time");
    let settings = "\n[poll]\ninterval = \"60s\"\n";
    let lab = Lab::start_at(begin, options, settings).await;
    let midnight = Instant::now();
    let mut arrays = ARRAYS.map(|name| lab.begin(name, |slot, clock| ByHand { slot, clock }));
    let (mut tape, mut page) = (Tape::default(), Vec::new());
    for second in (0..DAY).step_by(60) {
        let next = midnight + Duration::from_secs(second);
        pass(&lab, &mut arrays, next).await;
        incidents(&lab, second).await;
        if is_scraped(second) {
            // In the same instant: page and exposition are held against each other.
            tokio::time::pause();
            lab.store.slots().iter().for_each(|slot| slot.tick());
            tape.scraped(BEGIN + second, &lab.text());
            let overview = lab.store.overview(&Scope::All).expect("no array is asked for");
            page.push(verdicts(BEGIN + second, &overview.relationships));
            tokio::time::resume();
        } else {
            tape.missed(BEGIN + second);
        }
    }
    (tape, page)
}

/// The values between two hours of the day.
fn between(samples: &[(u64, f64)], from: f64, to: f64) -> Vec<f64> {
    let hours = |at: u64| (at - BEGIN) as f64 / HOUR as f64;
    samples
        .iter()
        .filter(|(at, _)| (from..to).contains(&hours(*at)))
        .map(|(_, value)| *value)
        .collect()
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

#[tokio::test]
async fn a_day_of_incidents_is_told_as_it_happened() {
    let (tape, page) = live().await;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("day");
    fs::create_dir_all(&folder).expect("a folder");
    tape.write(&folder.join("series.txt")).expect("written");
    fs::write(folder.join("verdicts.json"), page.join("\n")).expect("written");
    assert!(tape.series_count() > 1000, "{}", tape.series_count());

    let (home, projects) = (home_of("home"), home_of("projects"));
    let lag = tape.samples(LAG, &[("array", "nyc-prod"), ("relationship", &home)]);
    assert!(greatest(&between(&lag, 1.0, 3.0)) < 3600.0, "the quiet hours");
    assert!(
        greatest(&between(&lag, 3.0, 5.1)) > 2.0 * 3600.0,
        "no job ended in two hours"
    );
    assert!(greatest(&between(&lag, 5.5, 10.0)) < 3600.0, "and then they did");
    let failed = [
        ("array", "nyc-prod"),
        ("relationship", home.as_str()),
        ("result", "failed"),
    ];
    let failed = tape.samples("storage_replication_last_job_result", &failed);
    assert!(between(&failed, 3.5, 4.5).contains(&1.0));

    let writable = [("array", "sfo-dr"), ("relationship", projects.as_str())];
    let writable = tape.samples("storage_replication_target_writable", &writable);
    assert!(between(&writable, 7.5, 8.0).iter().all(|value| *value > 0.5));
    assert!(between(&writable, 9.0, 24.0).iter().all(|value| *value < 0.5));

    let health = [("array", "nyc-prod"), ("relationship", home.as_str()), ("health", "ok")];
    let health = tape.samples("storage_replication_health", &health);
    assert!(!between(&health, 9.0, 10.0).is_empty());
    assert_eq!(
        between(&health, 10.2, 11.7),
        [0.0; 0],
        "an array that is away says nothing"
    );
    let away = between(&lag, 10.1, 11.7);
    assert!(
        away.windows(2).all(|pair| pair[1] > pair[0]) && greatest(&away) > 3600.0,
        "{away:?}"
    );

    let at_risk = tape.samples("storage_protection_data_at_risk", &[("array", "sfo-dr")]);
    assert_eq!(between(&at_risk, 0.4, 0.6).first(), Some(&1.0));
    assert!(between(&at_risk, 1.0, 6.0).iter().all(|value| *value < 0.5));
    let reprotect = [("array", "sfo-dr"), ("phase", "reprotect")];
    let reprotect = tape.samples("storage_restriper_phase", &reprotect);
    assert!(between(&reprotect, 6.0, 7.0).contains(&1.0));

    let blackout = [
        ("array", "nyc-prod"),
        ("relationship", &*home_of("nightly")),
        ("reason", "blackout"),
    ];
    let blackout = tape.samples("storage_replication_rpo_exempt", &blackout);
    assert_eq!(between(&blackout, 0.1, 0.6).len(), 30);
    let suspended = [
        ("array", "k2-ams"),
        ("relationship", "far-away"),
        ("state", "suspended"),
    ];
    let suspended = tape.samples("storage_replication_state", &suspended);
    assert_eq!(between(&suspended, 1.0, 1.1).first(), Some(&1.0));
    assert_eq!(between(&suspended, 3.0, 3.1), [0.0; 0]);

    let unknown = [
        ("array", "k2-fra"),
        ("relationship", "remote_erp"),
        ("health", "unknown"),
    ];
    let unknown = tape.samples("storage_replication_health", &unknown);
    assert_eq!(between(&unknown, 22.1, 22.2).first(), Some(&1.0));

    let why = [("array", "k2-fra"), ("section", "replication"), ("reason", "auth")];
    assert!(!tape.samples("storage_poll_last_failure", &why).is_empty());
    let refused = [("array", "k2-fra"), ("section", "replication")];
    let refused = tape.samples("storage_poll_failures_total", &refused);
    let refused = greatest(&between(&refused, 17.0, 18.4)) - greatest(&between(&refused, 0.0, 16.9));
    assert!((2.0..=12.0).contains(&refused), "asked again, but seldom: {refused}");
    let copy = tape.samples("storage_array_data_timestamp_seconds", &[("array", "em1")]);
    assert!(
        BEGIN as f64 + 15.9 * 3600.0 - greatest(&between(&copy, 13.5, 15.9)) > 2.5 * 3600.0,
        "the manager's copy ages"
    );
    let expiry = "storage_array_tls_certificate_expiry_timestamp_seconds";
    for array in ARRAYS {
        assert!(!tape.samples(expiry, &[("array", array)]).is_empty(), "{array}");
    }
}
