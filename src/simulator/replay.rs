//! Serves a recording (`once --record`) again over HTTPS: the array as the recording saw it, standing still.
//!
//! Any log-in is accepted, since none was recorded; what was not asked then is 404. Times are those of the recording, so lag
//! goes on from them. Called by `run.rs`.

use super::{
    Options, Simulation, SimulationError,
    config_out::{self, Section, quoted},
    device::{Answer, Blueprint, Device, Request, SimulatedCredentials},
    fault::{FaultBoard, FaultKind},
    vendors,
};
use crate::{
    clock::Clock,
    config::Vendor,
    model::Timestamp,
    recording::{MANIFEST, RecordedArray, RecordedRequest},
    source::vendors::named,
};
use bytes::Bytes;
use hyper::{
    Method, StatusCode,
    header::{CONTENT_TYPE, LOCATION},
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// The user, password and token of every replayed array.
const REPLAYED: &str = "replayed";

/// Why a recording cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A file cannot be read.
    #[error("{0}: {1}")]
    Read(PathBuf, std::io::Error),
    /// A file is not what it should be.
    #[error("{0}: {1}")]
    Form(PathBuf, String),
    /// It cannot be served.
    #[error(transparent)]
    Serve(#[from] SimulationError),
}

/// The arrays of a recording, being served.
pub struct Replay {
    /// The listeners.
    pub simulation: Simulation,
    recorded: Vec<RecordedArray>,
}

/// Serves every array of the recording in `folder`.
pub async fn replay(folder: &Path, options: &Options, clock: Clock) -> Result<Replay, ReplayError> {
    let mut recorded = Vec::new();
    let mut blueprints = Vec::new();
    let faults = Arc::new(FaultBoard::new(&options.faults, clock.now()));
    for path in folders(folder)? {
        let (array, device) = load(&path)?;
        let skew = array.requests.iter().rev().find_map(|each| each.clock_skew_seconds);
        if let Some(skew) = skew {
            faults.set(&array.name, FaultKind::ClockSkew(skew), clock.now());
        }
        blueprints.push(Blueprint {
            name: array.name.clone(),
            vendor: device.vendor,
            credentials: SimulatedCredentials {
                username: REPLAYED.to_owned(),
                password: REPLAYED.to_owned(),
                token: Some(REPLAYED.to_owned()),
                admin: None,
            },
            device: Arc::new(device),
        });
        recorded.push(array);
    }
    if blueprints.is_empty() {
        let message = format!("no recording: no folder in it has a file {MANIFEST}");
        return Err(ReplayError::Form(folder.to_owned(), message));
    }
    let simulation = super::open(blueprints, options, faults, clock).await?;
    Ok(Replay { simulation, recorded })
}

impl Replay {
    /// When the first answer came, by the clock of the exporter that recorded it: an exporter whose clock is moved there
    /// gives the same numbers again.
    #[must_use]
    pub fn recorded_at(&self) -> Option<Timestamp> {
        let times = self.recorded.iter().flat_map(|array| &array.requests);
        let first = times.filter_map(|request| request.at).min_by(f64::total_cmp)?;
        Timestamp::from_unix_seconds(first)
    }

    /// Writes a configuration of the exporter to `file`, and what it names beside it.
    pub fn write_config(&self, file: &Path) -> std::io::Result<()> {
        let (folder, ca) = config_out::prepare(file, &self.simulation)?;
        let secret = config_out::secret(&folder, REPLAYED, "secret", REPLAYED)?;
        let period = |seconds| quoted(&config_out::duration(seconds));
        let mut text = String::from("# Written by replication_exporter simulate --replay.\n");
        for (served, recorded) in self.simulation.arrays().iter().zip(&self.recorded) {
            let mut section = Section::of(served, &ca);
            if recorded.by_token {
                section.text("token_file", &secret);
            } else {
                section.text("username", REPLAYED);
                section.text("password_file", &secret);
            }
            let sections: Vec<String> = recorded.sections.iter().map(|section| quoted(section)).collect();
            section.line("sections", &format!("[{}]", sections.join(", ")));
            for (key, value) in &recorded.own_keys {
                section.text(key, value);
            }
            if let Some(seconds) = recorded.rpo_seconds {
                section.line("rpo", &period(seconds));
            }
            let overrides = recorded.rpo_overrides.iter().map(|it| {
                let globs = it.globs.iter().map(|(key, glob)| format!("{key} = {}, ", quoted(glob)));
                let rpo = it.rpo_seconds.map_or_else(|| quoted("none"), period);
                format!("{{ {}rpo = {rpo} }}", globs.collect::<String>())
            });
            section.list("rpo_overrides", overrides);
            text += &section.0;
        }
        fs::write(file, text)
    }
}

/// The folders of arrays in a recording, by name.
fn folders(folder: &Path) -> Result<Vec<PathBuf>, ReplayError> {
    let failed = |error| ReplayError::Read(folder.to_owned(), error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.join(MANIFEST).is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// An array that says again what it said.
struct Recorded {
    vendor: Vendor,
    /// By path and query, times aside: the answers in their order.
    answers: Mutex<BTreeMap<String, Answers>>,
}

#[derive(Default)]
struct Answers {
    all: Vec<Said>,
    /// How many were given; the last one is given again.
    given: usize,
}

#[derive(Clone)]
struct Said {
    status: StatusCode,
    content_type: String,
    body: Bytes,
}

fn load(folder: &Path) -> Result<(RecordedArray, Recorded), ReplayError> {
    let manifest = folder.join(MANIFEST);
    let text = fs::read(&manifest).map_err(|error| ReplayError::Read(manifest.clone(), error))?;
    let wrong = |message: String| ReplayError::Form(manifest.clone(), message);
    let array: RecordedArray = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
    let vendor = named(&array.vendor);
    let vendor = vendor.ok_or_else(|| wrong("no vendor of this exporter".to_owned()))?;
    let mut answers: BTreeMap<String, Answers> = BTreeMap::new();
    for request in &array.requests {
        let said = said(folder, request)?;
        answers.entry(timeless(&request.path)).or_default().all.push(said);
    }
    let device = Recorded {
        vendor,
        answers: Mutex::new(answers),
    };
    Ok((array, device))
}

fn said(folder: &Path, request: &RecordedRequest) -> Result<Said, ReplayError> {
    let status = match (request.status, request.failure.as_deref()) {
        (Some(status), _) => StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY),
        // A page that was no document; the parser of its like sees the same.
        (None, Some("content_type")) => StatusCode::OK,
        (None, Some("redirect")) => StatusCode::FOUND,
        // There was no answer: nobody can give it again.
        (None, _) => StatusCode::BAD_GATEWAY,
    };
    let body = match &request.body {
        Some(name) => {
            let path = folder.join(name);
            // A recording comes from somebody else: it may name its own files only.
            if !matches!(
                Path::new(name).components().collect::<Vec<_>>()[..],
                [Component::Normal(_)]
            ) {
                return Err(ReplayError::Form(path, "is not a file of this folder".to_owned()));
            }
            fs::read(&path).map_err(|error| ReplayError::Read(path, error))?.into()
        }
        None => Bytes::new(),
    };
    let content_type = match (&request.content_type, request.failure.as_deref()) {
        (Some(content_type), _) => content_type.clone(),
        (None, Some("content_type")) => "text/html".to_owned(),
        (None, _) => String::new(),
    };
    Ok(Said {
        status,
        content_type,
        body,
    })
}

impl Device for Recorded {
    fn answer(&self, request: &Request, _now: Timestamp) -> Answer {
        if request.method != Method::GET {
            return self.session(request);
        }
        let asked = if request.query.is_empty() {
            request.path.clone()
        } else {
            format!("{}?{}", request.path, request.query)
        };
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = answers.get_mut(&timeless(&asked)) else {
            return Answer::empty(StatusCode::NOT_FOUND);
        };
        let place = known.given.min(known.all.len().saturating_sub(1));
        known.given = place + 1;
        let Some(said) = known.all.get(place).cloned() else {
            return Answer::empty(StatusCode::NOT_FOUND);
        };
        let mut answer = Answer::empty(said.status);
        answer.body = said.body;
        if !said.content_type.is_empty() {
            answer = answer.with_header(CONTENT_TYPE, &said.content_type);
        }
        if said.status == StatusCode::FOUND {
            answer = answer.with_header(LOCATION, "/");
        }
        answer
    }

    fn expire_sessions(&self) {}
}

impl Recorded {
    /// Any log-on and log-off is welcome.
    fn session(&self, request: &Request) -> Answer {
        let welcome = vendors::of(self.vendor).and_then(|simulated| simulated.welcome);
        match (&request.method, welcome) {
            (&Method::POST, Some(welcome)) => welcome(REPLAYED),
            (&Method::DELETE, _) => Answer::empty(StatusCode::NO_CONTENT),
            _ => Answer::empty(StatusCode::METHOD_NOT_ALLOWED),
        }
    }
}

/// The path with each moment in it replaced: a query for what changed since some moment is the same query later.
fn timeless(path: &str) -> String {
    // As it was encoded does not matter.
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let query = form_urlencoded::parse(query.as_bytes()).map(|(key, value)| format!("?{key}={value}"));
    let path = path.to_owned() + &query.collect::<String>();
    let mut out = String::with_capacity(path.len());
    let mut rest = path.as_str();
    while let Some(c) = rest.chars().next() {
        let length = moment_length(rest);
        if length > 0 {
            out.push_str("TIME");
        } else {
            out.push(c);
        }
        rest = &rest[length.max(c.len_utf8())..];
    }
    out
}

/// The length of the date, with its time, at the start of `text`; 0 if there is none.
fn moment_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_date = bytes.len() >= 10
        && bytes[..10].iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !is_date {
        return 0;
    }
    let more = bytes[10..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || b"T:.Z".contains(byte));
    10 + more.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_query_later_is_the_same_query() {
        let recorded = "/api/query?filter=(EndTime%3E%3D%222026-06-15T23%3A20%3A45Z%22)&page=1";
        let asked = "/api/query?filter=(EndTime%3E%3D%222027-01-02T03:04:05.5Z%22)&page=1";
        assert_eq!(timeless(recorded), timeless(asked));
        assert_ne!(timeless(recorded), timeless(&asked.replace("page=1", "page=2")));
        assert_eq!(timeless("/v1/2026-snapshots/ü"), "/v1/2026-snapshots/ü");
    }
}
