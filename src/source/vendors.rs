//! The list of vendors, as the daemon starts them: the one place that knows which source an array needs.

use super::{
    Error, LoginCounters, Poll, PollContext, Source, kaminario, qumulo, record::Recorder, trust::TrustStore, veeam,
};
use crate::config::{ArrayConfig, Vendor};
use std::{future::Future, pin::Pin, sync::Arc};

/// What is done with an array's source, whichever vendor's it is.
pub trait Task {
    /// What runs then.
    type Running;

    /// Begins; `make` makes the source, over the same session each time.
    fn begin<S: Source + Sync>(self, make: impl Fn() -> S + Send + Sync + 'static) -> Self::Running;
}

/// Begins `task` with the source of this array, recorded if there is a recorder. Fails if its trust setting cannot be used.
pub fn with_source<T: Task>(
    config: &Arc<ArrayConfig>,
    trust: &TrustStore,
    logins: Arc<LoginCounters>,
    recorder: Option<Arc<Recorder>>,
    task: T,
) -> Result<T::Running, Error> {
    let config = config.clone();
    match config.vendor {
        Vendor::Qumulo => {
            let session = qumulo::connect(&config, trust, logins)?;
            session.record(recorder);
            Ok(task.begin(move || qumulo::Qumulo::new(&config, session.clone())))
        }
        Vendor::Kaminario => {
            let session = kaminario::connect(&config, trust, logins)?;
            session.record(recorder);
            Ok(task.begin(move || kaminario::Kaminario::new(&config, session.clone())))
        }
        Vendor::Veeam => {
            let session = veeam::connect(&config, trust, logins)?;
            session.record(recorder);
            Ok(task.begin(move || veeam::Veeam::new(&config, session.clone())))
        }
    }
}

/// One poll and the end of the session, for [`with_source`].
#[derive(Debug)]
pub struct Once(pub PollContext);

impl Task for Once {
    type Running = Pin<Box<dyn Future<Output = Poll> + Send>>;

    fn begin<S: Source + Sync>(self, make: impl Fn() -> S + Send + Sync + 'static) -> Self::Running {
        let mut source = make();
        Box::pin(async move {
            let poll = source.poll(&self.0).await;
            source.close().await;
            poll
        })
    }
}
