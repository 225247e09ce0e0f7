//! Numbers with their unit in the type. Bytes, files and seconds are plain `u64`/`f64` in fields that say so by name.

/// A share, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, serde::Serialize)]
#[serde(transparent)]
pub struct Ratio(f64);

impl Ratio {
    /// From a percentage. `None` if it is no percentage at all; a rounding error past an end is held at that end.
    #[must_use]
    pub fn from_percent(percent: f64) -> Option<Self> {
        const ROUNDING: f64 = 0.5;
        (-ROUNDING..=100.0 + ROUNDING)
            .contains(&percent)
            .then(|| Self((percent / 100.0).clamp(0.0, 1.0)))
    }

    /// The share, 0 to 1.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_divided_by_a_hundred() {
        assert_eq!(Ratio::from_percent(37.5).map(Ratio::get), Some(0.375));
        assert_eq!(Ratio::from_percent(100.0).map(Ratio::get), Some(1.0));
    }

    #[test]
    fn what_is_no_percentage_is_none() {
        for percent in [-1.0, 101.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Ratio::from_percent(percent), None, "{percent}");
        }
    }
}
