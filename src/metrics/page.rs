//! A page: the text of one scrape as shared segments, and the frames that are sent of it.
//!
//! Text is rendered when data changes (per array, section and family), so a scrape only lists segments. Small ones are
//! copied together just before they are sent, because a frame costs about as much as copying 8 KiB; large ones are never
//! copied. So a client that does not read holds one frame of its own and not a page. Knows nothing of metrics. The `store`
//! builds pages, the `server` sends them.

use bytes::{Bytes, BytesMut};
use std::vec;
use tokio::time::Instant;

/// The least size of a frame; only the last one of a page may be smaller.
pub const FRAME: usize = 8 * 1024;

/// The text of one scrape.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The text, in order.
    pub segments: Vec<Bytes>,
    /// The state of the store it was made from; grows with every publish.
    pub generation: u64,
    /// When the first reading in it expires; the page must not be shown from then on.
    pub valid_until: Option<Instant>,
}

impl Page {
    /// The size of the text in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.segments.iter().map(Bytes::len).sum()
    }

    /// The text as frames of at least [`FRAME`] bytes, each made when it is asked for.
    #[must_use]
    pub fn into_frames(self) -> Frames {
        Frames {
            segments: self.segments.into_iter(),
            carried: Bytes::new(),
        }
    }
}

/// Collects the segments of a [`Page`].
#[derive(Debug, Default)]
pub struct PageBuilder {
    segments: Vec<Bytes>,
    valid_until: Option<Instant>,
}

impl PageBuilder {
    /// An empty page.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a segment, which is shared and not copied.
    pub fn push(&mut self, segment: &Bytes) {
        if !segment.is_empty() {
            self.segments.push(segment.clone());
        }
    }

    /// The page must not be shown from `expiry` on. The earliest of all calls counts.
    pub fn expires_at(&mut self, expiry: Instant) {
        self.valid_until = Some(self.valid_until.map_or(expiry, |earliest| earliest.min(expiry)));
    }

    /// The page.
    #[must_use]
    pub fn finish(self, generation: u64) -> Page {
        Page {
            segments: self.segments,
            generation,
            valid_until: self.valid_until,
        }
    }
}

/// The frames of a page, one after the other.
#[derive(Debug)]
pub struct Frames {
    segments: vec::IntoIter<Bytes>,
    /// What is left of the segment that filled up the frame before.
    carried: Bytes,
}

impl Frames {
    fn next_segment(&mut self) -> Option<Bytes> {
        if self.carried.is_empty() {
            self.segments.next()
        } else {
            Some(std::mem::take(&mut self.carried))
        }
    }
}

impl Iterator for Frames {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let first = self.next_segment()?;
        if first.len() >= FRAME {
            return Some(first);
        }
        let mut frame = BytesMut::with_capacity(FRAME);
        frame.extend_from_slice(&first);
        while frame.len() < FRAME
            && let Some(mut segment) = self.next_segment()
        {
            let fill = segment.split_to(segment.len().min(FRAME - frame.len()));
            frame.extend_from_slice(&fill);
            self.carried = segment;
        }
        Some(frame.freeze())
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
            prop_assert_eq!(page.size(), sizes.iter().sum::<usize>());
            let frames: Vec<Bytes> = page.into_frames().collect();
            prop_assert_eq!(frames.concat(), segments.concat());
            if let Some((_, but_last)) = frames.split_last() {
                prop_assert!(but_last.iter().all(|frame| frame.len() >= FRAME));
            }
            prop_assert!(frames.iter().all(|frame| !frame.is_empty()));
        }
    }

    #[test]
    fn a_large_segment_is_shared_and_not_copied() {
        let large = Bytes::from(vec![b'x'; 4 * FRAME]);
        let mut frames = build(std::slice::from_ref(&large)).into_frames();
        assert_eq!(frames.next().map(|frame| frame.as_ptr()), Some(large.as_ptr()));

        let mut frames = build(&[Bytes::from_static(b"small"), large.clone()]).into_frames();
        let shared = frames.nth(1);
        assert_eq!(shared.map(|frame| frame.as_ptr()), Some(large[FRAME - 5..].as_ptr()));
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
