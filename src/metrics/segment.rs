//! A piece of the page: the samples of one family of one section of one array, ready to be joined with others.

use bytes::Bytes;
use tokio::time::Instant;

/// Samples that live and expire together.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Until `expires_at`.
    fresh: Bytes,
    /// From then on; empty for readings.
    stale: Bytes,
    /// When `fresh` may no longer be shown.
    expires_at: Option<Instant>,
}

impl Segment {
    /// Samples that stay until they are replaced.
    #[must_use]
    pub fn lasting(text: &str) -> Self {
        Self {
            fresh: Bytes::copy_from_slice(text.as_bytes()),
            stale: Bytes::new(),
            expires_at: None,
        }
    }

    /// Samples that are shown until `expires_at`, and `stale` from then on.
    #[must_use]
    pub fn expiring(fresh: &str, stale: &str, expires_at: Instant) -> Self {
        Self {
            fresh: Bytes::copy_from_slice(fresh.as_bytes()),
            stale: Bytes::copy_from_slice(stale.as_bytes()),
            expires_at: Some(expires_at),
        }
    }

    /// What is to be shown at `now`, and until when that holds.
    #[must_use]
    pub fn at(&self, now: Instant) -> (&Bytes, Option<Instant>) {
        match self.expires_at {
            Some(expires_at) if now >= expires_at => (&self.stale, None),
            expires_at => (&self.fresh, expires_at),
        }
    }
}
