//! When two clocks differ: the one place that says from where on a difference counts.

/// Below this, a difference is only the resolution of a `Date` header and of the way there.
pub const NEGLIGIBLE_SECONDS: f64 = 2.0;

/// A clock's difference in seconds, where it is one; what is not known is none.
#[must_use]
pub fn significant(skew_seconds: Option<f64>) -> f64 {
    skew_seconds
        .filter(|skew| skew.abs() >= NEGLIGIBLE_SECONDS)
        .unwrap_or(0.0)
}
