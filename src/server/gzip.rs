//! Gzip of a page: off the async workers, once for everybody who asks at the same time, kept while it is true.

use crate::metrics::{Exposition, Selection, page::Page};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use std::{io, io::Write, sync::Arc};
use tokio::{sync::Mutex, task::spawn_blocking, time::Instant};

/// The whole page, compressed.
#[derive(Default)]
pub(super) struct GzipCache {
    slot: Arc<Mutex<Option<Compressed>>>,
}

#[derive(Clone)]
struct Compressed {
    body: Bytes,
    generation: u64,
    valid_until: Option<Instant>,
}

impl Compressed {
    /// Whether it may answer a request that came when the store was at `generation`.
    fn serves(&self, generation: u64) -> bool {
        self.generation >= generation && self.valid_until.is_none_or(|expiry| Instant::now() < expiry)
    }
}

impl GzipCache {
    /// The compressed whole page, not older than this call.
    pub(super) async fn whole_page(&self, exposition: &Arc<dyn Exposition>) -> io::Result<Bytes> {
        let wanted = exposition.generation();
        let mut slot = Arc::clone(&self.slot).lock_owned().await;
        if let Some(compressed) = slot.as_ref().filter(|compressed| compressed.serves(wanted)) {
            return Ok(compressed.body.clone());
        }
        let exposition = Arc::clone(exposition);
        // The blocking task owns the lock, so a client that goes away neither wastes the work nor lets a second one begin.
        spawn_blocking(move || {
            let page = exposition.page(&Selection::All).map_err(io::Error::other)?;
            let body = compress(&page)?;
            *slot = Some(Compressed {
                body: body.clone(),
                generation: page.generation,
                valid_until: page.valid_until,
            });
            Ok(body)
        })
        .await?
    }
}

/// A page compressed for one request.
pub(super) async fn compress_page(page: Page) -> io::Result<Bytes> {
    spawn_blocking(move || compress(&page)).await?
}

/// Text compressed for one request, where it is made.
pub(super) fn compress_bytes(text: &[u8]) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 8), Compression::fast());
    encoder.write_all(text)?;
    Ok(encoder.finish()?.into())
}

/// One gzip member: curl 7.88 stops after the first of several.
fn compress(page: &Page) -> io::Result<Bytes> {
    // Exposition text shrinks to a tenth or less.
    let mut encoder = GzEncoder::new(Vec::with_capacity(page.size() / 10), Compression::fast());
    for segment in &page.segments {
        encoder.write_all(segment)?;
    }
    Ok(encoder.finish()?.into())
}
