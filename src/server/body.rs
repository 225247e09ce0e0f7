//! A response body that makes a page's frames as they are sent, and holds the request's permit until it is sent or dropped.
//!
//! The permit lives here and not in the handler, because a client that reads slowly occupies the server after the handler
//! has returned.

use crate::metrics::page::{Frames, Page};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::sync::OwnedSemaphorePermit;

/// A page and a permit. The size is exact, so the response has a `Content-Length`.
pub(super) struct PageBody {
    frames: Frames,
    remaining: u64,
    _permit: Option<OwnedSemaphorePermit>,
}

impl PageBody {
    /// The page as it is.
    pub(super) fn new(page: Page, permit: Option<OwnedSemaphorePermit>) -> Self {
        Self {
            remaining: page.size() as u64,
            frames: page.into_frames(),
            _permit: permit,
        }
    }

    /// Bytes that are ready to be sent.
    pub(super) fn ready(bytes: Bytes, permit: Option<OwnedSemaphorePermit>) -> Self {
        let page = Page {
            segments: vec![bytes],
            ..Page::default()
        };
        Self::new(page, permit)
    }
}

impl http_body::Body for PageBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.frames.next();
        if let Some(frame) = &next {
            self.remaining -= frame.len() as u64;
        }
        Poll::Ready(next.map(|frame| Ok(Frame::data(frame))))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}
