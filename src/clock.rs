//! The only reader of wall time.
//!
//! Everything that needs "now" is handed a [`Clock`]; intervals and expiry use `tokio::time::Instant` instead, so a jump of
//! the host's clock changes what lag says but never the pace of polling. Holds no arithmetic on times: that is
//! [`Timestamp`]'s.

use crate::model::Timestamp;
use tokio::time::Instant;

/// Where wall time comes from: the host, or in tests tokio's (pausable) time from a fixed start.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Kind);

/// The present, on both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// What people call now.
    pub wall: Timestamp,
    /// What expiry is judged by.
    pub instant: Instant,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Host,
    Tokio {
        wall: Timestamp,
        instant: Instant,
    },
    /// Tokio's, but for a jump of so many seconds at a moment.
    #[cfg(test)]
    Jumping {
        wall: Timestamp,
        instant: Instant,
        at: Instant,
        by: f64,
    },
}

impl Clock {
    /// The host's clock.
    #[must_use]
    pub fn host() -> Self {
        Self(Kind::Host)
    }

    /// A clock that reads `wall` now and goes on with tokio's time, which a test can pause and advance.
    #[must_use]
    pub fn following_tokio(wall: Timestamp) -> Self {
        Self(Kind::Tokio {
            wall,
            instant: Instant::now(),
        })
    }

    /// The same as [`Clock::following_tokio`], but at a moment it is moved by so many seconds.
    #[cfg(test)]
    pub(crate) fn jumping(wall: Timestamp, at: Instant, by: f64) -> Self {
        let instant = Instant::now();
        Self(Kind::Jumping { wall, instant, at, by })
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self.0 {
            Kind::Host => {
                #[expect(clippy::disallowed_methods, reason = "the one place that reads the host's clock")]
                let now = std::time::SystemTime::now();
                Timestamp::from_system_time(now)
            }
            Kind::Tokio { wall, instant } => wall.plus_seconds(instant.elapsed().as_secs_f64()),
            #[cfg(test)]
            Kind::Jumping { wall, instant, at, by } => {
                let jumped = if Instant::now() < at { 0.0 } else { by };
                wall.plus_seconds(instant.elapsed().as_secs_f64() + jumped)
            }
        }
    }
}
