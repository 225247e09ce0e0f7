//! What the worlds of all vendors have in common: a site of one or two arrays with names, faults and clocks of their own, and
//! the devices in front of it, each of which brings the world up to date before it answers. A vendor's folder implements
//! [`World`].

use super::{
    accounts::{Account, Lasting, Role, Sessions, accounts},
    device::{Answer, Blueprint, Device, Pace, Request, SimulatedCredentials, Stage},
    dice::Dice,
    fault::{FaultBoard, FaultKind},
    refusal::Refusal,
};
use crate::model::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

/// Everything that is simulated behind the arrays of one site.
pub(crate) trait World: Send + Sized + 'static {
    /// The names of the user that monitors and of the administrator.
    const USERS: [&'static str; 2] = ["monitor", "admin"];
    /// Whether a user may have a long-lived token instead of a password.
    const TOKENS: bool = false;
    /// How long a session lasts, where there are sessions.
    const SESSIONS: Lasting = Lasting::Fixed(0.0);

    fn site(&self) -> &Site;

    /// Lives until `now`.
    fn advance(&mut self, now: Timestamp);

    /// Answers a request, if the caller may make it.
    fn answer(&mut self, call: &Call<'_>) -> Result<Answer, Refusal>;

    /// A refusal in the vendor's words.
    fn refused(refusal: &Refusal) -> Answer;
}

/// A request on its way through the API of an array.
pub(crate) struct Call<'a> {
    /// Which array of the site is asked.
    pub(crate) array: usize,
    pub(crate) request: &'a Request,
    pub(crate) now: Timestamp,
    pub(crate) faults: Vec<FaultKind>,
    pub(crate) accounts: &'a [Account; 2],
    pub(crate) sessions: &'a Sessions,
}

impl<'a> Call<'a> {
    pub(crate) fn fails(&self, fault: &FaultKind) -> bool {
        self.faults.contains(fault)
    }

    /// Whether a fault has taken this right from everybody.
    pub(crate) fn is_forbidden(&self, right: &str) -> bool {
        self.fails(&FaultKind::Forbid(right.to_owned()))
    }

    pub(crate) fn account(&self, role: Role) -> &'a Account {
        &self.accounts[usize::from(role == Role::Admin)]
    }

    /// The user with this name and password.
    pub(crate) fn log_in(&self, user: &str, password: &str) -> Result<&'a Account, Refusal> {
        let mut accounts = self.accounts.iter();
        accounts
            .find(|account| account.name == user && account.password == password)
            .filter(|_| !self.fails(&FaultKind::Auth))
            .ok_or(Refusal::Unauthenticated)
    }

    /// The user of the `Authorization` header with HTTP Basic.
    pub(crate) fn basic(&self) -> Result<&'a Account, Refusal> {
        let (user, password) = self.request.basic().ok_or(Refusal::Unauthenticated)?;
        self.log_in(&user, &password)
    }

    /// The document in the body.
    pub(crate) fn body<T: serde::Deserialize<'a>>(&self) -> Result<T, Refusal> {
        serde_json::from_slice(&self.request.body).map_err(|error| Refusal::malformed(format!("Bad request: {error}")))
    }
}

/// The arrays of a world and what its chance, pace and faults are.
pub(crate) struct Site {
    pub(crate) names: Vec<String>,
    pub(crate) pace: Pace,
    pub(crate) dice: Dice,
    pub(crate) start: Timestamp,
    /// Up to date until here, by true time.
    pub(crate) now: Timestamp,
    faults: Arc<FaultBoard>,
}

impl Site {
    /// At the start of the story.
    pub(crate) fn new(stage: &Stage, names: Vec<String>) -> Self {
        Self {
            names,
            pace: stage.pace,
            dice: stage.dice,
            start: stage.start,
            now: stage.start,
            faults: Arc::clone(&stage.faults),
        }
    }

    /// Two arrays that replicate to each other, the pair number `pair`. The story's fault befalls the first.
    pub(crate) fn pair(stage: &Stage, names: [&str; 2], pair: u64) -> Self {
        let names = names.map(|name| match pair {
            0 => name.to_owned(),
            _ => format!("{name}-{}", pair + 1),
        });
        if let Some((fault, nominal)) = &stage.scenario.fault_of_first {
            let at = stage.start.plus_seconds(stage.pace.seconds(*nominal));
            stage.faults.set(&names[0], fault.clone(), at);
        }
        Self::new(stage, names.into())
    }

    /// Since when one of the arrays has been out of reach.
    pub(crate) fn lost_since(&self, now: Timestamp) -> Option<Timestamp> {
        let arrays = 0..self.names.len();
        arrays
            .filter_map(|array| self.since(array, &FaultKind::Down, now))
            .min()
    }

    /// Since when an array has failed in this way, if it does.
    pub(crate) fn since(&self, array: usize, kind: &FaultKind, now: Timestamp) -> Option<Timestamp> {
        self.faults.since(&self.names[array], kind, now)
    }

    /// The faults of an array.
    pub(crate) fn faults_of(&self, array: usize) -> Vec<FaultKind> {
        let faults = self.faults.active(&self.names[array], self.now);
        faults.into_iter().map(|(kind, _)| kind).collect()
    }

    /// How many seconds an array's clock is ahead.
    pub(crate) fn skew(&self, array: usize) -> f64 {
        self.faults.skew(&self.names[array], self.now)
    }

    /// A moment as an array's own clock shows it.
    pub(crate) fn shown_by(&self, array: usize, at: Timestamp) -> Timestamp {
        at.plus_seconds(self.skew(array))
    }
}

/// The first `count` arrays of as many pairs as that takes.
pub(crate) fn pairs<W: World>(stage: &Stage, world: fn(&Stage, u64) -> W) -> Vec<Blueprint> {
    let pairs = (stage.arrays as u64).div_ceil(2);
    let arrays = (0..pairs).flat_map(|pair| devices(stage, world(stage, pair)));
    arrays.take(stage.arrays).collect()
}

/// The arrays of one world, ready to be served.
pub(crate) fn devices<W: World>(stage: &Stage, world: W) -> Vec<Blueprint> {
    let names = world.site().names.clone();
    let world = Arc::new(Mutex::new(world));
    let device = |(array, name): (usize, String)| {
        let accounts = accounts(stage.dice, &name, W::USERS);
        let [monitor, admin] = &accounts;
        Blueprint {
            vendor: stage.vendor,
            credentials: SimulatedCredentials {
                username: monitor.name.to_owned(),
                password: monitor.password.clone(),
                token: W::TOKENS.then(|| monitor.token.clone()),
                admin: Some((admin.name.to_owned(), admin.password.clone())),
            },
            device: Arc::new(Simulated {
                array,
                world: Arc::clone(&world),
                accounts,
                sessions: Sessions::new(W::SESSIONS),
            }),
            name,
        }
    };
    names.into_iter().enumerate().map(device).collect()
}

/// One array of a world.
struct Simulated<W> {
    array: usize,
    world: Arc<Mutex<W>>,
    accounts: [Account; 2],
    sessions: Sessions,
}

impl<W: World> Device for Simulated<W> {
    fn answer(&self, request: &Request, now: Timestamp) -> Answer {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(now);
        let call = Call {
            array: self.array,
            request,
            now,
            faults: world.site().faults_of(self.array),
            accounts: &self.accounts,
            sessions: &self.sessions,
        };
        world.answer(&call).unwrap_or_else(|refusal| W::refused(&refusal))
    }

    fn expire_sessions(&self) {
        self.sessions.clear();
    }
}
