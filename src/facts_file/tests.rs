//! Tests of what outlives a restart, and of who writes it when.

use super::*;
use crate::{
    model::{Condition, Field, Health, Section, SectionReport, Standing, SystemReport, Voice},
    source::{qumulo, veeam},
    store::tests::{START, array, at, listing, ok, poll, relationship, store},
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const RECOVERY_POINT: f64 = 1_799_999_000.123_456_7;

struct Bench {
    folder: tempfile::TempDir,
    store: Arc<Store>,
    departed: Arc<Departed>,
    stop: CancellationToken,
}

impl Bench {
    fn new() -> Self {
        let store = store();
        store.exporter().keep_state_file();
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            store: Arc::new(store),
            departed: Arc::default(),
            stop: CancellationToken::new(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("facts.json")
    }

    /// An exporter that keeps this store's facts.
    fn keep(&self) -> tokio::task::JoinHandle<()> {
        let (keeper, _) = open(self.path(), self.store.clone(), self.departed.clone());
        tokio::spawn(keeper.keep(self.stop.clone()))
    }

    fn document(&self) -> Document {
        parse(&fs::read(self.path()).expect("a file")).expect("a document")
    }

    /// Whether the file is another one after this time.
    async fn is_written_within(&self, seconds: u64) -> bool {
        let inode = || {
            use std::os::unix::fs::MetadataExt;
            fs::metadata(self.path()).map(|it| (it.ino(), it.mtime_nsec())).ok()
        };
        let before = inode();
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        inode() != before
    }
}

fn heard(id: &str) -> crate::source::Poll {
    poll(vec![listing(vec![relationship(id, RECOVERY_POINT)])])
}

fn system(id: &str) -> crate::source::SectionOutcome {
    let report = SectionReport {
        system: Some(SystemReport {
            id: Field::Is(id.into()),
            ..SystemReport::default()
        }),
        ..SectionReport::default()
    };
    ok(Section::SYSTEM, report)
}

#[tokio::test(start_paused = true)]
async fn facts_come_back_as_they_were() {
    let bench = Bench::new();
    let slot = bench.store.add(Arc::new(array("nyc")), ArrayFacts::default());
    slot.publish(heard("r"));
    let document = Document::of(&bench.store, &bench.departed);
    place::write(&bench.path(), &document.text().expect("JSON")).expect("written");
    let mut file = FileFacts::load(&bench.path(), true);
    let mut expected = slot.read(|state| state.facts.clone());
    for facts in expected.relationships.values_mut() {
        facts.condition = None;
    }
    assert_eq!(file.take("nyc", veeam::VENDOR), None, "of another vendor's array");
    assert_eq!(file.take("nyc", qumulo::VENDOR), Some(expected));
    assert_eq!(file.take("nyc", qumulo::VENDOR), None, "taken once");
}

#[tokio::test(start_paused = true)]
async fn the_time_between_two_runs_counts_by_what_was_true_before() {
    let bench = Bench::new();
    let slot = bench.store.add(Arc::new(array("nyc")), ArrayFacts::default());
    let mut paused = relationship("paused", START - 50.0);
    paused.readings.condition = Some(Condition::Decided(Health::Paused));
    let mut blackout = relationship("blackout", START - 50.0);
    blackout.readings.blackout = Some(true);
    blackout.readings.next_active = Some(at(START + 3600.0));
    let usual = relationship("usual", START - 50.0);
    slot.publish(poll(vec![listing(vec![paused, blackout, usual])]));
    let document = Document::of(&bench.store, &bench.departed);
    place::write(&bench.path(), &document.text().expect("JSON")).expect("written");
    let mut facts = FileFacts::load(&bench.path(), true)
        .take("nyc", qumulo::VENDOR)
        .expect("facts");
    let (later, config) = (at(START + 7200.0), array("nyc"));
    facts.judge(later, config.terms(), Voice::Exporter);
    let seen = facts.relationships.iter().map(|(key, known)| {
        let counted = known.counted_lag_seconds(facts.clocks(key.role, later), 30.0);
        (&*key.id, known.standing.0, counted.map(f64::round))
    });
    // Of the time since the last reading an interval of 30 s is left out.
    assert_eq!(
        seen.collect::<Vec<_>>(),
        [
            ("blackout", Standing::Behind, Some(3570.0)),
            ("paused", Standing::Stopped, Some(0.0)),
            ("usual", Standing::Behind, Some(7220.0)),
        ]
    );
}

#[test]
fn what_a_former_version_wrote_in_this_format_is_read() {
    // Never written anew: who cannot read it any longer needs another number, and has to say so in the changelog.
    let former = include_bytes!("../../tests/state/facts-3.json");
    let document = parse(former).expect("the format is the same");
    let facts = document.arrays.into_iter().map(|(name, stored)| {
        let vendor = crate::source::vendors::ALL
            .iter()
            .find(|vendor| vendor.name() == stored.vendor);
        (name, stored.into_facts(*vendor.expect("a vendor")).relationships.len())
    });
    let expected = [("em1", 3), ("k2-ams", 3), ("k2-fra", 3), ("nyc-prod", 4), ("sfo-dr", 3)];
    assert_eq!(
        facts.collect::<Vec<_>>(),
        expected.map(|(name, count)| (name.to_owned(), count))
    );
}

#[test]
fn a_damaged_or_foreign_file_is_moved_aside_by_who_may_write_it() {
    for content in ["{\"version\":1,\"arr", "{\"version\":99,\"arrays\":{}}"] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("facts.json");
        fs::write(&path, content).expect("written");
        assert!(FileFacts::load(&path, false).arrays.is_empty());
        assert!(path.exists(), "another process may be about to replace it");
        assert!(FileFacts::load(&path, true).arrays.is_empty());
        assert!(!path.exists());
        assert_eq!(fs::read_to_string(place::aside(&path)).expect("kept"), content);
    }
}

#[test]
fn a_missing_file_is_an_empty_one() {
    assert!(
        FileFacts::load(Path::new("/nonexistent/facts.json"), true)
            .arrays
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn polls_that_say_nothing_new_are_not_written() {
    let bench = Bench::new();
    let slot = bench.store.add(Arc::new(array("nyc")), ArrayFacts::default());
    slot.publish(heard("r"));
    let keeping = bench.keep();
    assert!(bench.is_written_within(3).await, "a start brings facts");
    for _ in 0..9 {
        slot.publish(heard("r"));
        slot.tick();
        assert!(!bench.is_written_within(30).await);
    }
    assert!(
        bench.is_written_within(60).await,
        "what moves is written every five minutes"
    );
    slot.publish(heard("another"));
    assert!(bench.is_written_within(11).await, "a fact is written soon");
    bench.stop.cancel();
    keeping.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn a_second_process_reads_waits_and_takes_over() {
    let (first, second) = (Bench::new(), Bench::new());
    let second = Bench {
        folder: first.folder,
        ..second
    };
    let path = second.path();
    for name in ["heard", "unheard"] {
        let slot = first.store.add(Arc::new(array(name)), ArrayFacts::default());
        slot.publish(heard("old"));
    }
    let (keeper, _) = open(path.clone(), first.store.clone(), first.departed.clone());
    let first_keeping = tokio::spawn(keeper.keep(first.stop.clone()));
    tokio::time::sleep(Duration::from_secs(3)).await;

    for name in ["heard", "unheard"] {
        second.store.add(Arc::new(array(name)), ArrayFacts::default());
    }
    let second_keeping = second.keep();
    let slot = |store: &Store, name: &str| {
        let found = store.slots().into_iter().find(|slot| slot.name().as_ref() == name);
        found.expect("a slot")
    };
    slot(&second.store, "heard").publish(heard("new"));
    assert!(!second.is_written_within(60).await, "the first one writes");
    let text = || String::from_utf8(second.store.exporter().text().to_vec()).expect("UTF-8");
    assert!(
        text().contains("replication_exporter_state_file_last_write_successful 0\n"),
        "{}",
        text()
    );

    first.stop.cancel();
    first_keeping.await.expect("no panic");
    assert!(second.is_written_within(11).await, "the first one is gone");
    assert!(text().contains("replication_exporter_state_file_last_write_successful 1\n"));
    let ids = |name: &str| {
        let stored = &second.document().arrays[name];
        stored
            .relationships
            .iter()
            .map(|it| it.1.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!((ids("heard"), ids("unheard")), (vec!["new".into()], vec!["old".into()]));
    slot(&second.store, "unheard").read(|state| assert_eq!(state.facts.relationships.len(), 1, "served too"));
    second.stop.cancel();
    second_keeping.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_fails_is_told_and_heals() {
    let bench = Bench::new();
    bench.store.add(Arc::new(array("nyc")), ArrayFacts::default());
    let path = bench.folder.path().join("later/facts.json");
    let (keeper, _) = open(path.clone(), bench.store.clone(), bench.departed.clone());
    let keeping = tokio::spawn(keeper.keep(bench.stop.clone()));
    tokio::time::sleep(Duration::from_secs(15)).await;
    let text = || String::from_utf8(bench.store.exporter().text().to_vec()).expect("UTF-8");
    assert!(text().contains("replication_exporter_state_file_last_write_successful 0\n"));
    fs::create_dir(bench.folder.path().join("later")).expect("a folder");
    tokio::time::sleep(Duration::from_secs(15)).await;
    assert!(text().contains("replication_exporter_state_file_last_write_successful 1\n"));
    assert!(path.exists());
    bench.stop.cancel();
    keeping.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn an_array_that_left_serves_again_at_its_address_for_seven_days() {
    let bench = Bench::new();
    let slot = bench.store.add(Arc::new(array("nyc")), ArrayFacts::default());
    slot.publish(heard("r"));
    let facts = slot.read(|state| state.facts.clone());
    bench.store.exchange(&["nyc".into()], vec![]);
    bench.departed.leave(&array("nyc"), &facts);
    tokio::time::sleep(Duration::from_hours(6 * 24)).await;
    let document = Document::of(&bench.store, &bench.departed);
    assert_eq!(document.departed.len(), 1);
    place::write(&bench.path(), &document.text().expect("JSON")).expect("written");
    // Another exporter, after a restart.
    let mut file = FileFacts::load(&bench.path(), false);
    assert_eq!(file.take("nyc", qumulo::VENDOR), None, "it is not configured");
    let departed = Departed::default();
    file.depart(&departed);
    let again = departed.at_address(&array("renamed")).expect("the same address");
    assert_eq!(again.relationships.len(), 1);
    let mut elsewhere = array("nyc");
    elsewhere.urls = vec!["https://other.example:8000".parse().expect("a URL")];
    assert_eq!(departed.at_address(&elsewhere), None);
    tokio::time::sleep(Duration::from_hours(25)).await;
    for departed in [&bench.departed, &departed] {
        assert_eq!(Document::of(&bench.store, departed).departed, []);
    }
}

#[tokio::test(start_paused = true)]
async fn an_array_that_left_serves_again_when_the_same_system_answers() {
    let bench = Bench::new();
    let slot = bench.store.add(Arc::new(array("nyc")), ArrayFacts::default());
    let mut said = heard("r");
    said.sections.push(system("s1"));
    slot.publish(said);
    bench
        .departed
        .leave(&array("nyc"), &slot.read(|state| state.facts.clone()));
    bench.store.exchange(&["nyc".into()], vec![]);
    for (id, relationships) in [("s2", 0), ("s1", 1)] {
        let slot = bench.store.add(Arc::new(array(id)), ArrayFacts::default());
        slot.may_be(bench.departed.by_system());
        slot.publish(poll(vec![system(id)]));
        slot.read(|state| assert_eq!(state.facts.relationships.len(), relationships, "{id}"));
    }
    assert_eq!(
        Document::of(&bench.store, &bench.departed).departed,
        [],
        "it is configured again"
    );
}
