//! A response body made of ready frames, which holds the request's permit until it is sent or dropped.
//!
//! The permit lives here and not in the handler, because a client that reads slowly occupies the server after the handler
//! has returned.

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    vec,
};
use tokio::sync::OwnedSemaphorePermit;

/// Frames and a permit. The size is exact, so the response has a `Content-Length`.
pub(super) struct FramesBody {
    frames: vec::IntoIter<Bytes>,
    remaining: u64,
    _permit: Option<OwnedSemaphorePermit>,
}

impl FramesBody {
    pub(super) fn new(frames: Vec<Bytes>, permit: Option<OwnedSemaphorePermit>) -> Self {
        Self {
            remaining: frames.iter().map(|frame| frame.len() as u64).sum(),
            frames: frames.into_iter(),
            _permit: permit,
        }
    }
}

impl http_body::Body for FramesBody {
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
        self.frames.len() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}
