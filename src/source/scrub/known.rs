//! The secrets of one array that are known by value, taken out of what it answers: an error that quotes the request must not
//! put a password on a page. The session teaches it what it sends, and lets answers through it before anybody sees them.

use super::{SCRUBBED, secrets::spellings};
use aho_corasick::{AhoCorasick, MatchKind};
use bytes::Bytes;
use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How many are known at a time: a session's token is another one after each log-in.
const MOST: usize = 16;
/// From this length on a secret is looked for in data too. A shorter one, or a number, could be a part of anything there.
const LONG: usize = 8;

/// What an array must not be heard to repeat.
#[derive(Default)]
pub(crate) struct KnownSecrets(Mutex<Known>);

#[derive(Default)]
struct Known {
    secrets: VecDeque<String>,
    everywhere: Option<AhoCorasick>,
    in_data: Option<AhoCorasick>,
}

impl fmt::Debug for KnownSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KnownSecrets").finish_non_exhaustive()
    }
}

impl KnownSecrets {
    /// A password or token, as it is.
    pub(crate) fn learn(&self, secret: &str) {
        let mut known = self.lock();
        if secret.is_empty() || known.secrets.iter().any(|it| it == secret) {
            return;
        }
        known.secrets.push_back(secret.to_owned());
        if known.secrets.len() > MOST {
            known.secrets.pop_front();
        }
        let all = |long: bool| {
            let chosen = known.secrets.iter().filter(|secret| !long || is_long(secret));
            let spelt: Vec<String> = chosen.flat_map(|secret| spellings(secret)).collect();
            let built = AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .build(spelt);
            built.ok().filter(|_| !known.secrets.is_empty())
        };
        (known.everywhere, known.in_data) = (all(false), all(true));
    }

    /// A header that authorizes: all of it, what it carries behind its scheme, and what `Basic` wraps.
    pub(crate) fn learn_header(&self, value: &str) {
        self.learn(value);
        if let Some((_, carried)) = value.split_once(' ') {
            self.learn(carried);
        }
    }

    /// What people may read.
    pub(crate) fn quiet(&self, text: &str) -> String {
        match &self.lock().everywhere {
            Some(all) => all.replace_all(text, &vec![SCRUBBED; all.patterns_len()]),
            None => text.to_owned(),
        }
    }

    /// The body of an error, which says nothing but words for people.
    pub(crate) fn quiet_error(&self, body: &Bytes) -> Bytes {
        replaced(self.lock().everywhere.as_ref(), body)
    }

    /// A body of data: job errors in it may quote as well.
    pub(crate) fn quiet_data(&self, body: &Bytes) -> Bytes {
        replaced(self.lock().in_data.as_ref(), body)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it is no part of anything else by chance.
fn is_long(secret: &str) -> bool {
    secret.len() >= LONG && !secret.bytes().all(|byte| byte.is_ascii_digit())
}

fn replaced(secrets: Option<&AhoCorasick>, body: &Bytes) -> Bytes {
    match secrets {
        Some(secrets) if secrets.is_match(body.as_ref()) => {
            let scrubbed = vec![SCRUBBED; secrets.patterns_len()];
            secrets.replace_all_bytes(body, &scrubbed).into()
        }
        _ => body.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::STANDARD};

    const PASSWORD: &str = "CANARY-pa$$ \"w/rd+1<&";

    #[test]
    fn every_spelling_of_a_secret_is_taken_out() {
        let known = KnownSecrets::default();
        known.learn(PASSWORD);
        known.learn_header(&format!("Basic {}", STANDARD.encode(format!("mon:{PASSWORD}"))));
        known.learn_header("Bearer session-v1:CANARY==");
        for quoted in [
            PASSWORD.to_owned(),
            serde_json::to_string(PASSWORD).expect("JSON"),
            STANDARD.encode(PASSWORD),
            STANDARD.encode(format!("mon:{PASSWORD}")),
            "CANARY-pa%24%24%20%22w%2Frd%2B1%3C%26".to_owned(),
            "CANARY-pa%24%24%20%22w%2frd%2b1%3c%26".to_owned(),
            "CANARY-pa%24%24+%22w%2Frd%2B1%3C%26".to_owned(),
            "CANARY-pa$$ &quot;w/rd+1&lt;&amp;".to_owned(),
            "CANARY-pa$$ \"w/rd+1&lt;&amp;".to_owned(),
            "CANARY-pa$$ \\\"w\\/rd+1<&".to_owned(),
            "session-v1:CANARY==".to_owned(),
        ] {
            let text = format!("before {quoted} after");
            let body = Bytes::from(text.clone());
            let all = [
                known.quiet(&text),
                String::from_utf8_lossy(&known.quiet_error(&body)).into_owned(),
                String::from_utf8_lossy(&known.quiet_data(&body)).into_owned(),
            ];
            for quiet in all {
                assert!(
                    quiet.contains("before ") && quiet.contains("scrubbed") && quiet.contains(" after"),
                    "{quiet}"
                );
                for secret in ["CANARY", &quoted] {
                    assert!(!quiet.contains(secret), "{quiet}");
                }
            }
        }
    }

    #[test]
    fn data_is_not_spoilt_by_a_short_or_numeric_password() {
        for password in ["state", "12345678"] {
            let known = KnownSecrets::default();
            known.learn(password);
            let body = Bytes::from("{\"state\": \"x\", \"bytes\": 9123456780}");
            assert_eq!(known.quiet_data(&body), body);
            assert_ne!(known.quiet_error(&body), body);
        }
    }

    #[test]
    fn tokens_of_former_sessions_are_forgotten_in_time_and_memory_is_bounded() {
        let known = KnownSecrets::default();
        for number in 0..1000 {
            known.learn(&format!("token-{number}-x"));
        }
        assert_eq!(known.lock().secrets.len(), MOST);
        assert_eq!(known.quiet("token-999-x"), SCRUBBED);
    }
}
