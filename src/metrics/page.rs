//! A page: the text of one scrape as frames that can be sent as they are.
//!
//! Text is rendered when data changes (per array, section and family), so a scrape only joins segments. Small ones are
//! copied together, because a frame costs about as much as copying 8 KiB; large ones are shared. Knows nothing of metrics.
//! The `store` builds pages, the `server` sends them.

use bytes::{Bytes, BytesMut};
use tokio::time::Instant;

/// The least size of a frame; only the last one of a page may be smaller.
pub const FRAME: usize = 8 * 1024;

/// The text of one scrape.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The text, in order.
    pub frames: Vec<Bytes>,
    /// The state of the store it was made from; grows with every publish.
    pub generation: u64,
    /// When the first reading in it expires; the page must not be shown from then on.
    pub valid_until: Option<Instant>,
}

impl Page {
    /// The size of the text in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.frames.iter().map(Bytes::len).sum()
    }
}

/// Joins segments into the frames of a [`Page`].
#[derive(Debug, Default)]
pub struct PageBuilder {
    frames: Vec<Bytes>,
    pending: BytesMut,
    valid_until: Option<Instant>,
}

impl PageBuilder {
    /// An empty page.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a segment. What is left of a large one after filling up the pending frame is shared, not copied.
    pub fn push(&mut self, segment: &Bytes) {
        let mut rest = segment.clone();
        if !self.pending.is_empty() || rest.len() < FRAME {
            let fill = rest.split_to(rest.len().min(FRAME - self.pending.len()));
            self.pending.reserve(FRAME - self.pending.len());
            self.pending.extend_from_slice(&fill);
            if self.pending.len() == FRAME {
                self.frames.push(std::mem::take(&mut self.pending).freeze());
            }
        }
        if rest.len() >= FRAME {
            self.frames.push(rest);
        } else if !rest.is_empty() {
            // The pending frame has just been sent off, so this begins the next one.
            self.pending.reserve(FRAME);
            self.pending.extend_from_slice(&rest);
        }
    }

    /// The page must not be shown from `expiry` on. The earliest of all calls counts.
    pub fn expires_at(&mut self, expiry: Instant) {
        self.valid_until = Some(self.valid_until.map_or(expiry, |earliest| earliest.min(expiry)));
    }

    /// The page.
    #[must_use]
    pub fn finish(mut self, generation: u64) -> Page {
        if !self.pending.is_empty() {
            self.frames.push(self.pending.freeze());
        }
        Page {
            frames: self.frames,
            generation,
            valid_until: self.valid_until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn build(segments: &[Bytes]) -> Page {
        let mut builder = PageBuilder::new();
        for segment in segments {
            builder.push(segment);
        }
        builder.finish(1)
    }

    proptest! {
        #[test]
        fn frames_say_what_the_segments_said_and_only_the_last_is_small(
            sizes in proptest::collection::vec(prop_oneof![0..200usize, 0..3 * FRAME], 0..60)
        ) {
            let mut letters = (b'a'..=b'z').cycle();
            let segments: Vec<Bytes> = sizes
                .iter()
                .map(|&size| letters.by_ref().take(size).collect::<Vec<u8>>().into())
                .collect();
            let page = build(&segments);
            prop_assert_eq!(page.frames.concat(), segments.concat());
            prop_assert_eq!(page.size(), sizes.iter().sum::<usize>());
            if let Some((_, but_last)) = page.frames.split_last() {
                prop_assert!(but_last.iter().all(|frame| frame.len() >= FRAME));
            }
            prop_assert!(page.frames.iter().all(|frame| !frame.is_empty()));
        }
    }

    #[test]
    fn a_large_segment_is_shared_and_not_copied() {
        let large = Bytes::from(vec![b'x'; 4 * FRAME]);
        let page = build(std::slice::from_ref(&large));
        assert_eq!(page.frames[0].as_ptr(), large.as_ptr());

        let page = build(&[Bytes::from_static(b"small"), large.clone()]);
        let shared = &page.frames[1];
        assert_eq!(shared.as_ptr(), large[FRAME - 5..].as_ptr());
    }

    #[tokio::test]
    async fn the_earliest_expiry_counts() {
        let now = Instant::now();
        let mut builder = PageBuilder::new();
        for seconds in [30, 10, 20] {
            builder.expires_at(now + Duration::from_secs(seconds));
        }
        assert_eq!(builder.finish(1).valid_until, Some(now + Duration::from_secs(10)));
        assert_eq!(PageBuilder::new().finish(1).valid_until, None);
    }
}
