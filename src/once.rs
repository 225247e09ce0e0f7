//! The sub-command `once`: one poll of every array, or of one, and what /metrics would say of them on standard output.
//!
//! The same parts as the daemon: source, store, text. It neither reads nor writes the state file, so breach counters and
//! since-times begin now. `doctor` takes its poll from here too.

use crate::{
    clock::Clock,
    config::{self, ArrayConfig, Config},
    exit::Failure,
    metrics::{Exposition, Selection, exporter::ExporterMetrics},
    model::ArrayFacts,
    poller::Standings,
    settings::Settings,
    source::{
        Error, Poll, PollContext,
        record::{Recorder, Recording},
        rights,
        trust::TrustStore,
        vendors,
    },
    store::{Slot, Store},
};
use anyhow::{Context, anyhow};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::{io::Write, path::PathBuf, sync::Arc};
use tokio::time::Instant;

/// How many arrays are asked at a time.
pub(crate) const MOST_AT_A_TIME: usize = 32;

/// The flags of `once`.
#[derive(Clone, Debug, clap::Args)]
pub struct OnceArgs {
    /// Only this array
    #[arg(long, value_name = "NAME")]
    pub array: Option<String>,
    /// Write what the arrays answer into this new folder, without secrets; for fault reports
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Replace names, paths, addresses, users and UUIDs in the recording by made-up ones
    #[arg(long, requires = "record")]
    pub scrub: bool,
}

/// Polls once, prints, and says on standard error how the relationships stand. Fails if an array failed: a section that was wanted did, but for what least privileges forbid.
pub async fn run(settings: Settings, arguments: OnceArgs) -> Result<(), Failure> {
    let config =
        config::load(&settings.config_file, std::env::vars_os(), vendors::ALL).map_err(Failure::configuration)?;
    let arrays = chosen(config, arguments.array.as_deref())?;
    let recording = arguments.record.as_ref().map(|folder| {
        Recording::new(folder, arguments.scrub)
            .with_context(|| format!("the recording's folder {}", folder.display()))
            .map_err(Failure::Configuration)
    });
    let recording = recording.transpose()?;
    let clock = Clock::host();
    let exporter = ExporterMetrics::new(clock.now()).map_err(Failure::runtime)?;
    let store = Arc::new(Store::new(clock, exporter));
    let names = arrays.iter().map(|array| array.name.to_string()).collect();
    let failed = poll_all(&arrays, &store, recording.as_ref()).await?;
    let selection = Selection::Only {
        arrays: names,
        exporter: false,
    };
    let page = store
        .page(&selection)
        .map_err(|unknown| Failure::Runtime(anyhow!("{}", unknown.0)))?;
    let mut out = std::io::stdout().lock();
    for segment in &page.segments {
        out.write_all(segment).map_err(Failure::runtime)?;
    }
    out.flush().map_err(Failure::runtime)?;
    let mut standings = Standings::default();
    let look = standings.look(&store);
    standings.tell(&look);
    tracing::info!(standing = look.totals(), "how the relationships stand");
    if failed > 0 {
        return Err(Failure::Runtime(anyhow!("{failed} of {} arrays failed", arrays.len())));
    }
    Ok(())
}

/// The arrays of the configuration, or the one of this name.
pub(crate) fn chosen(config: Config, name: Option<&str>) -> Result<Vec<Arc<ArrayConfig>>, Failure> {
    let arrays: Vec<Arc<ArrayConfig>> = config
        .arrays
        .into_iter()
        .filter(|array| name.is_none_or(|name| *array.name == *name))
        .map(Arc::new)
        .collect();
    match name {
        Some(name) if arrays.is_empty() => Err(Failure::Configuration(anyhow!("no array {name:?} is configured"))),
        _ => Ok(arrays),
    }
}

/// Polls every array into the store; each failure is logged. Gives how many arrays failed.
async fn poll_all(
    arrays: &[Arc<ArrayConfig>],
    store: &Arc<Store>,
    recording: Option<&Recording>,
) -> Result<usize, Failure> {
    let trust = TrustStore::default();
    let polls = stream::iter(arrays).map(async |array| {
        let recorder = recording
            .map(|recording| recording.of(array))
            .transpose()
            .context("recording")?;
        let slot = store.add(array.clone(), ArrayFacts::default());
        let failed = attempt(&slot, &trust, store.clock(), recorder.clone()).await;
        recorder
            .map_or(Ok(()), |recorder| recorder.finish())
            .context("writing the recording")?;
        Ok(failed)
    });
    let failed: Vec<bool> = polls
        .buffer_unordered(MOST_AT_A_TIME)
        .try_collect()
        .await
        .map_err(Failure::Runtime)?;
    Ok(failed.into_iter().filter(|failed| *failed).count())
}

/// Whether the array failed.
async fn attempt(slot: &Slot, trust: &TrustStore, clock: Clock, recorder: Option<Arc<Recorder>>) -> bool {
    let name = slot.name().clone();
    let vendor = slot.config().vendor;
    let poll = match poll(slot, trust, clock, recorder).await {
        Ok(poll) => poll,
        Err(error) => {
            tracing::error!(array = %name, reason = %error.reason, "{error}");
            return true;
        }
    };
    let mut failed = !poll.got_something();
    for outcome in &poll.sections {
        let Err(error) = &outcome.result else { continue };
        if rights::is_expected(vendor, outcome.section, error.reason) {
            tracing::info!(array = %name, section = %outcome.section, reason = %error.reason, "{error}");
        } else {
            tracing::error!(array = %name, section = %outcome.section, reason = %error.reason, "{error}");
            failed = true;
        }
    }
    slot.publish(poll);
    failed
}

/// One poll of the slot's array, not published. A panic in it is a failed poll. Fails if the array cannot be asked at all.
pub(crate) async fn poll(
    slot: &Slot,
    trust: &TrustStore,
    clock: Clock,
    recorder: Option<Arc<Recorder>>,
) -> Result<Poll, Error> {
    let config = slot.config();
    let started = Instant::now();
    let context = PollContext {
        deadline: started + config.polling.deadline(),
        clock,
        sections: config.sections.clone(),
        limits: (&config.polling).into(),
    };
    let poll = vendors::with_source(&config, trust, slot.logins(), recorder, vendors::Once(context))?;
    Ok(tokio::spawn(poll).await.unwrap_or_else(|_| {
        let error = Error::internal(crate::model::Section::SYSTEM, "the poll panicked");
        Poll::failed(&config.sections, started.elapsed(), &error)
    }))
}
