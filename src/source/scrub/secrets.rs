//! What is a secret: by the name of its key, and by its value where that is known.

use super::SCRUBBED;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use std::{collections::BTreeSet, fmt};

/// Below this a value is not looked for: it would be found in the middle of anything.
const SHORTEST: usize = 4;

/// A key with one of these in it, its separators and capitals aside, is of a secret.
const PARTS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "authorization",
    "accesskey",
    "apikey",
    "privatekey",
    "bearer",
    "cookie",
];
/// Keys that are of a secret if they are exactly this; `remote_replication_session_id` is none.
const WHOLE: &[&str] = &["sessionid", "xrestsvcsessionid"];

/// Whether the value of this key, attribute or element is a secret.
pub(super) fn is_secret_key(key: &str) -> bool {
    let key: String = key
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    WHOLE.contains(&key.as_str()) || PARTS.iter().any(|part| key.contains(part))
}

/// Secrets that are known by value, in every spelling in which an answer may repeat them.
#[derive(Default)]
pub(super) struct Secrets {
    /// Longest first, so that none is left in part.
    spellings: Vec<String>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

impl Secrets {
    pub(super) fn learn(&mut self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        let mut all: BTreeSet<String> = std::mem::take(&mut self.spellings).into_iter().collect();
        all.extend(spellings(secret));
        self.spellings = all.into_iter().collect();
        self.spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
    }

    /// The value of a header that authorizes: with its scheme, without it, and what `Basic` wraps.
    pub(super) fn learn_header(&mut self, value: &str) {
        let carried = value.split_once(' ').map_or(value, |(_, carried)| carried);
        self.learn(carried);
        let Ok(plain) = STANDARD.decode(carried) else { return };
        let Ok(plain) = String::from_utf8(plain) else { return };
        if let Some((_, password)) = plain.split_once(':') {
            self.learn(password);
        }
        self.learn(&plain);
    }

    pub(super) fn replace(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for spelling in &self.spellings {
            if text.contains(spelling.as_str()) {
                text = text.replace(spelling.as_str(), SCRUBBED);
            }
        }
        text
    }
}

/// In what ways a text may be repeated; none that is too short to be looked for.
pub(super) fn spellings(secret: &str) -> BTreeSet<String> {
    let bytes = secret.as_bytes();
    let json = serde_json::Value::from(secret).to_string();
    let json = json.trim_start_matches('"').strip_suffix('"').unwrap_or_default();
    let url = url_encoded(secret);
    let xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let all = [
        secret.to_owned(),
        STANDARD.encode(bytes),
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
        json.to_owned(),
        json.replace('/', "\\/"),
        xml.replace('"', "&quot;").replace('\'', "&apos;"),
        xml.replace('"', "&quot;").replace('\'', "&#39;"),
        xml,
        url.replace("%20", "+"),
        lower_hex(&url),
        url,
    ];
    all.into_iter().filter(|spelling| spelling.len() >= SHORTEST).collect()
}

/// `%2F` as `%2f`.
fn lower_hex(encoded: &str) -> String {
    let mut in_code = 0;
    encoded
        .chars()
        .map(|c| {
            if c == '%' {
                in_code = 2;
                return c;
            }
            let coded = in_code > 0;
            in_code -= i32::from(coded);
            if coded { c.to_ascii_lowercase() } else { c }
        })
        .collect()
}

fn url_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
