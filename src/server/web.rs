//! The web configuration of a running server, which follows its files: new certificates, users and headers are in use
//! within a second, without a restart.
//!
//! A file that is broken, or that would switch a protection on or off, changes nothing and is logged once. `app` opens it;
//! [`super::tls`] asks at each handshake and `super::protect` at each request.

use super::web_config::{self, Fingerprint, Protections, WebConfig};
use crate::{
    config::{Problem, Problems},
    metrics::exporter::WebConfigGauge,
};
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// How often the files are read at most.
const PERIOD: Duration = Duration::from_secs(1);

/// How long a client waits for a disk that hangs, before it is served with what was read last.
const PATIENCE: Duration = Duration::from_secs(1);

/// What `--web.config.file` asks for, as of now.
pub struct Web {
    /// `None`: plain HTTP for everybody.
    file: Option<PathBuf>,
    protections: Protections,
    current: Mutex<Arc<WebConfig>>,
    /// Told whether the files, as they are now, are in use.
    gauge: OnceLock<WebConfigGauge>,
    /// Held by the one who reads.
    last: Arc<tokio::sync::Mutex<LastLook>>,
}

struct LastLook {
    at: Instant,
    seen: Fingerprint,
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web")
            .field("file", &self.file)
            .field("protections", &self.protections)
            .finish_non_exhaustive()
    }
}

impl Web {
    /// Reads the file, and every file that it names. Without one there is neither TLS nor authentication.
    pub fn open(file: Option<&Path>) -> Result<Arc<Self>, Problems> {
        let (seen, config) = match file {
            Some(file) => {
                let (seen, config) = web_config::load(file);
                (seen, config?)
            }
            None => (Fingerprint::default(), WebConfig::default()),
        };
        let protections = config.protections;
        if protections.users && !protections.tls {
            tracing::warn!("passwords for this server travel in the clear: there is no tls_server_config");
        }
        Ok(Arc::new(Self {
            file: file.map(Path::to_owned),
            protections,
            current: Mutex::new(Arc::new(config)),
            gauge: OnceLock::new(),
            last: Arc::new(tokio::sync::Mutex::new(LastLook {
                at: Instant::now(),
                seen,
            })),
        }))
    }

    /// Tells `gauge` from now on whether the files, as they are, are in use. The first one that is given counts.
    pub fn report_to(&self, gauge: WebConfigGauge) {
        // The files were good when they were opened, and nothing looked at them since.
        let _ = self.gauge.set(gauge);
    }

    /// Whether clients have to speak TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.protections.tls
    }

    /// What holds now. Looks at the files, at most once a second.
    pub(super) async fn current(self: &Arc<Self>) -> Arc<WebConfig> {
        self.look_again().await;
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn look_again(self: &Arc<Self>) {
        let Some(file) = self.file.clone() else {
            return;
        };
        // Whoever holds the lock is reading; nobody waits for that.
        let Ok(mut last) = Arc::clone(&self.last).try_lock_owned() else {
            return;
        };
        if last.at.elapsed() < PERIOD {
            return;
        }
        let web = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || {
            web.read_again(&file, &mut last.seen);
            last.at = Instant::now();
        });
        if timeout(PATIENCE, reading).await.is_err() {
            tracing::debug!("the web configuration takes long to read");
        }
    }

    /// Takes over what changed; `seen` is what was read before, whether it was of use or not.
    fn read_again(&self, file: &Path, seen: &mut Fingerprint) {
        let (fingerprint, config) = web_config::load(file);
        if std::mem::replace(seen, fingerprint) == fingerprint {
            return;
        }
        let config = config.and_then(|config| self.same_protections(file, config));
        if let Some(gauge) = self.gauge.get() {
            gauge.set(config.is_ok());
        }
        match config {
            Ok(config) => {
                *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
                tracing::info!("the web configuration or its certificates changed and are in use");
            }
            Err(problems) => {
                let problems = problems.to_string().replace('\n', "; ");
                tracing::error!(
                    problems,
                    "the changed web configuration is not used, the one before stays"
                );
            }
        }
    }

    fn same_protections(&self, file: &Path, config: WebConfig) -> Result<WebConfig, Problems> {
        if config.protections == self.protections {
            return Ok(config);
        }
        let message = "switches TLS, client certificates or basic authentication on or off: that needs a restart";
        Err(Problem::with_file(file.to_owned(), message).into())
    }
}
