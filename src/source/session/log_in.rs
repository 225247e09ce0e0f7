//! Getting a ticket, and what is remembered about it: at most one log-in at a time, and none for a while after a refusal.
//!
//! Called by the session alone, the log-in itself in a task of its own.

use super::{Inner, LogOn, Ticket};
use crate::source::{Error, LoginCounters, PollContext, Reason, backoff, request::Request};
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, sync::Arc};
use tokio::{sync::watch, time::Instant};

pub(super) type LogInResult = Result<Arc<Issued>, Error>;

/// Never locked across an await.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The number of the last ticket issued.
    pub(super) generation: u64,
    pub(super) issued: Option<Arc<Issued>>,
    /// The log-in in flight.
    pub(super) log_in: Option<watch::Receiver<Option<LogInResult>>>,
    pub(super) refusal: Option<Refusal>,
    /// A log-in that failed otherwise, and the deadline that tells the poll in which it did: one attempt per poll.
    pub(super) failed: Option<(Instant, Error)>,
    /// When a request last succeeded.
    pub(super) last_success: Option<Instant>,
    /// Paths that answered 401 to a fresh ticket that is good for others, and until when that is remembered.
    pub(super) denied: BTreeMap<String, Instant>,
}

/// A ticket as issued.
#[derive(Debug)]
pub(super) struct Issued {
    pub(super) generation: u64,
    pub(super) ticket: Ticket,
    pub(super) secret: [u8; 32],
}

/// The array refused the credentials: nothing is sent before `until`, unless the secret changes.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) until: Instant,
    /// SHA-256 of the refused secret; `None` if it could not be read.
    pub(super) secret: Option<[u8; 32]>,
    /// How many pardons there had been.
    pub(super) pardons: u64,
    pub(super) error: Error,
}

impl Refusal {
    /// Whether the same secret must still not be sent.
    fn holds(&self, counters: &LoginCounters) -> bool {
        Instant::now() < self.until && !self.is_pardoned(counters)
    }

    /// Whether a reload was asked for since.
    pub(super) fn is_pardoned(&self, counters: &LoginCounters) -> bool {
        self.pardons != counters.pardons()
    }
}

impl Inner {
    pub(super) async fn read_secret(&self) -> Result<(SecretString, [u8; 32]), Error> {
        let secret = self.secret.clone();
        // A secret may live on a network file system.
        let read = tokio::task::spawn_blocking(move || secret.read()).await;
        let secret = match read {
            Ok(Ok(secret)) => secret,
            Ok(Err(error)) => return Err(Error::new(Reason::Auth, error.to_string())),
            Err(_) => return Err(Error::new(Reason::Internal, "the secret could not be read")),
        };
        self.known.learn(secret.expose_secret());
        let hash = Sha256::digest(secret.expose_secret().as_bytes()).into();
        Ok((secret, hash))
    }

    pub(super) async fn log_in(&self, spent: Option<u64>, began: Instant, context: &PollContext) -> LogInResult {
        let (secret, hash) = match self.read_secret().await {
            Ok(read) => read,
            Err(error) => return Err(self.refuse(None, error)),
        };
        if let Some(refusal) = &self.lock().refusal
            && refusal.secret == Some(hash)
            && refusal.holds(&self.counters)
        {
            return Err(refusal.error.clone());
        }
        match self.authenticator.log_on(&secret) {
            Err(error) => Err(self.refuse(Some(hash), error)),
            Ok(LogOn::Standing(ticket)) => self.stand(spent, began, ticket, hash),
            Ok(LogOn::Ask(request)) => self.ask(&request, hash, context).await,
        }
    }

    /// Takes the secret itself as the ticket, unless it is the one that was just answered with 401.
    fn stand(&self, spent: Option<u64>, began: Instant, ticket: Ticket, hash: [u8; 32]) -> LogInResult {
        let (unchanged, good_for_others) = {
            let state = self.lock();
            let present = state.issued.as_ref();
            (
                present.is_some_and(|issued| Some(issued.generation) == spent && issued.secret == hash),
                state.last_success.is_some_and(|at| at >= began),
            )
        };
        if !unchanged {
            return Ok(self.issue(ticket, hash));
        }
        let error = Error::new(Reason::Auth, "the array refuses the credentials (HTTP 401)");
        if good_for_others {
            Err(error)
        } else {
            if self.authenticator.counts_refusals() {
                self.counters.failed();
            }
            Err(self.refuse(Some(hash), error))
        }
    }

    async fn ask(&self, request: &Request, hash: [u8; 32], context: &PollContext) -> LogInResult {
        self.counters.attempted();
        // A log-in may outlast its poll: giving it up would leave a session behind on the array.
        let own_time = PollContext {
            deadline: Instant::now() + context.limits.timeout,
            ..context.clone()
        };
        let answer = self.exchange(request, None, &own_time).await;
        let error = match answer {
            Ok(answer) if matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                self.counters.failed();
                let message = format!("HTTP {}: the log-in is refused", answer.status);
                return Err(self.refuse(Some(hash), answer.error(Reason::Auth, &message)));
            }
            Ok(answer) => match self.authenticator.reason(&answer) {
                None => match self.authenticator.ticket(&answer) {
                    Ok(ticket) => return Ok(self.issue(ticket, hash)),
                    Err(error) => error,
                },
                Some(reason) => answer.error(reason, &format!("HTTP {}", answer.status)),
            },
            Err(error) => error,
        };
        self.counters.failed();
        self.lock().failed = Some((context.deadline, error.clone()));
        Err(error)
    }

    fn issue(&self, ticket: Ticket, secret: [u8; 32]) -> Arc<Issued> {
        let mut state = self.lock();
        state.generation += 1;
        let issued = Arc::new(Issued {
            generation: state.generation,
            ticket,
            secret,
        });
        state.issued = Some(Arc::clone(&issued));
        state.refusal = None;
        state.failed = None;
        issued
    }

    /// Remembers that the array refuses this secret, so that nothing is sent for a while.
    fn refuse(&self, secret: Option<[u8; 32]>, error: Error) -> Error {
        let mut state = self.lock();
        state.issued = None;
        state.refusal = Some(Refusal {
            until: Instant::now() + backoff::AUTH,
            secret,
            pardons: self.counters.pardons(),
            error: error.clone(),
        });
        error
    }

    /// A fresh ticket was answered with 401 as well. If it is good for other requests, only this path is closed (some
    /// systems say 401 where they mean a missing right); else the credentials are refused.
    pub(super) fn refused_twice(&self, path: &str, renewed: &Issued, began: Instant, error: &Error) {
        let mut state = self.lock();
        if state.last_success.is_some_and(|at| at >= began) {
            state.denied.insert(path.to_owned(), Instant::now() + backoff::AUTH);
            return;
        }
        let is_present = state
            .issued
            .as_ref()
            .is_some_and(|issued| issued.generation == renewed.generation);
        drop(state);
        if is_present {
            self.refuse(Some(renewed.secret), error.clone());
        }
    }

    pub(super) fn is_denied(&self, path: &str) -> bool {
        let mut state = self.lock();
        let now = Instant::now();
        state.denied.retain(|_, until| *until > now);
        state.denied.contains_key(path)
    }
}
