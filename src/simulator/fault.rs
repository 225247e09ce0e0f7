//! What can go wrong with a simulated array, when, and how it is written on the command line.
//!
//! Only says which faults are active. `serve.rs` acts on those of the transport and of HTTP, the devices on the others.

use crate::model::Timestamp;
use std::{
    collections::BTreeMap,
    str::FromStr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// A way to fail.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// Connections are cut at once.
    Down,
    /// Connections and requests are accepted and never answered.
    Hang,
    /// Every log-in and every token is refused with 401.
    Auth,
    /// One right is missing: 403 wherever it is needed.
    Forbid(String),
    /// Every answer is a 500.
    Http500,
    /// Every answer is 200 with an HTML page.
    Html,
    /// Every answer comes late.
    Slow(Duration),
    /// Every answer is 429 with this `Retry-After`.
    Throttle(String),
    /// Every answer is 503 with this `Retry-After`.
    Unavailable(String),
    /// Every answer's body has one text in place of another, as after a change of firmware. For tests; has no form on the
    /// command line.
    Replace {
        /// What is there.
        from: String,
        /// What is there instead.
        to: String,
    },
    /// K2: every answer is 400 with `MC_ERR_BUSY`.
    Busy,
    /// K2: 429 while another request is in flight, or for more than five in one second.
    Bursts,
    /// Old firmware: the newer restriper path is 404.
    NoNewRestriper,
    /// Enterprise Manager answers but no longer collects from its backup servers.
    NoCollect,
    /// The array's clock is this many seconds ahead.
    ClockSkew(f64),
}

/// A fault, whose it is, and when it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What fails.
    pub kind: FaultKind,
    /// The array's name; `None`: all.
    pub array: Option<String>,
    /// How long after the start, in real time.
    pub after: Duration,
}

/// Why a `--fault` cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No such kind.
    #[error(
        "unknown fault {0:?}: one of down, hang, auth, forbid=PRIVILEGE, http-500, html, slow[=DURATION], throttle[=RETRY-AFTER], unavailable[=RETRY-AFTER], busy, bursts, no-new-restriper, no-collect, clock-skew[=DURATION]"
    )]
    Kind(String),
    /// Not a duration.
    #[error("{0:?} is not a duration such as 90s or 1h 30m")]
    Duration(String),
}

impl FromStr for Fault {
    type Err = FaultError;

    /// Reads `KIND[:ARRAY][@TIME]`.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (text, after) = match text.split_once('@') {
            Some((text, time)) => (text, seconds(time)?),
            None => (text, 0.0),
        };
        let after = Duration::try_from_secs_f64(after).map_err(|_| FaultError::Duration(after.to_string()))?;
        let (kind, array) = match text.split_once(':') {
            Some((kind, array)) => (kind, Some(array.to_owned())),
            None => (text, None),
        };
        Ok(Self {
            kind: kind.parse()?,
            array,
            after,
        })
    }
}

impl FromStr for FaultKind {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        Ok(match (name, value) {
            ("down", None) => Self::Down,
            ("hang", None) => Self::Hang,
            ("auth", None) => Self::Auth,
            ("forbid", Some(right)) => Self::Forbid(right.to_owned()),
            ("http-500", None) => Self::Http500,
            ("html", None) => Self::Html,
            ("slow", value) => {
                let late = seconds(value.unwrap_or("5s"))?;
                Self::Slow(Duration::try_from_secs_f64(late).map_err(|_| FaultError::Duration(late.to_string()))?)
            }
            ("throttle", value) => Self::Throttle(value.unwrap_or("30").to_owned()),
            ("unavailable", value) => Self::Unavailable(value.unwrap_or("30").to_owned()),
            ("busy", None) => Self::Busy,
            ("bursts", None) => Self::Bursts,
            ("no-new-restriper", None) => Self::NoNewRestriper,
            ("no-collect", None) => Self::NoCollect,
            ("clock-skew", value) => Self::ClockSkew(seconds(value.unwrap_or("1h"))?),
            _ => return Err(FaultError::Kind(text.to_owned())),
        })
    }
}

/// The faults of every array, shared by all who act on them; a test may change them at any time.
#[derive(Debug)]
pub(crate) struct FaultBoard {
    /// By array; "" is all arrays. Each with the moment it begins.
    faults: Mutex<BTreeMap<String, Vec<(FaultKind, Timestamp)>>>,
}

impl FaultBoard {
    /// The faults of the command line, counted from `start`.
    pub(crate) fn new(faults: &[Fault], start: Timestamp) -> Self {
        let board = Self {
            faults: Mutex::default(),
        };
        for fault in faults {
            let array = fault.array.as_deref().unwrap_or_default();
            board.set(array, fault.kind.clone(), start.plus_seconds(fault.after.as_secs_f64()));
        }
        board
    }

    /// From `at` on, `array` fails in this way.
    pub(crate) fn set(&self, array: &str, kind: FaultKind, at: Timestamp) {
        self.lock().entry(array.to_owned()).or_default().push((kind, at));
    }

    /// Nothing of `array` fails any more, but what was asked for of all arrays.
    pub(crate) fn clear(&self, array: &str) {
        self.lock().remove(array);
    }

    /// The faults of `array` that have begun, each with the moment it did.
    pub(crate) fn active(&self, array: &str, now: Timestamp) -> Vec<(FaultKind, Timestamp)> {
        let faults = self.lock();
        ["", array]
            .iter()
            .filter_map(|name| faults.get(*name))
            .flatten()
            .filter(|(_, from)| *from <= now)
            .cloned()
            .collect()
    }

    /// Whether `array` fails in this way.
    pub(crate) fn has(&self, array: &str, kind: &FaultKind, now: Timestamp) -> bool {
        self.active(array, now).iter().any(|(active, _)| active == kind)
    }

    /// Since when `array` has been down, if it is.
    pub(crate) fn down_since(&self, array: &str, now: Timestamp) -> Option<Timestamp> {
        self.active(array, now)
            .iter()
            .filter(|(kind, _)| *kind == FaultKind::Down)
            .map(|(_, from)| *from)
            .min()
    }

    /// How many seconds `array`'s clock is ahead.
    pub(crate) fn skew(&self, array: &str, now: Timestamp) -> f64 {
        self.active(array, now)
            .iter()
            .map(|(kind, _)| match kind {
                FaultKind::ClockSkew(seconds) => *seconds,
                _ => 0.0,
            })
            .sum()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<(FaultKind, Timestamp)>>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Seconds of a duration such as `90s`, `-1h` or `1h 30m`.
fn seconds(text: &str) -> Result<f64, FaultError> {
    text.parse::<jiff::SignedDuration>()
        .map(|duration| duration.as_secs_f64())
        .map_err(|_| FaultError::Duration(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).expect("a time")
    }

    #[test]
    fn a_fault_is_kind_array_and_time() {
        let fault: Fault = "forbid=PRIVILEGE_CLUSTER_READ:sfo-dr@1m 30s".parse().expect("a fault");
        assert_eq!(fault.kind, FaultKind::Forbid("PRIVILEGE_CLUSTER_READ".to_owned()));
        assert_eq!(fault.array.as_deref(), Some("sfo-dr"));
        assert_eq!(fault.after, Duration::from_secs(90));
        let fault: Fault = "clock-skew=-24h".parse().expect("a fault");
        assert_eq!(fault.kind, FaultKind::ClockSkew(-86_400.0));
        assert_eq!((fault.array, fault.after), (None, Duration::ZERO));
    }

    #[test]
    fn what_is_no_fault_is_refused() {
        for text in ["", "explode", "down=1", "forbid", "down@soon", "down@-1s", "slow=-1s"] {
            assert!(text.parse::<Fault>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_fault_begins_at_its_time_and_touches_its_array_only() {
        let board = FaultBoard::new(&["down:a@60s".parse().expect("a fault")], at(1000.0));
        assert!(!board.has("a", &FaultKind::Down, at(1059.0)));
        assert!(board.has("a", &FaultKind::Down, at(1060.0)));
        assert!(!board.has("b", &FaultKind::Down, at(1060.0)));
        assert_eq!(board.down_since("a", at(2000.0)), Some(at(1060.0)));
        board.clear("a");
        assert!(!board.has("a", &FaultKind::Down, at(1060.0)));
    }

    #[test]
    fn a_fault_of_no_array_is_one_of_all() {
        let board = FaultBoard::new(&["clock-skew=2h".parse().expect("a fault")], at(0.0));
        assert!((board.skew("any", at(0.0)) - 7200.0).abs() < 1e-9);
    }
}
