//! `once --record`, and `simulate --replay` of what it wrote.

use crate::scene::{Scene, run, text};
use base64::{Engine, engine::general_purpose::STANDARD};
use replication_exporter::{
    clock::Clock,
    simulator::{FaultKind, Options, replay},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Every file below a folder, with its path.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let content = fs::read_to_string(&path).expect("text");
            found.push((path, content));
        }
    }
    found
}

/// The samples of relationships, but for what goes on with time: the replay is asked later. The conformance test moves the
/// clock, and compares all.
fn relationships(exposition: &str) -> Vec<&str> {
    let moving = [
        "blackout{",
        "rpo_exempt{",
        "standing{",
        "lag_seconds{",
        "counted_lag_seconds{",
        "no_recovery_point_since_timestamp_seconds{",
        "standing_since_timestamp_seconds{",
        "health_since_timestamp_seconds{",
        "rpo_breach_seconds_total{",
    ];
    let samples = exposition
        .lines()
        .filter(|line| line.starts_with("storage_replication_"));
    samples
        .filter(|line| {
            !moving
                .iter()
                .any(|family| line.starts_with(&format!("storage_replication_{family}")))
        })
        .collect()
}

async fn replayed(recording: &Path) -> String {
    let replay = replay::replay(recording, &Options::default(), Clock::host())
        .await
        .expect("a replay");
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("config.toml");
    replay.write_config(&config).expect("a configuration");
    let output = run(&config, &["once"]).await;
    let said = text(output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    text(output.stdout)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_recording_gives_the_same_relationships() {
    let scene = Scene::of(replication_exporter::source::vendors::ALL.to_vec()).await;
    let folder = scene.path("recording");
    let output = scene.run(&["once", "--record", &folder.to_string_lossy()]).await;
    assert_eq!(output.status.code(), Some(0));
    let original = text(output.stdout);
    let again = replayed(&folder).await;
    for array in ["nyc-prod", "sfo-dr", "k2-ams", "k2-fra", "em1"] {
        let label = format!("storage_replication_lag_seconds{{array=\"{array}\"");
        assert!(again.contains(&label), "{array} is in the recording");
    }
    let (original, again) = (relationships(&original), relationships(&again));
    assert!(original.len() > 300, "{}", original.len());
    assert_eq!(original, again);

    let output = scene.run(&["once", "--record", &folder.to_string_lossy()]).await;
    assert_eq!(output.status.code(), Some(2), "a recording is never mixed with another");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_failure_fails_for_the_same_reason() {
    let scene = Scene::start().await;
    let forbidden = FaultKind::Forbid("PRIVILEGE_CLUSTER_READ".to_owned());
    scene.simulation.set_fault("nyc-prod", forbidden);
    scene.simulation.set_fault("sfo-dr", FaultKind::Html);
    let folder = scene.path("recording");
    scene.run(&["once", "--record", &folder.to_string_lossy()]).await;
    let replay = replay::replay(&folder, &Options::default(), Clock::host())
        .await
        .expect("a replay");
    let config = scene.path("replay.toml");
    replay.write_config(&config).expect("a configuration");
    let output = run(&config, &["once"]).await;
    assert_eq!(output.status.code(), Some(1));
    let out = text(output.stdout);
    for failure in [
        r#"storage_poll_last_failure{array="nyc-prod",section="restriper",reason="forbidden"} 1"#,
        r#"storage_poll_last_failure{array="sfo-dr",section="system",reason="content_type"} 1"#,
    ] {
        assert!(out.contains(failure), "{failure}\n{out}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_a_recording_even_where_an_array_repeats_it() {
    let scene = Scene::start().await;
    let mut secrets = Vec::new();
    for array in scene.simulation.arrays() {
        let credentials = array.credentials();
        // The token is configured for one of the two, the password for the other; nobody can know what is not configured.
        let by_token = scene.path(&format!("{}.token", array.name())).exists();
        let token = credentials.token.clone().filter(|_| by_token);
        let configured = token.unwrap_or_else(|| credentials.password.clone());
        let echo = spellings(&configured);
        scene.simulation.set_fault(
            array.name(),
            FaultKind::Replace {
                from: r#""error_from_last_job":"""#.to_owned(),
                to: format!(
                    r#""error_from_last_job":"it was {}","access_key_id":"canary-by-key""#,
                    echo.join(" or ")
                ),
            },
        );
        secrets.push(configured);
    }
    secrets.push("canary-by-key".to_owned());
    for scrub in [false, true] {
        let folder = scene.path(&format!("recording-{scrub}"));
        let path = folder.to_string_lossy().into_owned();
        let mut arguments = vec!["once", "--record", &path];
        arguments.extend(scrub.then_some("--scrub"));
        assert_eq!(scene.run(&arguments).await.status.code(), Some(0));
        let files = files(&folder);
        assert!(
            files.iter().any(|(_, text)| text.contains("scrubbed")),
            "the canary was there"
        );
        for (path, text) in &files {
            for secret in &secrets {
                for spelling in spellings(secret) {
                    assert!(!text.contains(&spelling), "{} holds {spelling}", path.display());
                }
            }
            assert!(
                !text.contains("bearer_token") && !text.contains("session/login"),
                "{}",
                path.display()
            );
        }
    }
}

fn spellings(secret: &str) -> Vec<String> {
    let encoded = secret.bytes().fold(String::new(), |text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text + &char::from(byte).to_string()
        } else {
            format!("{text}%{byte:02X}")
        }
    });
    vec![secret.to_owned(), STANDARD.encode(secret), encoded]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrubbed_recording_holds_no_name_and_its_ends_still_meet() {
    let scene = Scene::start().await;
    let folder = scene.path("recording");
    let output = scene
        .run(&["once", "--record", &folder.to_string_lossy(), "--scrub"])
        .await;
    let original = text(output.stdout);
    let mut names: BTreeSet<String> = ["nyc-prod", "sfo-dr", "127.0.0.1", "monitor", "/home", "/scratch"]
        .map(str::to_owned)
        .into();
    names.extend(labels(&original, "relationship_id"));
    names.extend(labels(&original, "system_id"));
    names.extend(
        labels(&original, "source_object")
            .into_iter()
            .filter(|path| path.len() > 1),
    );
    assert!(names.len() > 20, "{names:?}");
    for (path, text) in files(&folder) {
        for name in &names {
            assert!(!text.contains(name.as_str()), "{} holds {name}", path.display());
            assert!(
                !path
                    .strip_prefix(&folder)
                    .expect("below")
                    .to_string_lossy()
                    .contains(name.as_str())
            );
        }
    }
    let again = replayed(&folder).await;
    assert_eq!(ends(&original), ends(&again), "as many pairs have one end, or two");
    let words = |text: &str| {
        let states = relationships(text)
            .into_iter()
            .filter(|line| line.starts_with("storage_replication_state{"));
        let words = states.filter_map(|line| line.split("state=\"").nth(1).map(str::to_owned));
        let mut words: Vec<String> = words.collect();
        words.sort();
        words
    };
    assert_eq!(words(&original), words(&again));
}

/// Every value of a label.
fn labels(exposition: &str, label: &str) -> BTreeSet<String> {
    let start = format!(",{label}=\"");
    let values = exposition
        .lines()
        .filter_map(|line| line.split(&start).nth(1)?.split('"').next());
    values.map(str::to_owned).collect()
}

/// How many pairs have how many ends.
fn ends(exposition: &str) -> BTreeMap<usize, usize> {
    let mut pairs: BTreeMap<&str, usize> = BTreeMap::new();
    for line in exposition
        .lines()
        .filter(|line| line.starts_with("storage_replication_relationship_info{"))
    {
        let pair = line.split("pair=\"").nth(1).and_then(|rest| rest.split('"').next());
        *pairs.entry(pair.expect("a pair")).or_default() += 1;
    }
    let mut ends = BTreeMap::new();
    for count in pairs.into_values() {
        *ends.entry(count).or_default() += 1;
    }
    ends
}

#[tokio::test]
async fn a_recording_names_files_of_its_own_folder_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let array = folder.path().join("a");
    fs::create_dir(&array).expect("a folder");
    fs::write(folder.path().join("outside.json"), "{}").expect("written");
    let manifest = r#"{"name":"a","vendor":"qumulo","exporter":"0","by_token":true,"sections":[],"requests":[
        {"method":"GET","path":"/x","status":200,"body":"../outside.json"}]}"#;
    fs::write(array.join("array.json"), manifest).expect("written");
    let replay = replay::replay(folder.path(), &Options::default(), Clock::host()).await;
    let message = replay.err().expect("refused").to_string();
    assert!(message.contains("is not a file of this folder"), "{message}");
}
