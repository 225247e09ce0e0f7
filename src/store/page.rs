//! Joins the text of arrays into a page: family by family, array by array.

use super::{Slot, Store};
use crate::metrics::{
    catalogue::FamilyId,
    page::{Page, PageBuilder},
    render::RenderedArray,
    text,
};
use bytes::Bytes;
use std::sync::{Arc, LazyLock, atomic::Ordering};
use tokio::time::Instant;

/// HELP and TYPE of every family, made once.
static HEADERS: LazyLock<Vec<Bytes>> = LazyLock::new(|| {
    FamilyId::ALL
        .iter()
        .map(|family| text::header(family.family()).into())
        .collect()
});

/// Pages out of a store.
pub trait Pages {
    /// The page of the arrays that `wanted` picks by name, and of the exporter itself if asked for.
    fn page(&self, wanted: impl Fn(&str) -> bool, exporter: bool) -> Page;
}

impl Pages for Store {
    fn page(&self, wanted: impl Fn(&str) -> bool, exporter: bool) -> Page {
        // Read before the text: a publish in between makes the page look older than it is, never newer.
        let generation = self.generation.load(Ordering::Acquire);
        let mut page = PageBuilder::new();
        if exporter {
            page.push(&self.exporter.text());
        }
        let arrays: Vec<Arc<RenderedArray>> = self
            .slots()
            .iter()
            .filter(|slot| wanted(slot.name()))
            .map(|slot| Slot::rendered(slot).clone())
            .collect();
        let now = Instant::now();
        for (family, header) in FamilyId::ALL.iter().zip(HEADERS.iter()) {
            join_family(*family, header, &arrays, now, &mut page);
        }
        page.finish(generation)
    }
}

fn join_family(family: FamilyId, header: &Bytes, arrays: &[Arc<RenderedArray>], now: Instant, page: &mut PageBuilder) {
    let mut begun = false;
    let segments = arrays.iter().filter_map(|array| array.families.get(&family)).flatten();
    for segment in segments {
        let (text, expires_at) = segment.at(now);
        if let Some(expires_at) = expires_at {
            page.expires_at(expires_at);
        }
        if text.is_empty() {
            continue;
        }
        if !begun {
            page.push(header);
            begun = true;
        }
        page.push(text);
    }
}
