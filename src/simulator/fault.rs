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
    /// A connection that is kept alive is cut at its second request, as a load balancer or a firewall does.
    Stale,
    /// Every answer is a 500 that repeats the headers and the body of the request, secrets included.
    Quotes,
    /// Words of state, result, mode and the like are others than those that are documented.
    UnknownWords,
    /// Lists in pages never end: each page is the first one, and there are a billion entries.
    EndlessPages,
    /// The first entry of each list is there twice.
    Duplicates,
    /// Each list has this many more entries, copies of its first one under other ids.
    HugeList(usize),
    /// Every body is cut after this many bytes, less than its length says; `None`: in the middle.
    Cut(Option<usize>),
    /// Every answer is 307, to this host.
    Redirect(String),
    /// New connections get a certificate that expires so long after the fault began.
    ExpiringCertificate(Duration),
}

/// How a fault is written, and what it is, a line each: for `--help`, for errors and for docs/simulate.md.
const KINDS: &str = "\
down                             connections are cut at once
hang                             connections and requests are accepted and never answered
slow[=DURATION]                  every answer is late, by 5s if nothing is said
stale                            a connection that is kept alive is cut at its second request
cut[=BYTES]                      every body ends after so many bytes, or in its middle, whatever its length said
expiring-certificate[=DURATION]  new connections get a certificate that expires so long (1m) after the fault began
redirect[=HOST]                  every answer is 307 to another host (elsewhere.example)
auth                             every log-in and every token is refused with 401
forbid=PRIVILEGE                 one right is missing: 403 wherever it is needed
http-500                         every answer is a 500
quotes                           every answer is a 500 that repeats the request's headers and body, secrets included
html                             every answer is 200 with an HTML page
throttle[=RETRY-AFTER]           every answer is 429 with this Retry-After (30)
unavailable[=RETRY-AFTER]        every answer is 503 with this Retry-After (30)
busy                             K2: every answer is 400 with MC_ERR_BUSY
bursts                           K2: 429 while another request is in flight, or for more than five in a second
no-new-restriper                 Qumulo: old firmware, whose newer restriper path is 404
no-collect                       Veeam: Enterprise Manager answers but no longer collects from its backup servers
clock-skew[=DURATION]            the array's clock is ahead by so much (1h); negative: behind
unknown-words                    words of state, result, mode and the like are none that is documented
endless-pages                    K2, Veeam: every page is the first one, of a list that never ends
duplicates                       the first entry of each list is there twice
huge-list[=N]                    each list has N (10000) more entries, copies of its first one under other ids";

/// Each fault's form, and what it is.
fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    let halves = KINDS.lines().filter_map(|line| line.split_once("  "));
    halves.map(|(form, what)| (form, what.trim_start()))
}

/// The forms of every fault, in one line.
fn forms() -> String {
    kinds().map(|(form, _)| form).collect::<Vec<_>>().join(", ")
}

/// What `--help` says of `--fault`.
pub(crate) fn help() -> String {
    let kinds = KINDS.replace('\n', "\n  ");
    format!("What goes wrong, with which array (all), how long after the start; repeatable:\n  {kinds}")
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
    #[error("unknown fault {0:?}: one of {forms}", forms = forms())]
    Kind(String),
    /// Not a duration.
    #[error("{0:?} is not a duration such as 90s or 1h 30m")]
    Duration(String),
    /// Not a number.
    #[error("{0:?} is not a number")]
    Number(String),
}

impl FromStr for Fault {
    type Err = FaultError;

    /// Reads `KIND[:ARRAY][@TIME]`.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (text, after) = match text.split_once('@') {
            Some((text, time)) => (text, duration(time)?),
            None => (text, Duration::ZERO),
        };
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
            ("slow", value) => Self::Slow(duration(value.unwrap_or("5s"))?),
            ("throttle", value) => Self::Throttle(value.unwrap_or("30").to_owned()),
            ("unavailable", value) => Self::Unavailable(value.unwrap_or("30").to_owned()),
            ("busy", None) => Self::Busy,
            ("bursts", None) => Self::Bursts,
            ("no-new-restriper", None) => Self::NoNewRestriper,
            ("no-collect", None) => Self::NoCollect,
            ("clock-skew", value) => Self::ClockSkew(seconds(value.unwrap_or("1h"))?),
            ("stale", None) => Self::Stale,
            ("quotes", None) => Self::Quotes,
            ("unknown-words", None) => Self::UnknownWords,
            ("endless-pages", None) => Self::EndlessPages,
            ("duplicates", None) => Self::Duplicates,
            ("huge-list", value) => Self::HugeList(number(value.unwrap_or("10000"))?),
            ("cut", value) => Self::Cut(value.map(number).transpose()?),
            ("redirect", value) => Self::Redirect(value.unwrap_or("elsewhere.example").to_owned()),
            ("expiring-certificate", value) => Self::ExpiringCertificate(duration(value.unwrap_or("1m"))?),
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
        self.since(array, kind, now).is_some()
    }

    /// Since when `array` has failed in this way, if it does.
    pub(crate) fn since(&self, array: &str, kind: &FaultKind, now: Timestamp) -> Option<Timestamp> {
        let active = self.active(array, now).into_iter();
        active.filter(|(active, _)| active == kind).map(|(_, from)| from).min()
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

/// A duration that is not negative.
fn duration(text: &str) -> Result<Duration, FaultError> {
    Duration::try_from_secs_f64(seconds(text)?).map_err(|_| FaultError::Duration(text.to_owned()))
}

fn number(text: &str) -> Result<usize, FaultError> {
    text.parse().map_err(|_| FaultError::Number(text.to_owned()))
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
        for text in [
            "",
            "explode",
            "down=1",
            "forbid",
            "down@soon",
            "down@-1s",
            "slow=-1s",
            "cut=half",
            "huge-list=-1",
        ] {
            assert!(text.parse::<Fault>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn every_fault_that_help_names_is_read_and_the_documentation_lists_it() {
        let page = include_str!("../../docs/simulate.md");
        for (form, what) in kinds() {
            let plain = form.split('[').next().expect("a name").replace("PRIVILEGE", "anything");
            assert!(plain.parse::<FaultKind>().is_ok(), "{plain}");
            assert!(
                page.contains(&format!("| `{form}` | {what} |")),
                "| `{form}` | {what} |"
            );
        }
        assert_eq!(
            page.lines().filter(|line| line.starts_with("| `")).count(),
            kinds().count()
        );
    }

    #[test]
    fn a_fault_begins_at_its_time_and_touches_its_array_only() {
        let board = FaultBoard::new(&["down:a@60s".parse().expect("a fault")], at(1000.0));
        assert!(!board.has("a", &FaultKind::Down, at(1059.0)));
        assert!(board.has("a", &FaultKind::Down, at(1060.0)));
        assert!(!board.has("b", &FaultKind::Down, at(1060.0)));
        assert_eq!(board.since("a", &FaultKind::Down, at(2000.0)), Some(at(1060.0)));
        board.clear("a");
        assert!(!board.has("a", &FaultKind::Down, at(1060.0)));
    }

    #[test]
    fn a_fault_of_no_array_is_one_of_all() {
        let board = FaultBoard::new(&["clock-skew=2h".parse().expect("a fault")], at(0.0));
        assert!((board.skew("any", at(0.0)) - 7200.0).abs() < 1e-9);
    }
}
