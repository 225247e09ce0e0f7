//! Who a storage system says it is, and what its clock says.

use super::Field;

/// What the `system` section of a poll found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SystemReport {
    /// The name that the system gives itself; not unique and may change.
    pub name: Field<String>,
    /// The system's lasting identity.
    pub id: Field<String>,
    /// Software version.
    pub version: Field<String>,
    /// The system's clock minus the exporter's, in seconds.
    pub clock_skew_seconds: Option<f64>,
}
