//! What arrays and relationships cost in series, as METRICS.md says it.

use crate::scene::{Scene, text};
use replication_exporter::source::vendors;
use std::collections::BTreeMap;

const OF_AN_ARRAY: usize = 56;
const OF_AN_IDLE_VIEW: usize = 22;
const OF_A_RUNNING_VIEW: usize = 37;

#[tokio::test(flavor = "multi_thread")]
async fn arrays_and_relationships_cost_no_more_series_than_is_written() {
    let scene = Scene::of(vendors::ALL.to_vec()).await;
    let out = text(scene.run(&["once"]).await.stdout);
    let (mut arrays, mut views) = (
        BTreeMap::<&str, usize>::new(),
        BTreeMap::<(&str, &str, &str), (usize, bool)>::new(),
    );
    for line in out.lines().filter(|line| !line.starts_with('#')) {
        let label = |name: &str| line.split(&format!("{name}=\"")).nth(1)?.split('"').next();
        let array = label("{array").expect("an array");
        match (label(",pair"), label(",role")) {
            (Some(pair), Some(role)) => {
                let (count, runs) = views.entry((array, pair, role)).or_default();
                *count += 1;
                *runs |= line.starts_with("storage_replication_job_running{") && line.ends_with(" 1");
            }
            _ => *arrays.entry(array).or_default() += 1,
        }
    }
    for (array, count) in &arrays {
        assert!(*count <= OF_AN_ARRAY, "{array}: {count}");
    }
    for (view, (count, runs)) in &views {
        let limit = if *runs { OF_A_RUNNING_VIEW } else { OF_AN_IDLE_VIEW };
        assert!(*count <= limit, "{view:?}: {count}");
    }
    let running = views.values().filter(|(_, runs)| *runs).count();
    assert!(
        arrays.len() == 5 && running > 0 && running < views.len(),
        "{arrays:?} {views:?}"
    );
}
