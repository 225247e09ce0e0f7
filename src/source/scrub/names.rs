//! Made-up names for real ones, the same each time, so that both ends of a relationship still meet.
//!
//! Whatever is not known to be harmless is a name: times, numbers and the words of states stay, the rest goes, atom by atom
//! (`nyc:/home` becomes `n1:/n2`), so that what is joined from parts, or taken apart, still matches.

use std::collections::BTreeMap;

/// Keys whose values are words of the vendor's, never names. Without separators and capitals.
const VOCABULARY: &[&str] = &[
    "apiversion",
    "blockedreason",
    "buildid",
    "currentrole",
    "currentuserrole",
    "direction",
    "endreason",
    "errorclass",
    "flavor",
    "jobstate",
    "jobtype",
    "mgmtconnectivitystate",
    "phase",
    "platform",
    "protectionsystemtype",
    "ref",
    "rel",
    "replicationjobstatus",
    "replicationmode",
    "restapiversion",
    "result",
    "revisionid",
    "role",
    "scheduletype",
    "state",
    "status",
    "statuscode",
    "suspendreasoncode",
    "systemversion",
    "targetexposure",
    "triggeredby",
    "type",
    "version",
];

/// The made-up names of a recording.
#[derive(Debug, Default)]
pub struct Names {
    words: BTreeMap<String, String>,
    ids: BTreeMap<String, String>,
    arrays: usize,
}

impl Names {
    /// The name of the next array.
    pub(super) fn array(&mut self) -> String {
        self.arrays += 1;
        format!("array-{}", self.arrays)
    }

    /// This whole text is one name.
    pub(super) fn learn(&mut self, name: &str) -> String {
        let number = self.words.len() + 1;
        let made_up = if name.parse::<std::net::Ipv4Addr>().is_ok() {
            // 198.18.0.0/15 is set aside for tests (RFC 2544).
            format!("198.18.{}.{}", number / 256 % 256, number % 256)
        } else {
            format!("n{number}")
        };
        self.words.entry(name.to_owned()).or_insert(made_up).clone()
    }

    /// The value of `key`.
    pub(super) fn text(&mut self, key: &str, value: &str) -> String {
        let key: String = key
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if VOCABULARY.contains(&key.as_str()) || value.starts_with("urn:") {
            return self.ids_only(value);
        }
        if is_harmless(value) {
            return value.to_owned();
        }
        if let Some(known) = self.words.get(value) {
            return known.clone();
        }
        if let Some((scheme, rest)) = value.split_once("://") {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let (host, port) = host.split_at(host.rfind(':').unwrap_or(host.len()));
            return format!("{scheme}://{}{port}{}", self.atoms(host), self.ids_only(path));
        }
        self.atoms(value)
    }

    /// The path of a request. What its query quotes are names, times and ids, as the exporter asks for them.
    pub(super) fn request(&mut self, path: &str) -> String {
        let Some((path, query)) = path.split_once('?') else {
            return self.ids_only(path);
        };
        let path = self.ids_only(path) + "?";
        let begins = path.len();
        let mut asked = form_urlencoded::Serializer::for_suffix(path, begins);
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            let parts = value.split('"').enumerate();
            let parts = parts.map(|(place, part)| match place % 2 {
                0 => self.ids_only(part),
                _ => self.text("", part),
            });
            asked.append_pair(&key, &parts.collect::<Vec<_>>().join("\""));
        }
        asked.finish()
    }

    /// The text with other UUIDs in it, and nothing else changed.
    fn ids_only(&mut self, text: &str) -> String {
        self.by_atom(text, |names, atom| names.uuid(atom).unwrap_or_else(|| atom.to_owned()))
    }

    fn atoms(&mut self, text: &str) -> String {
        self.by_atom(text, |names, atom| {
            if let Some(id) = names.uuid(atom) {
                return id;
            }
            if is_part_of_time(atom) || is_version(atom) || is_date(atom) || is_duration(atom) {
                return atom.to_owned();
            }
            names.learn(atom)
        })
    }

    /// An atom is a run of letters, digits, `_`, `-` and `.`.
    fn by_atom(&mut self, text: &str, mut replace: impl FnMut(&mut Self, &str) -> String) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let end = rest.find(|c| !is_of_atom(c)).unwrap_or(rest.len());
            let end = if end == 0 { c.len_utf8() } else { end };
            let (atom, after) = rest.split_at(end);
            out.push_str(&if is_of_atom(c) {
                replace(self, atom)
            } else {
                atom.to_owned()
            });
            rest = after;
        }
        out
    }

    fn uuid(&mut self, atom: &str) -> Option<String> {
        let is_uuid = atom.len() == 36
            && atom.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
        if !is_uuid {
            return None;
        }
        let number = self.ids.len() + 1;
        let made_up = format!("00000000-0000-4000-8000-{number:012x}");
        Some(self.ids.entry(atom.to_ascii_lowercase()).or_insert(made_up).clone())
    }
}

fn is_of_atom(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn is_harmless(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "none")
        || value.parse::<f64>().is_ok()
        || is_date(value)
        // Words of a vendor's list, also under a key that is new.
        || value.contains('_') && value.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

/// Whether it begins as a date does and goes on as a time may.
fn is_date(value: &str) -> bool {
    value.len() >= 10
        && value.bytes().enumerate().take(10).all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
        && value[10..].chars().all(|c| c.is_ascii_digit() || "T:.Z+- ".contains(c))
}

/// Hours, minutes or seconds, these with or without a fraction.
fn is_part_of_time(atom: &str) -> bool {
    let (whole, fraction) = atom.split_once('.').unwrap_or((atom, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() <= 2 && is_number(whole) && is_number(fraction)
}

/// `v1_7`, `9.14.1` or `9.14.1P2`; four numbers may be an address.
fn is_version(atom: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let bare = atom.strip_prefix('v').unwrap_or(atom);
    let mut parts: Vec<&str> = bare.split(['.', '_']).collect();
    if let Some(last) = parts.last_mut() {
        let patch = last
            .trim_end_matches(|c: char| c.is_ascii_digit())
            .strip_suffix(|c: char| c.is_ascii_uppercase());
        *last = patch.filter(|patch| is_number(patch)).unwrap_or(last);
    }
    let is_dotted = parts.len() > 1 && parts.iter().all(|part| is_number(part));
    (is_dotted && bare.parse::<std::net::Ipv4Addr>().is_err()) || (bare.len() < atom.len() && is_number(bare))
}

/// A duration of ISO 8601: `P1DT2H`, `PT5M30.5S`.
fn is_duration(atom: &str) -> bool {
    let Some(rest) = atom.strip_prefix('P') else {
        return false;
    };
    let mut parts = rest.split_inclusive(|c: char| c.is_ascii_uppercase()).peekable();
    parts.peek().is_some()
        && rest.ends_with(|c: char| "YMWDHS".contains(c))
        && parts.all(|part| {
            let (number, unit) = part.split_at(part.len() - 1);
            match unit {
                "T" => number.is_empty(),
                _ => number.parse::<f64>().is_ok_and(|number| number >= 0.0) && "YMWDHS".contains(unit),
            }
        })
}
