//! Joins the text of arrays into a page: family by family, array by array.

use super::{Slot, Store};
use crate::{
    metrics::{
        Exposition, Inventory, Selection, UnknownArray,
        catalogue::FamilyId,
        page::{Page, PageBuilder},
        render::RenderedArray,
        text,
    },
    model::{Notice, Overview, Scope, View},
    state::overview,
};
use bytes::Bytes;
use std::{
    collections::HashSet,
    sync::{Arc, LazyLock, atomic::Ordering},
};
use tokio::time::Instant;

/// HELP and TYPE of every family, made once.
static HEADERS: LazyLock<Vec<Bytes>> = LazyLock::new(|| {
    FamilyId::ALL
        .iter()
        .map(|family| text::header(family.family()).into())
        .collect()
});

impl Exposition for Store {
    fn page(&self, selection: &Selection) -> Result<Page, UnknownArray> {
        // Read before the text: a publish in between makes the page look older than it is, never newer.
        let generation = Store::generation(self);
        let (slots, exporter) = self.selected(selection)?;
        let mut page = PageBuilder::new();
        if exporter {
            page.push(&self.exporter.text());
        }
        let arrays: Vec<Arc<RenderedArray>> = slots.iter().map(|slot| slot.rendered().clone()).collect();
        let now = Instant::now();
        for (family, header) in FamilyId::ALL.iter().zip(HEADERS.iter()) {
            join_family(*family, header, &arrays, now, &mut page);
        }
        Ok(page.finish(generation))
    }

    fn ready(&self) -> bool {
        if self.was_ready.load(Ordering::Relaxed) {
            return true;
        }
        let ready = self.slots().iter().all(|slot| slot.state().attempted);
        self.was_ready.fetch_or(ready, Ordering::Relaxed);
        ready
    }

    fn generation(&self) -> u64 {
        Store::generation(self)
    }

    fn overview(&self, scope: &Scope) -> Result<Overview, UnknownArray> {
        let now = self.now();
        let slots = self.slots();
        let mut arrays = Vec::new();
        let mut views: Vec<View> = Vec::new();
        let mut pairs = HashSet::new();
        let is_chosen = |slot: &Slot| match scope {
            Scope::All => true,
            Scope::Arrays(names) => names.contains(&**slot.name()),
            Scope::Pair(_) => false,
        };
        match scope {
            Scope::All => {}
            Scope::Arrays(names) => {
                let known = |name: &&String| slots.iter().any(|slot| **slot.name() == ***name);
                if let Some(unknown) = names.iter().find(|name| !known(name)) {
                    return Err(UnknownArray(unknown.clone()));
                }
            }
            Scope::Pair(pair) => {
                pairs.insert(pair.clone());
            }
        }
        // Copied under the slot's lock, judged and sorted outside it.
        for slot in slots.iter().filter(|slot| is_chosen(slot)) {
            slot.read(|state| {
                arrays.push(overview::of_array(state, now));
                views.extend(overview::views(state, now, |_| true));
            });
        }
        let others = slots.iter().filter(|slot| !is_chosen(slot));
        if *scope != Scope::All {
            // A verdict needs both sides. The other one's array is not among those asked for, but its word on these pairs is.
            pairs.extend(views.iter().map(|view| view.description.pair.clone()));
            pairs.remove("");
        }
        for slot in others {
            slot.read(|state| {
                let before = views.len();
                views.extend(overview::views(state, now, |pair| pairs.contains(pair)));
                if matches!(scope, Scope::Pair(_)) && views.len() > before {
                    arrays.push(overview::of_array(state, now));
                }
            });
        }
        let own = (*scope == Scope::All).then(|| self.exporter().notices());
        let twins = self.twins();
        let twins: Vec<Notice> = arrays
            .iter()
            .filter_map(|array| Some(Notice::of_twin(&array.name, twins.get(&array.name)?)))
            .collect();
        Ok(Overview::new(now.wall, arrays, views).with_own_notices(own.into_iter().flatten().chain(twins)))
    }
}

impl Inventory for Store {
    fn names(&self) -> Vec<Arc<str>> {
        self.slots().iter().map(|slot| slot.name().clone()).collect()
    }
}

impl Store {
    /// The slots of the arrays that a scrape asks for, and whether it asks for the exporter's own metrics.
    fn selected(&self, selection: &Selection) -> Result<(Vec<Arc<Slot>>, bool), UnknownArray> {
        let slots = self.slots();
        match selection {
            Selection::All => Ok((slots, true)),
            Selection::Only { arrays, exporter } => {
                let known = |name: &str| slots.iter().any(|slot| **slot.name() == *name);
                if let Some(unknown) = arrays.iter().find(|name| !known(name)) {
                    return Err(UnknownArray(unknown.clone()));
                }
                let picked = slots.iter().filter(|slot| arrays.contains(&**slot.name()));
                Ok((picked.cloned().collect(), *exporter))
            }
        }
    }
}

fn join_family(family: FamilyId, header: &Bytes, arrays: &[Arc<RenderedArray>], now: Instant, page: &mut PageBuilder) {
    let mut begun = false;
    let segments = arrays.iter().flat_map(|array| array.family(family));
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
