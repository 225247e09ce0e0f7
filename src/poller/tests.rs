//! Tests of the poller against a source that does as it is told, on a paused clock.

use super::*;
use crate::{
    model::{ArrayFacts, Timestamp},
    source::Reason,
    store::{
        Store, run_ticker,
        tests::{array, listing, poll, relationship, store, store_by, value},
    },
};
use std::sync::Mutex;

/// The wall time at the start of every test.
const START: f64 = 1_800_000_000.0;

/// What a poll does.
#[derive(Clone, Copy, Debug)]
enum Act {
    Succeed,
    Fail(Reason),
    Panic,
    Hang,
    Take(Duration),
    /// Fails between these two moments.
    Outage(Instant, Instant),
}

/// What happens at each poll, the last one for ever, and when polls began.
#[derive(Debug)]
struct Script {
    acts: Mutex<Vec<Act>>,
    began: Mutex<Vec<Instant>>,
    made: Mutex<u32>,
    closed: Mutex<u32>,
    changed: Mutex<bool>,
}

struct Scripted(Arc<Script>);

impl Source for Scripted {
    async fn poll(&mut self, context: &PollContext) -> Poll {
        self.0.began.lock().unwrap().push(Instant::now());
        let act = {
            let mut acts = self.0.acts.lock().unwrap();
            if acts.len() > 1 { acts.remove(0) } else { acts[0] }
        };
        match act {
            Act::Fail(reason) => {
                return Poll::failed(&context.sections, Duration::ZERO, &Error::new(reason, "as told"));
            }
            Act::Panic => panic!("as told"),
            Act::Hang => std::future::pending().await,
            Act::Take(time) => tokio::time::sleep(time).await,
            Act::Outage(from, until) if (from..until).contains(&Instant::now()) => {
                let error = Error::new(Reason::Connect, "as told");
                return Poll::failed(&context.sections, Duration::ZERO, &error);
            }
            Act::Succeed | Act::Outage(..) => {}
        }
        poll(vec![listing(vec![relationship("r", START)])])
    }

    async fn credentials_changed(&self) -> bool {
        *self.0.changed.lock().unwrap()
    }

    async fn close(self) {
        *self.0.closed.lock().unwrap() += 1;
    }
}

struct Running {
    store: Arc<Store>,
    script: Arc<Script>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

fn start(acts: Vec<Act>) -> Running {
    start_in(&ticking(store()), "nyc", acts)
}

fn ticking(store: Store) -> Arc<Store> {
    let store = Arc::new(store);
    tokio::spawn(run_ticker(store.clone()));
    store
}

fn start_in(store: &Arc<Store>, name: &str, acts: Vec<Act>) -> Running {
    let slot = store.add(Arc::new(array(name)), ArrayFacts::default());
    let script = Arc::new(Script {
        acts: Mutex::new(acts),
        began: Mutex::default(),
        made: Mutex::default(),
        closed: Mutex::default(),
        changed: Mutex::default(),
    });
    let stop = CancellationToken::new();
    let maker = script.clone();
    let make = move || {
        *maker.made.lock().unwrap() += 1;
        Scripted(maker.clone())
    };
    let task = tokio::spawn(run(slot, store.clock(), make, stop.clone()));
    Running {
        store: store.clone(),
        script,
        stop,
        task,
    }
}

impl Running {
    async fn after(&self, seconds: u64) -> usize {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        self.script.began.lock().unwrap().len()
    }

    fn gaps(&self) -> Vec<f64> {
        let began = self.script.began.lock().unwrap();
        began.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn polls_keep_their_pace() {
    let running = start(vec![Act::Take(Duration::from_secs(7))]);
    assert_eq!(running.after(600).await, 20);
    assert!(
        running.gaps().iter().all(|gap| (gap - 30.0).abs() < 0.1),
        "{:?}",
        running.gaps()
    );
    assert_eq!(value(&running.store, "storage_poll_overruns_total"), Some(0.0));
}

#[tokio::test(start_paused = true)]
async fn a_poll_longer_than_its_interval_skips_ticks_and_is_never_doubled() {
    let running = start(vec![Act::Take(Duration::from_secs(40))]);
    running.after(600).await;
    assert!(
        running.gaps().iter().all(|gap| (gap - 60.0).abs() < 0.1),
        "{:?}",
        running.gaps()
    );
    let overruns = value(&running.store, "storage_poll_overruns_total").expect("a sample");
    assert!((9.0..=10.0).contains(&overruns), "{overruns}");
}

#[tokio::test(start_paused = true)]
async fn a_failing_array_costs_less_and_not_more() {
    let running = start(vec![Act::Fail(Reason::Connect)]);
    let polls = running.after(3600).await;
    assert!(polls < 20, "{polls} polls in an hour");
    let gaps = running.gaps();
    assert!(
        (gaps[0] - 30.0).abs() < 0.1,
        "the first failure is retried at the next tick: {gaps:?}"
    );
    assert!(
        gaps.iter().all(|gap| *gap <= 331.0),
        "it is found again within minutes: {gaps:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_refused_log_in_is_not_repeated_for_fifteen_minutes() {
    let running = start(vec![Act::Fail(Reason::Auth)]);
    assert_eq!(running.after(15 * 60).await, 1);
    assert_eq!(running.after(3 * 60).await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_changed_secret_ends_the_wait_after_a_refused_log_in() {
    let running = start(vec![Act::Fail(Reason::Auth), Act::Succeed]);
    assert_eq!(running.after(120).await, 1);
    *running.script.changed.lock().unwrap() = true;
    assert!(running.after(60).await >= 2);
    assert_eq!(value(&running.store, "storage_array_up"), Some(1.0));
}

#[tokio::test(start_paused = true)]
async fn a_changed_interval_counts_at_once_and_makes_no_new_source() {
    let running = start(vec![Act::Succeed]);
    running.after(3600).await;
    let slot = running.store.slots().remove(0);
    let with_interval = |seconds| {
        let mut config = array("nyc");
        config.polling.interval = Duration::from_secs(seconds);
        slot.reconfigure(Arc::new(config));
    };
    with_interval(86_400);
    let before = running.after(0).await;
    assert_eq!(running.after(7200).await, before, "a longer interval");
    with_interval(10);
    let soon = running.after(10).await;
    assert_eq!(
        soon,
        before + 1,
        "what is overdue by a shorter interval is polled within a start's offset"
    );
    assert_eq!(running.after(100).await, soon + 10);
    assert_eq!(*running.script.made.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_changes_does_not_keep_an_array_from_being_polled() {
    let running = start(vec![Act::Succeed]);
    let slot = running.store.slots().remove(0);
    for second in 0..300 {
        let mut config = array("nyc");
        config.polling.interval = Duration::from_secs(20 + second % 2);
        slot.reconfigure(Arc::new(config));
        running.after(1).await;
    }
    let polls = running.after(0).await;
    assert!((13..=16).contains(&polls), "{polls}");
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failed_poll_and_the_source_is_made_anew() {
    let running = start(vec![Act::Panic, Act::Succeed]);
    running.after(20).await;
    assert_eq!(value(&running.store, "storage_array_up"), Some(0.0));
    let internal = "storage_poll_last_failure{array=\"nyc\",section=\"restriper\",reason=\"internal\"}";
    assert_eq!(value(&running.store, internal), Some(1.0));
    running.after(30).await;
    assert_eq!(value(&running.store, "storage_array_up"), Some(1.0));
    assert_eq!(*running.script.made.lock().unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_panic_at_every_poll_costs_less_and_less_and_another_array_nothing() {
    let store = ticking(store());
    let panics = start_in(&store, "nyc", vec![Act::Succeed, Act::Panic]);
    let calm = start_in(&store, "sfo", vec![Act::Succeed]);
    assert_eq!((panics.after(20).await, calm.after(0).await), (1, 1));
    let polls = panics.after(3600).await;
    assert!((10..20).contains(&polls), "{polls} polls in an hour");
    assert_eq!(
        *panics.script.made.lock().unwrap() as usize,
        polls,
        "made anew after each"
    );
    let of_nyc = |family: &str, labels: &str| value(&store, &format!("{family}{{array=\"nyc\"{labels}"));
    assert_eq!(of_nyc("storage_array_up", ""), Some(0.0));
    let failures = of_nyc("storage_poll_failures_total", ",section=\"restriper\"");
    assert_eq!(failures, Some(polls as f64 - 1.0), "each is counted");
    let lag = of_nyc("storage_replication_lag_seconds", "").expect("a sample");
    assert!((lag - 3620.0).abs() <= 15.0, "{lag}");
    assert!(calm.after(0).await >= 120, "at its pace");
    assert_eq!(value(&store, "storage_array_up{array=\"sfo\"}"), Some(1.0));
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_never_returns_lets_readings_expire_and_lag_grow() {
    let running = start(vec![Act::Succeed, Act::Hang]);
    running.after(20).await;
    assert_eq!(value(&running.store, "storage_array_up"), Some(1.0));
    running.after(200).await;
    assert_eq!(value(&running.store, "storage_array_up"), Some(0.0));
    assert_eq!(
        value(
            &running.store,
            "storage_replication_state{array=\"nyc\",pair=\"r\",relationship=\"a:/r->b:/r\",role=\"source\",state=\"established\"}"
        ),
        None
    );
    let lag = value(&running.store, "storage_replication_lag_seconds").expect("a sample");
    assert!((lag - 220.0).abs() <= 15.0, "{lag}");
}

#[tokio::test(start_paused = true)]
async fn stopping_in_mid_poll_ends_the_session() {
    let running = start(vec![Act::Hang]);
    running.after(20).await;
    running.stop.cancel();
    running.task.await.expect("the poller ends");
    assert_eq!(*running.script.closed.lock().unwrap(), 1);
}

#[test]
fn start_offsets_are_spread_and_the_same_at_every_start() {
    let interval = Duration::from_mins(1);
    let offsets: Vec<f64> = (0..1000)
        .map(|number| start_offset(&format!("array-{number}"), interval).as_secs_f64())
        .collect();
    assert!(offsets.iter().all(|offset| (0.0..15.0).contains(offset)));
    for second in 0..15 {
        let range = f64::from(second)..f64::from(second + 1);
        let in_this_second = offsets.iter().filter(|offset| range.contains(offset)).count();
        assert!(
            in_this_second < 3 * 1000 / 15,
            "{in_this_second} start in second {second}"
        );
    }
    assert_eq!(start_offset("nyc", interval), start_offset("nyc", interval));
    assert!(start_offset("nyc", Duration::from_secs(2)) < Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn the_next_poll_is_told_and_lies_far_ahead_in_back_off() {
    let began = Instant::now();
    let running = start(vec![Act::Succeed, Act::Fail(Reason::Connect)]);
    let ahead = || {
        let next = value(&running.store, "storage_poll_next_timestamp_seconds").expect("a sample");
        next - START - began.elapsed().as_secs_f64()
    };
    running.after(1).await;
    assert!((0.0..=30.0).contains(&ahead()), "{}", ahead());
    running.after(19).await;
    let polled = (running.script.began.lock().unwrap()[0] - began).as_secs_f64();
    assert!((ahead() + 20.0 - polled - 30.0).abs() < 0.1, "{}", ahead());
    running.after(600).await;
    let polled = *running.script.began.lock().unwrap().last().expect("polls");
    assert!(ahead() + polled.elapsed().as_secs_f64() > 60.0, "asked less often");
}

/// How many of a thousand arrays are asked in each of so many seconds, when all fail as `outage` says.
async fn polls_per_second(length: u64, outage: Act) -> Vec<u32> {
    let began = Instant::now();
    let mut fleet = Vec::new();
    for number in 0..1000 {
        let store = store();
        let slot = store.add(Arc::new(array(&format!("array-{number}"))), ArrayFacts::default());
        let script = Arc::new(Script {
            acts: Mutex::new(vec![outage]),
            began: Mutex::default(),
            made: Mutex::default(),
            closed: Mutex::default(),
            changed: Mutex::default(),
        });
        let source = script.clone();
        let task = run(
            slot,
            store.clock(),
            move || Scripted(source.clone()),
            CancellationToken::new(),
        );
        fleet.push((script, tokio::spawn(task)));
    }
    tokio::time::sleep(Duration::from_secs(length)).await;
    let mut seconds = vec![0; usize::try_from(length).expect("a length") + 1];
    for (script, task) in fleet {
        task.abort();
        for poll in script.began.lock().unwrap().iter() {
            let second = usize::try_from((*poll - began).as_secs()).expect("a second");
            seconds[second] += 1;
        }
    }
    seconds
}

#[tokio::test(start_paused = true)]
async fn a_thousand_arrays_that_fail_and_come_back_together_are_never_asked_all_at_once() {
    let now = Instant::now();
    let healthy = polls_per_second(90, Act::Outage(now, now)).await;
    let most = healthy.iter().max().copied().expect("seconds");
    let now = Instant::now();
    let minutes = |minutes: u64| now + Duration::from_secs(minutes * 60);
    let outage = polls_per_second(1500, Act::Outage(minutes(2), minutes(14))).await;
    assert!(outage.iter().all(|polls| *polls <= 2 * most), "{most}: {outage:?}");
    // In a minute, healthy ones are asked twice.
    let in_a_minute = |from: usize| outage[from..from + 60].iter().sum::<u32>();
    assert!(in_a_minute(780) < 1000, "{}: an outage costs less", in_a_minute(780));
    assert!(
        in_a_minute(1440) > 1900,
        "{}: all are back at their pace",
        in_a_minute(1440)
    );
}

#[tokio::test(start_paused = true)]
async fn a_jump_of_the_hosts_clock_changes_no_pace_and_expires_nothing() {
    for jump in [-86_400.0, -30.0, 30.0, 86_400.0] {
        let at = Instant::now() + Duration::from_mins(5);
        let start = Timestamp::from_unix_seconds(START).expect("a time");
        let running = start_in(
            &ticking(store_by(Clock::jumping(start, at, jump))),
            "nyc",
            vec![Act::Succeed],
        );
        assert_eq!(running.after(600).await, 20, "{jump}");
        assert!(
            running.gaps().iter().all(|gap| (gap - 30.0).abs() < 0.1),
            "{jump}: {:?}",
            running.gaps()
        );
        assert_eq!(value(&running.store, "storage_array_up"), Some(1.0), "{jump}");
        assert_eq!(
            value(&running.store, "storage_poll_overruns_total"),
            Some(0.0),
            "{jump}"
        );
        running.stop.cancel();
    }
}
