//! Writes down what an array answered, for a fault report: an option of the client, which calls it after each exchange.
//!
//! Only GET is recorded, so no log-in ever is; no header is; no body of a 401 is; of the rest, secrets are taken out
//! (`scrub`). A recorder that cannot write does not disturb the poll: it says so at the end.

use super::{
    Error,
    request::{Answer, Request},
    scrub::{Form, Names, Scrubber},
};
use crate::{
    build_info,
    config::{ArrayConfig, Credentials, SecretRef},
    model::Timestamp,
    recording::{MANIFEST, RecordedArray, RecordedOverride, RecordedRequest},
};
use reqwest::{Method, StatusCode, header};
use secrecy::ExposeSecret;
use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A recording of several arrays, which share made-up names: a relationship keeps its two ends.
#[derive(Debug)]
pub struct Recording {
    folder: PathBuf,
    /// `None`: names stay as they are.
    names: Option<Arc<Mutex<Names>>>,
}

/// What one array answers goes here.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    scrubber: Scrubber,
    array: RecordedArray,
    /// The first failure to write; nothing is written after it.
    failure: Option<io::Error>,
}

impl Recording {
    /// A recording into `folder`, which must be empty or not there yet. With `scrub` it holds no name either.
    pub fn new(folder: &Path, scrub: bool) -> io::Result<Self> {
        make_folder(folder)?;
        if fs::read_dir(folder)?.next().is_some() {
            let message = "is not empty: give a folder of its own to each recording";
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
        }
        Ok(Self {
            folder: folder.to_owned(),
            names: scrub.then(Arc::default),
        })
    }

    /// The recorder of one array.
    pub fn of(&self, config: &ArrayConfig) -> io::Result<Arc<Recorder>> {
        let mut scrubber = Scrubber::new(self.names.clone());
        let (by_token, secret) = match &config.credentials {
            Credentials::Token(secret) => (true, secret),
            Credentials::Password { username, password } => {
                scrubber.name(username);
                (false, password)
            }
        };
        learn(&mut scrubber, secret);
        for host in config.urls.iter().filter_map(reqwest::Url::host_str) {
            scrubber.name(host);
        }
        let name = scrubber.array(&config.name);
        let folder = self.folder.join(&name);
        make_folder(&folder)?;
        let overrides = if self.names.is_some() {
            &[][..]
        } else {
            &config.objective.overrides
        };
        let array = RecordedArray {
            name,
            vendor: config.vendor.name().to_owned(),
            exporter: build_info::VERSION.to_owned(),
            by_token,
            own_keys: config.extra.written(),
            sections: config
                .sections
                .iter()
                .map(|section| section.name().to_owned())
                .collect(),
            rpo_seconds: config.objective.default_seconds,
            rpo_overrides: overrides
                .iter()
                .map(|it| RecordedOverride {
                    globs: it
                        .globs()
                        .map(|(key, glob)| (key.to_owned(), glob.to_owned()))
                        .collect(),
                    rpo_seconds: it.seconds,
                })
                .collect(),
            requests: Vec::new(),
        };
        Ok(Arc::new(Recorder {
            folder,
            state: Mutex::new(State {
                scrubber,
                array,
                failure: None,
            }),
        }))
    }
}

impl Recorder {
    /// Writes down one exchange.
    pub fn take(&self, request: &Request, result: Result<&Answer, &Error>, at: Timestamp) {
        let mut state = self.state();
        for (_, value) in &request.headers {
            if value.is_sensitive() {
                state.scrubber.header(value.to_str().unwrap_or_default());
            }
        }
        if request.method != Method::GET || state.failure.is_some() {
            return;
        }
        if let Err(error) = self.write(&mut state, request, result, at) {
            state.failure = Some(error);
        }
    }

    /// Writes the list of all requests. Call it when the poll has ended.
    pub fn finish(&self) -> io::Result<()> {
        let mut state = self.state();
        if let Some(failure) = state.failure.take() {
            return Err(failure);
        }
        let text = serde_json::to_vec_pretty(&state.array)?;
        write_file(&self.folder.join(MANIFEST), &text)
    }

    fn write(
        &self,
        state: &mut State,
        request: &Request,
        result: Result<&Answer, &Error>,
        at: Timestamp,
    ) -> io::Result<()> {
        let mut recorded = RecordedRequest {
            method: request.method.to_string(),
            path: state.scrubber.path(&request.path),
            at: Some(at.unix_seconds()),
            status: None,
            failure: None,
            content_type: None,
            clock_skew_seconds: None,
            body: None,
        };
        match result {
            Err(error) => recorded.failure = Some(error.reason.word().to_owned()),
            Ok(answer) => {
                recorded.status = Some(answer.status.as_u16());
                recorded.clock_skew_seconds = answer.clock_skew_seconds;
                let content_type = answer.headers.get(header::CONTENT_TYPE);
                let content_type = content_type.and_then(|value| value.to_str().ok());
                recorded.content_type = content_type.map(|text| state.scrubber.plain(text));
                recorded.body = self.body(state, request, answer)?;
            }
        }
        state.array.requests.push(recorded);
        Ok(())
    }

    /// The file of the scrubbed body. What is neither JSON nor XML cannot be scrubbed, and what a server says about
    /// credentials may repeat them: neither is kept.
    fn body(&self, state: &mut State, request: &Request, answer: &Answer) -> io::Result<Option<String>> {
        let text = String::from_utf8_lossy(&answer.body);
        let Some(form) = Form::of(&text).filter(|_| answer.status != StatusCode::UNAUTHORIZED) else {
            return Ok(None);
        };
        let path = state.scrubber.path(request.shown_path());
        let name: String = path
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .take(80)
            .collect();
        let number = state.array.requests.len() + 1;
        let file = format!("{number:04}-{}.{}", name.trim_matches('-'), form.extension());
        let text = state.scrubber.document(form, &text);
        write_file(&self.folder.join(&file), text.as_bytes())?;
        Ok(Some(file))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The secret itself, so that it is found wherever an answer repeats it. One that cannot be read cannot be repeated.
fn learn(scrubber: &mut Scrubber, secret: &SecretRef) {
    if let Ok(secret) = secret.read() {
        scrubber.secret(secret.expose_secret());
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    io::Write::write_all(&mut file, content)
}
