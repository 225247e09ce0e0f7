//! The list of vendors, as the daemon starts them: the one place that knows which source an array needs.

use super::{
    Error, LoginCounters, Poll, PollContext, Reason, Source, kaminario, qumulo, record::Recorder, trust::TrustStore,
    veeam,
};
use crate::{
    config::{ArrayConfig, Vendor},
    model::SystemReport,
};
use std::{future::Future, pin::Pin, sync::Arc};

/// What is done with an array's source, whichever vendor's it is.
pub trait Task {
    /// What runs then.
    type Running;

    /// Begins; `make` makes the source, over the same session each time.
    fn begin<S: Source + Sync>(self, make: impl Fn() -> S + Send + Sync + 'static) -> Self::Running;
}

/// Declares the list: a handle for each vendor, and how its source is made.
macro_rules! vendors {
    ($($folder:ident::$source:ident),+ $(,)?) => {
        /// Every vendor, in the order of documents.
        pub const ALL: &[Vendor] = &[$($folder::VENDOR),+];

        /// Begins `task` with the source of this array, recorded if there is a recorder. Fails if its trust setting cannot
        /// be used.
        pub fn with_source<T: Task>(
            config: &Arc<ArrayConfig>,
            trust: &TrustStore,
            logins: Arc<LoginCounters>,
            recorder: Option<Arc<Recorder>>,
            task: T,
        ) -> Result<T::Running, Error> {
            let config = config.clone();
            $(if config.vendor == $folder::VENDOR {
                let session = $folder::$source::connect(&config, trust, logins)?;
                session.record(recorder);
                return Ok(task.begin(move || $folder::$source::new(&config, session.clone())));
            })+
            Err(Error::new(Reason::Internal, "no such vendor"))
        }

        /// Whether a system of this vendor answers at the array's address, and what it says of itself without credentials.
        pub async fn introduce(
            config: &ArrayConfig,
            trust: &TrustStore,
            context: &PollContext,
        ) -> Result<SystemReport, Error> {
            $(if config.vendor == $folder::VENDOR {
                let session = $folder::$source::connect(config, trust, Arc::default())?;
                return $folder::$source::new(config, session).introduce(context).await;
            })+
            Err(Error::new(Reason::Internal, "no such vendor"))
        }
    };
}

vendors! {
    qumulo::Qumulo,
    kaminario::Kaminario,
    veeam::Veeam,
}

/// The vendor of this name.
#[must_use]
pub fn named(name: &str) -> Option<Vendor> {
    ALL.iter().copied().find(|vendor| vendor.name() == name)
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
