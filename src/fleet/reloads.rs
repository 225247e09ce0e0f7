//! Does reloads, one at a time, and asks for them by itself where the configuration is watched. Called by `app`.

use super::{Candidate, ConfigSource, Fleet, candidate::Reading};
use crate::{
    reload::{Outcome, Requests, Trigger},
    systemd,
};
use std::time::Duration;

/// The files are not read more often than this, whatever is asked for.
const LEAST_WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// The configuration or a secret may be on a network file system that hangs; later reloads must not hang with it.
const LOAD_TIMEOUT: Duration = Duration::from_secs(30);

/// The time between two readings that must agree.
const SETTLING: Duration = Duration::from_millis(500);

/// Reloads whenever somebody asks, for ever.
pub async fn reload_when_asked(mut fleet: Fleet, source: ConfigSource, mut requests: Requests) {
    loop {
        let everybody = requests.next().await;
        systemd::reloading();
        let outcome = reload(&mut fleet, &source).await;
        systemd::ready();
        for answer in everybody {
            // Some ask without waiting for an answer.
            let _ = answer.send(outcome.clone());
        }
    }
}

/// Asks for a reload whenever what is on disk has changed since `known`, for ever.
pub async fn watch(source: ConfigSource, known: [u8; 32], interval: Duration, trigger: Trigger) {
    let mut known = known;
    loop {
        tokio::time::sleep(interval.max(LEAST_WATCH_INTERVAL)).await;
        let Ok(Reading { mark: found, .. }) = reading(&source).await else {
            continue;
        };
        if found != known {
            known = found;
            trigger.ask();
        }
    }
}

/// One reload: all or nothing.
async fn reload(fleet: &mut Fleet, source: &ConfigSource) -> Outcome {
    let outcome = match tokio::time::timeout(LOAD_TIMEOUT, settled(source)).await {
        Ok(outcome) => outcome.and_then(|candidate| fleet.change_to(candidate)),
        Err(_) => Err(
            "the configuration and the files that it names were not twice the same, or could not be read, \
                       within 30 s"
                .to_owned(),
        ),
    };
    match &outcome {
        Ok(summary) => tracing::info!(%summary, "configuration reloaded"),
        Err(error) => {
            fleet.not_changed(error);
            tracing::error!(error, "configuration not reloaded: the former one goes on");
        }
    }
    outcome.map(|summary| summary.to_string())
}

/// The configuration, once two readings agree: what is read while somebody writes it is a part of it, and arrays that a part
/// does not name would lose their pollers.
async fn settled(source: &ConfigSource) -> Result<Candidate, String> {
    let mut before = reading(source).await?.mark;
    loop {
        tokio::time::sleep(SETTLING).await;
        let Reading { outcome, mark } = reading(source).await?;
        if mark == before {
            return outcome.map_err(|problems| problems.to_string());
        }
        before = mark;
    }
}

async fn reading(source: &ConfigSource) -> Result<Reading, String> {
    let source = source.clone();
    let reading = tokio::task::spawn_blocking(move || source.read());
    reading
        .await
        .map_err(|error| format!("a fault of the exporter: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Clock,
        metrics::{Exposition, exporter::ExporterMetrics},
        model::Scope,
        shard::Shard,
        store::Store,
    };
    use std::{fs, path::PathBuf, sync::Arc};
    use tokio_util::{sync::CancellationToken, task::TaskTracker};

    const ONE: &str = "[[qumulo]]\nname = \"a\"\nurl = \"https://a:8000\"\ntoken = \"t\"\n";

    fn source(file: PathBuf) -> ConfigSource {
        ConfigSource {
            file,
            environment: Vec::new(),
            shard: Shard::default(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_is_being_written_counts_when_it_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config.toml");
        let source = source(file.clone());
        let writing = tokio::spawn(async move {
            // As an editor does: emptied first, and then written piece by piece.
            for end in 0..=ONE.len() {
                fs::write(&file, &ONE[..end]).expect("written");
                tokio::time::sleep(SETTLING.mul_f64(0.7)).await;
            }
        });
        tokio::task::yield_now().await;
        let candidate = settled(&source).await.expect("a configuration");
        assert_eq!(candidate.configured, 1);
        writing.await.expect("no panic");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_wrong_twice_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let problems = settled(&source(folder.path().join("none"))).await.expect_err("no file");
        assert!(problems.contains("does not exist"), "{problems}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_reload_is_on_the_page_with_its_reason_until_one_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config.toml");
        let clock = Clock::host();
        let store = Arc::new(Store::new(clock, ExporterMetrics::new(clock.now()).expect("metrics")));
        let mut fleet = Fleet::new(store.clone(), TaskTracker::new(), CancellationToken::new());
        for (text, reason) in [
            (
                "[poll]\ninterval = \"canary\"",
                Some("poll.interval: expected a duration"),
            ),
            (ONE, None),
            ("", Some("no array")),
        ] {
            fs::write(&file, text).expect("written");
            let outcome = reload(&mut fleet, &source(file.clone())).await;
            assert_eq!(outcome.is_ok(), reason.is_none(), "{outcome:?}");
            let notices = store.overview(&Scope::All).expect("an overview").notices;
            let told: Vec<&str> = notices.iter().map(|notice| &*notice.text).collect();
            let refused = told
                .iter()
                .find(|text| text.contains("is refused, the former one goes on: "));
            match reason {
                Some(reason) => assert!(refused.is_some_and(|text| text.contains(reason)), "{told:?}"),
                None => assert_eq!(refused, None),
            }
        }
    }
}
