//! The list of simulated vendors: a line each. What each one needs of its simulator is in the vendor's folder.

use super::{
    device::{Answer, Blueprint, Stage},
    kaminario, qumulo, veeam,
};
use crate::config::Vendor;

/// A vendor as the simulator knows it.
pub(crate) struct Simulated {
    /// Its name in the configuration.
    pub(crate) name: &'static str,
    /// Builds its arrays.
    pub(crate) arrays: fn(&Stage) -> Vec<Blueprint>,
    /// The answer to any log-on, with this as the ticket, where there is a log-on: a replayed array welcomes everybody.
    pub(crate) welcome: Option<fn(ticket: &str) -> Answer>,
    /// The nominal objective of its relationships, in seconds.
    pub(crate) rpo: f64,
    /// Nominal objectives of some of them, by a glob.
    pub(crate) rpo_overrides: &'static [(&'static str, f64)],
}

/// Every vendor.
const ALL: &[Simulated] = &[qumulo::SIMULATED, kaminario::SIMULATED, veeam::SIMULATED];

/// The simulator of a vendor; `None` if nobody wrote one.
pub(crate) fn of(vendor: Vendor) -> Option<&'static Simulated> {
    ALL.iter().find(|each| each.name == vendor.name())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_vendor_has_a_simulator() {
        for vendor in crate::source::vendors::ALL {
            assert!(super::of(*vendor).is_some(), "{vendor:?}");
        }
    }
}
