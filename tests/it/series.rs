//! What arrays and relationships cost in series, as METRICS.md says it.

use crate::scene::{Scene, text};
use replication_exporter::{
    simulator::{self, Options},
    source::vendors,
};
use std::collections::BTreeMap;

const OF_AN_ARRAY: usize = 56;
const OF_AN_IDLE_VIEW: usize = 22;
const OF_A_RUNNING_VIEW: usize = 37;
/// What there is only while something is wrong: one series for each section that fails and each field that is not understood.
const OF_TROUBLE: [&str; 2] = ["storage_poll_last_failure{", "storage_unknown_value_fields_total{"];

/// What an array costs besides its relationships, without trouble, and how much trouble it has.
type Arrays = BTreeMap<String, (usize, usize)>;

/// Counts a page, and checks what the views cost.
fn counted(page: &str) -> Arrays {
    let mut arrays = Arrays::new();
    let mut views = BTreeMap::<(&str, &str, &str), (usize, bool)>::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let label = |name: &str| line.split(&format!("{name}=\"")).nth(1)?.split('"').next();
        let array = label("{array").expect("an array");
        if let (Some(pair), Some(role)) = (label(",pair"), label(",role")) {
            let (count, runs) = views.entry((array, pair, role)).or_default();
            *count += 1;
            *runs |= line.starts_with("storage_replication_job_running{") && line.ends_with(" 1");
            continue;
        }
        let (count, trouble) = arrays.entry(array.to_owned()).or_default();
        if OF_TROUBLE.iter().any(|family| line.starts_with(family)) {
            *trouble += 1;
        } else {
            *count += 1;
        }
    }
    for (view, (count, runs)) in &views {
        let limit = if *runs { OF_A_RUNNING_VIEW } else { OF_AN_IDLE_VIEW };
        assert!(*count <= limit, "{view:?}: {count}");
    }
    let running = views.values().filter(|(_, runs)| *runs).count();
    assert!(running > 0 && running < views.len(), "{views:?}");
    for (array, (count, _)) in &arrays {
        assert!(*count <= OF_AN_ARRAY, "{array}: {count}");
    }
    assert_eq!(arrays.len(), 5, "{arrays:?}");
    arrays
}

/// Everything at once: the restriper runs, data is at risk, and what `fault` makes of it.
async fn of_a_bad_day(fault: &str) -> Arrays {
    let scene = Scene::with(Options {
        scenario: simulator::scenario("data-at-risk").expect("a scenario"),
        faults: vec![fault.parse().expect("a fault")],
        ..Options::default()
    })
    .await;
    counted(&text(scene.run(&["once"]).await.stdout))
}

#[tokio::test(flavor = "multi_thread")]
async fn arrays_and_relationships_cost_no_more_series_than_is_written() {
    let scene = Scene::of(vendors::ALL.to_vec()).await;
    let arrays = counted(&text(scene.run(&["once"]).await.stdout));
    assert!(arrays.values().any(|(_, trouble)| *trouble == 0), "{arrays:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_array_in_trouble_costs_a_series_more_for_each_section_that_fails_and_each_field_that_is_unknown() {
    let arrays = of_a_bad_day("forbid=PRIVILEGE_REPLICATION_OBJECT_READ").await;
    assert_eq!(arrays["sfo-dr"].1, 1, "{arrays:?}");
    // `once` has no next poll, and the section that fails never succeeded.
    assert_eq!(arrays["sfo-dr"].0, OF_AN_ARRAY - 2, "{arrays:?}");
    let arrays = of_a_bad_day("unknown-words").await;
    assert!(arrays["sfo-dr"].1 > 0, "{arrays:?}");
}
