//! Getting a ticket, and what is remembered about it: at most one log-in at a time, and none for a while after a refusal.
//!
//! Called by the session alone, the log-in itself in a task of its own.

use super::{Inner, LogOn, Ticket};
use crate::{
    config::SecretError,
    source::{Error, LoginCounters, PollContext, Reason, backoff, request::Request},
};
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
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
    /// A log-in that failed otherwise, and the deadline that tells the poll in which it did: one attempt per poll.
    pub(super) failed: Option<(Instant, Error)>,
    /// The secret that a request last succeeded with.
    pub(super) proven: Option<[u8; 32]>,
    /// The poll, by its deadline, in which a good secret was answered with 401, and nothing succeeded since.
    pub(super) suspicion: Option<Instant>,
    /// Where that was, and with which ticket: if that ticket is good elsewhere, only these places are closed.
    pub(super) suspects: BTreeSet<(u64, String)>,
    /// Places that answer 401 to a ticket that is good for others, until when that is remembered, and how many pardons there
    /// had been.
    pub(super) denied: BTreeMap<String, (Instant, u64)>,
}

/// A ticket as issued.
#[derive(Debug)]
pub(super) struct Issued {
    pub(super) generation: u64,
    pub(super) ticket: Ticket,
    pub(super) secret: [u8; 32],
    /// Whether the array made it, and knows rights with it.
    pub(super) is_session: bool,
    /// The poll in which it was made in place of another, by its deadline.
    pub(super) renewed_in: Option<Instant>,
    at: Instant,
    pardons: u64,
}

/// How often a new session is worth a try where something is forbidden: the right may have been granted since.
const RIGHTS: Duration = Duration::from_hours(1);

impl Issued {
    /// Whether the user's rights may be others by now: an hour passed, or a reload was asked for.
    pub(super) fn is_outdated(&self, counters: &LoginCounters) -> bool {
        self.at.elapsed() >= RIGHTS || self.pardons != counters.pardons()
    }
}

/// An error that is worth another try at the next tick.
pub(super) fn once_more(mut error: Error) -> Error {
    error.retry_after = Some(backoff::RETRY_AFTER.0);
    error
}

pub(super) fn unread(error: &SecretError) -> Error {
    let reason = match error {
        SecretError::Unusable(_) => Reason::Auth,
        SecretError::Shortage(_) => Reason::Internal,
    };
    Error::new(reason, error.to_string())
}

impl Inner {
    pub(super) async fn read_secret(&self) -> Result<(SecretString, [u8; 32]), Error> {
        let secret = self.secret.clone();
        // A secret may live on a network file system.
        let read = tokio::task::spawn_blocking(move || secret.read()).await;
        let secret = match read {
            Ok(Ok(secret)) => secret,
            Ok(Err(error)) => return Err(unread(&error)),
            Err(_) => return Err(Error::new(Reason::Internal, "the secret could not be read")),
        };
        self.known.learn(secret.expose_secret());
        let hash = Sha256::digest(secret.expose_secret().as_bytes()).into();
        Ok((secret, hash))
    }

    pub(super) async fn log_in(&self, spent: Option<u64>, context: &PollContext) -> LogInResult {
        let (secret, hash) = match self.read_secret().await {
            Ok(read) => read,
            // The exporter's own trouble: the array refused nothing, and the next poll reads again.
            Err(error) if error.reason == Reason::Internal => return Err(error),
            Err(error) => return Err(self.refuse(None, error)),
        };
        if let Some(refusal) = self.counters.refusal()
            && refusal.secret == Some(hash)
            && refusal.holds(&self.counters)
        {
            return Err(refusal.error);
        }
        match self.authenticator.log_on(&secret) {
            Err(error) => Err(self.refuse(Some(hash), error)),
            Ok(LogOn::Standing(ticket)) => self.stand(spent, ticket, hash, context),
            Ok(LogOn::Ask(request)) => self.ask(&request, hash, context).await,
        }
    }

    /// Takes the secret itself as the ticket, unless it is the one that was just answered with 401.
    fn stand(&self, spent: Option<u64>, ticket: Ticket, hash: [u8; 32], context: &PollContext) -> LogInResult {
        let unchanged = {
            let state = self.lock();
            let present = state.issued.as_ref();
            present.is_some_and(|issued| Some(issued.generation) == spent && issued.secret == hash)
        };
        if !unchanged {
            return Ok(self.issue(ticket, hash, false, context));
        }
        let error = Error::new(Reason::Auth, "the array refuses the credentials (HTTP 401)");
        if self.is_given_one_more_try(hash, context) {
            return Err(once_more(error));
        }
        if self.authenticator.counts_refusals() {
            self.counters.failed();
        }
        Err(self.refuse(Some(hash), error))
    }

    /// A secret that worked is not refused by one poll's 401: some systems give a stray one while they restart.
    fn is_given_one_more_try(&self, secret: [u8; 32], context: &PollContext) -> bool {
        let mut state = self.lock();
        if state.proven != Some(secret) {
            return false;
        }
        *state.suspicion.get_or_insert(context.deadline) == context.deadline
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
                    Ok(ticket) => return Ok(self.issue(ticket, hash, true, context)),
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

    fn issue(&self, ticket: Ticket, secret: [u8; 32], is_session: bool, context: &PollContext) -> Arc<Issued> {
        let mut state = self.lock();
        state.generation += 1;
        let issued = Arc::new(Issued {
            generation: state.generation,
            ticket,
            secret,
            is_session,
            renewed_in: state.issued.is_some().then_some(context.deadline),
            at: Instant::now(),
            pardons: self.counters.pardons(),
        });
        state.issued = Some(Arc::clone(&issued));
        self.counters.accept();
        state.failed = None;
        issued
    }

    /// Remembers that the array refuses this secret, so that nothing is sent for a while.
    fn refuse(&self, secret: Option<[u8; 32]>, error: Error) -> Error {
        let mut state = self.lock();
        state.issued = None;
        state.suspicion = None;
        state.suspects.clear();
        drop(state);
        self.counters.refuse(secret, error.clone());
        error
    }

    /// A fresh ticket was answered with 401 as well. If it proves good for other requests, only this place is closed (some
    /// systems say 401 where they mean a missing right); if nothing succeeds until the next poll's 401, the credentials are
    /// refused.
    pub(super) fn doubt(&self, place: &str, issued: &Issued, context: &PollContext, error: &Error) {
        self.suspect(place, issued);
        let is_refusal = {
            let mut state = self.lock();
            *state.suspicion.get_or_insert(context.deadline) != context.deadline
        };
        if is_refusal {
            self.refuse(Some(issued.secret), error.clone());
        }
    }

    /// Remembers where a ticket was not welcome.
    pub(super) fn suspect(&self, place: &str, issued: &Issued) {
        const MOST: usize = 100;
        let mut state = self.lock();
        if state.suspects.len() < MOST {
            state.suspects.insert((issued.generation, place.to_owned()));
        }
    }

    /// A request succeeded: the ticket is good, and where it was not welcome something else is wrong.
    pub(super) fn prove(&self, issued: &Issued) {
        let mut state = self.lock();
        state.proven = Some(issued.secret);
        state.suspicion = None;
        let until = (Instant::now() + backoff::AUTH, self.counters.pardons());
        for (generation, place) in std::mem::take(&mut state.suspects) {
            if generation == issued.generation {
                state.denied.insert(place, until);
            }
        }
    }

    pub(super) fn is_denied(&self, path: &str) -> bool {
        let mut state = self.lock();
        let (now, pardons) = (Instant::now(), self.counters.pardons());
        state.denied.retain(|_, (until, at)| *until > now && *at == pardons);
        state.denied.contains_key(path)
    }
}
