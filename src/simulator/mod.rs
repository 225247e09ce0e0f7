//! Simulated storage arrays over real HTTPS: for `demo`, `simulate` and tests.
//!
//! The world evolves with the clock it is given and needs no task of its own: each request first brings it up to date. The
//! same seed and the same operations give the same world. Holds nothing of the product but the clock, the timestamp and the
//! vendor's name, so that it cannot agree with the exporter by sharing its mistakes; a vendor is one folder and one line in
//! `vendors`.

mod accounts;
pub mod args;
mod ca;
mod config_out;
mod device;
mod dice;
mod fault;
mod kaminario;
mod qumulo;
mod refusal;
pub mod replay;
mod request_log;
mod run;
mod scenario;
mod serve;
mod spoil;
#[cfg(test)]
mod tests;
mod veeam;
mod vendors;
mod world;

pub use args::{SimulateArgs, WorldArgs};
pub use ca::CertificateError;
pub use config_out::write_config;
pub use device::SimulatedCredentials;
pub use fault::{Fault, FaultError, FaultKind};
pub use request_log::{LoggedRequest, RequestLog};
pub use run::run;
pub use scenario::{SCENARIOS, Scenario, named as scenario};

use crate::{clock::Clock, config::Vendor};
use device::{Blueprint, Pace, Stage};
use dice::Dice;
use fault::FaultBoard;
use serve::Station;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tokio::{net::TcpListener, task::JoinSet};

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address to listen on; the certificate is good for loopback.
    pub listen: IpAddr,
    /// The port of the first array, the next ones follow; 0: any free ones.
    pub port: u16,
    /// Which vendors' arrays.
    pub vendors: Vec<Vendor>,
    /// How many arrays of each vendor. Arrays that replicate come in pairs.
    pub arrays: usize,
    /// The story.
    pub scenario: &'static Scenario,
    /// How much shorter every period of the world is.
    pub speed: f64,
    /// The world's chance.
    pub seed: u64,
    /// How many relationships each pair of arrays has.
    pub relationships: usize,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            vendors: crate::source::vendors::ALL.to_vec(),
            arrays: 2,
            scenario: &SCENARIOS[0],
            speed: 1.0,
            seed: 1,
            relationships: 16,
            faults: Vec::new(),
        }
    }
}

/// Why there is no simulation.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// An address is not free, or not ours.
    #[error("listening on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        error: std::io::Error,
    },
    /// No certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A number that is none, or too many arrays for the ports above the first.
    #[error("{0}")]
    Options(&'static str),
    /// A fault names an array that is not simulated.
    #[error("no array {0:?} is simulated")]
    NoSuchArray(String),
}

/// Simulated arrays, served until this is shut down or dropped.
pub struct Simulation {
    arrays: Vec<SimulatedArray>,
    ca_pem: String,
    speed: f64,
    faults: Arc<FaultBoard>,
    clock: Clock,
    /// A listener each; dropping them ends them.
    tasks: JoinSet<()>,
}

/// One simulated array.
pub struct SimulatedArray {
    blueprint: Blueprint,
    address: SocketAddr,
    log: Arc<RequestLog>,
}

/// Builds the world and serves its arrays.
pub async fn start(options: Options, clock: Clock) -> Result<Simulation, SimulationError> {
    if !(options.speed.is_finite() && (0.01..=10_000.0).contains(&options.speed)) {
        return Err(SimulationError::Options("speed must be from 0.01 to 10000"));
    }
    let begin = clock.now();
    let faults = Arc::new(FaultBoard::new(&options.faults, begin));
    let blueprints = options.vendors.iter().flat_map(|&vendor| {
        let stage = Stage {
            vendor,
            start: begin,
            pace: Pace(options.speed),
            dice: Dice::new(options.seed),
            scenario: options.scenario,
            arrays: options.arrays,
            relationships: options.relationships,
            faults: Arc::clone(&faults),
        };
        vendors::of(vendor).map_or_else(Vec::new, |simulated| (simulated.arrays)(&stage))
    });
    let blueprints = blueprints.collect();
    open(blueprints, &options, faults, clock).await
}

/// Serves ready arrays, where the options say.
async fn open(
    blueprints: Vec<Blueprint>,
    options: &Options,
    faults: Arc<FaultBoard>,
    clock: Clock,
) -> Result<Simulation, SimulationError> {
    let authority = Arc::new(ca::Authority::new()?);
    let mut simulation = Simulation {
        arrays: Vec::new(),
        ca_pem: authority.pem.clone(),
        speed: options.speed,
        faults: Arc::clone(&faults),
        clock,
        tasks: JoinSet::new(),
    };
    for (index, blueprint) in blueprints.into_iter().enumerate() {
        let address = SocketAddr::new(options.listen, port(options.port, index)?);
        let listen = |error| SimulationError::Listen { address, error };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let log = Arc::new(RequestLog::default());
        let station = Arc::new(Station {
            name: blueprint.name.clone(),
            device: Arc::clone(&blueprint.device),
            faults: Arc::clone(&faults),
            log: Arc::clone(&log),
            clock,
            authority: Arc::clone(&authority),
        });
        simulation.tasks.spawn(serve::serve(listener, station));
        simulation.arrays.push(SimulatedArray {
            blueprint,
            address,
            log,
        });
    }
    if let Some(array) = options
        .faults
        .iter()
        .filter_map(|fault| fault.array.as_deref())
        .find(|array| simulation.array(array).is_none())
    {
        return Err(SimulationError::NoSuchArray(array.to_owned()));
    }
    Ok(simulation)
}

/// The port of the array number `index`.
fn port(first: u16, index: usize) -> Result<u16, SimulationError> {
    if first == 0 {
        return Ok(0);
    }
    u16::try_from(index)
        .ok()
        .and_then(|index| first.checked_add(index))
        .ok_or(SimulationError::Options(
            "there are not that many ports above the first",
        ))
}

impl Simulation {
    /// The arrays, vendor by vendor.
    #[must_use]
    pub fn arrays(&self) -> &[SimulatedArray] {
        &self.arrays
    }

    /// The array of this name.
    #[must_use]
    pub fn array(&self, name: &str) -> Option<&SimulatedArray> {
        self.arrays.iter().find(|array| array.name() == name)
    }

    /// The certificate of the authority to trust, PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// How much shorter every period of the world is.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// From now on `array` fails in this way too; "" is all arrays.
    pub fn set_fault(&self, array: &str, kind: FaultKind) {
        self.faults.set(array, kind, self.clock.now());
    }

    /// Nothing of `array` fails any more; "" lifts what was set for all arrays.
    pub fn clear_faults(&self, array: &str) {
        self.faults.clear(array);
    }

    /// Stops serving: every connection is cut, every address given back.
    pub async fn shutdown(mut self) {
        self.tasks.shutdown().await;
    }
}

impl SimulatedArray {
    /// Its name in the configuration and in faults.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.blueprint.name
    }

    /// Which API it speaks.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.blueprint.vendor
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL, as for the configuration.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The log-ins it accepts.
    #[must_use]
    pub fn credentials(&self) -> &SimulatedCredentials {
        &self.blueprint.credentials
    }

    /// What it was asked.
    #[must_use]
    pub fn log(&self) -> &RequestLog {
        &self.log
    }

    /// Ends every session, as a restart of the array's API does.
    pub fn expire_sessions(&self) {
        self.blueprint.device.expire_sessions();
    }
}
