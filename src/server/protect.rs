//! What stands before every route: the rate limit, the password and the headers of the web configuration.
//!
//! Knows no route. As in exporter-toolkit, no path is exempt, `/-/healthy` included.

use super::{
    Web,
    plain::plain,
    web_config::{Users, WebConfig},
};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;

/// Passwords compared at a time. One takes a processor for a twentieth of a second or more.
const HASHING: usize = 2;

/// Passwords that are compared or wait for it. Beyond that clients are told to come back.
const PLACES: usize = 64;

/// Verified passwords that are remembered. There are as many as users, unless somebody plays.
const REMEMBERED: usize = 1024;

/// Puts `router` behind what `web` asks for.
pub(super) fn protect(router: Router, web: &Arc<Web>) -> Router {
    let guard = Arc::new(Guard {
        web: Arc::clone(web),
        verified: Mutex::default(),
        places: Arc::new(Semaphore::new(PLACES)),
        hashing: Arc::new(Semaphore::new(HASHING)),
    });
    router.layer(from_fn_with_state(guard, answer))
}

struct Guard {
    web: Arc<Web>,
    verified: Mutex<HashSet<Proof>>,
    places: Arc<Semaphore>,
    hashing: Arc<Semaphore>,
}

/// A digest of name, hash and password: who changes one of them has to prove himself again.
type Proof = [u8; 32];

struct Credentials {
    name: String,
    password: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Welcome,
    Refused,
    /// Too many are waiting for their verdict.
    Later,
}

async fn answer(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let config = guard.web.current().await;
    let mut response = if config.rate.as_ref().is_some_and(|rate| !rate.allows()) {
        plain(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests\n")
    } else {
        match guard.verdict(&config, request.headers()).await {
            Verdict::Welcome => next.run(request).await,
            Verdict::Refused => refusal(),
            Verdict::Later => plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many passwords to verify, try again later.\n",
            ),
        }
    };
    for (name, value) in &config.headers {
        response.headers_mut().insert(name, value.clone());
    }
    response
}

impl Guard {
    async fn verdict(self: &Arc<Self>, config: &Arc<WebConfig>, headers: &HeaderMap) -> Verdict {
        if config.users.is_empty() {
            return Verdict::Welcome;
        }
        let Some(credentials) = Credentials::of(headers) else {
            return Verdict::Refused;
        };
        let proof = credentials.proof(&config.users);
        if self.knows(&proof) {
            return Verdict::Welcome;
        }
        let Ok(_place) = self.places.try_acquire() else {
            return Verdict::Later;
        };
        let Ok(hashing) = Arc::clone(&self.hashing).acquire_owned().await else {
            return Verdict::Later;
        };
        // A scraper's connections come together: the one before may have proved it meanwhile.
        if self.knows(&proof) {
            return Verdict::Welcome;
        }
        let config = Arc::clone(config);
        let matches = tokio::task::spawn_blocking(move || {
            let matches = credentials.match_one_of(&config.users);
            // Kept until here also when the client is gone: it is the processor that is short.
            drop(hashing);
            matches
        });
        if matches.await.unwrap_or(false) {
            self.remember(proof);
            Verdict::Welcome
        } else {
            Verdict::Refused
        }
    }

    fn knows(&self, proof: &Proof) -> bool {
        self.verified
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(proof)
    }

    fn remember(&self, proof: Proof) {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= REMEMBERED {
            verified.clear();
        }
        verified.insert(proof);
    }
}

impl Credentials {
    /// From `Authorization: Basic`, if that is what the client sent.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let (scheme, encoded) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = STANDARD.decode(encoded.trim()).ok()?;
        let colon = decoded.iter().position(|&byte| byte == b':')?;
        Some(Self {
            name: String::from_utf8(decoded[..colon].to_vec()).ok()?,
            password: decoded[colon + 1..].to_vec(),
        })
    }

    fn proof(&self, users: &Users) -> Proof {
        let hash = users.password_of(&self.name).map_or("", |password| password.text());
        let mut digest = Sha256::new();
        for part in [self.name.as_bytes(), hash.as_bytes(), &self.password] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }

    /// Takes as long for a name that nobody has, so that nobody learns from it which names there are.
    fn match_one_of(&self, users: &Users) -> bool {
        let own = users.password_of(&self.name);
        let compared = own.or_else(|| users.decoy());
        let matches = compared.is_some_and(|password| password.matches(&self.password));
        matches && own.is_some()
    }
}

fn refusal() -> Response {
    let mut response = plain(StatusCode::UNAUTHORIZED, "Unauthorized\n");
    let challenge = HeaderValue::from_static("Basic realm=\"replication_exporter\", charset=\"UTF-8\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}
