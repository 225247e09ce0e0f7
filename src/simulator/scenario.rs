//! The named stories that a simulated world can tell. Data only; the vendors' folders read it, `args.rs` lists it.

use super::fault::FaultKind;

/// A story. Times are nominal seconds from the start; `--speed` shortens them.
#[derive(Debug)]
pub struct Scenario {
    /// Its name on the command line.
    pub name: &'static str,
    /// How much longer than usual a job takes.
    pub job_length: f64,
    /// When a drive fails on the second array of each pair, and again every six hours; `None`: never.
    pub drive_failure: Option<f64>,
    /// A fault of the first array of each pair, and when it begins.
    pub fault_of_first: Option<(FaultKind, f64)>,
}

/// From one drive failure to the next, nominal seconds.
pub(crate) const DRIVE_FAILURE_PERIOD: f64 = 6.0 * 3600.0;

/// Every story; the first is the default.
pub static SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "default",
        job_length: 1.0,
        drive_failure: Some(20.0 * 60.0),
        fault_of_first: None,
    },
    Scenario {
        name: "lagging",
        job_length: 40.0,
        drive_failure: None,
        fault_of_first: None,
    },
    Scenario {
        name: "data-at-risk",
        job_length: 1.0,
        drive_failure: Some(0.0),
        fault_of_first: None,
    },
    Scenario {
        name: "source-lost",
        job_length: 1.0,
        drive_failure: None,
        fault_of_first: Some((FaultKind::Down, 5.0 * 60.0)),
    },
];

/// The story of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().find(|scenario| scenario.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_is_found_by_its_name() {
        for scenario in SCENARIOS {
            assert!(std::ptr::eq(named(scenario.name).expect("a scenario"), scenario));
        }
        assert!(named("nonsense").is_none());
    }
}
