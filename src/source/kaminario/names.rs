//! What the objects that sessions refer to are called. Filled by `mod.rs` from lists that may fail without losing the
//! sessions: what is not known is shown by its number. References are local to their array.

use super::wire::{Id, Named};
use crate::source::lenient::Lenient;
use std::collections::BTreeMap;

/// Names by id, as last heard.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// What the configuration calls the array.
    configured_name: String,
    pub(super) own_name: String,
    pub(super) own_system_id: String,
    peers: BTreeMap<Id, Peer>,
    volume_groups: BTreeMap<Id, String>,
    peer_volume_groups: BTreeMap<Id, String>,
}

#[derive(Clone, Debug)]
struct Peer {
    name: String,
    system_id: String,
}

impl Names {
    pub(super) fn new(configured_name: &str) -> Self {
        Self {
            configured_name: configured_name.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn set_peers(&mut self, peers: Vec<Named>) {
        let peer = |it: Named| {
            Some((
                id(&it)?,
                Peer {
                    name: text(it.name),
                    system_id: text(it.system_id),
                },
            ))
        };
        self.peers = peers.into_iter().filter_map(peer).collect();
    }

    pub(super) fn set_volume_groups(&mut self, groups: &[Named]) {
        self.volume_groups = named(groups);
    }

    pub(super) fn set_peer_volume_groups(&mut self, groups: &[Named]) {
        self.peer_volume_groups = named(groups);
    }

    pub(super) fn peer(&self, id: Option<&Id>) -> String {
        let known = id.and_then(|id| self.peers.get(id)).map(|peer| peer.name.clone());
        known
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| number(id, "peer_k2arrays"))
    }

    /// Empty if it is not known.
    pub(super) fn peer_system_id(&self, id: Option<&Id>) -> String {
        let known = id.and_then(|id| self.peers.get(id));
        known.map(|peer| peer.system_id.clone()).unwrap_or_default()
    }

    pub(super) fn volume_group(&self, id: Option<&Id>) -> String {
        let known = id.and_then(|id| self.volume_groups.get(id)).cloned();
        known.unwrap_or_else(|| number(id, "volume_groups"))
    }

    /// Empty if it is not known: its number means nothing on either array.
    pub(super) fn peer_volume_group(&self, id: Option<&Id>) -> String {
        id.and_then(|id| self.peer_volume_groups.get(id))
            .cloned()
            .unwrap_or_default()
    }

    /// Whether every one of these is known by name.
    pub(super) fn knows(&self, peer: &Lenient<Id>, group: &Lenient<Id>, peer_group: &Lenient<Id>) -> bool {
        is_in(peer, &self.peers) && is_in(group, &self.volume_groups) && is_in(peer_group, &self.peer_volume_groups)
    }

    /// The same text on both arrays: the two halves `system id/session id`, sorted. Else the own half alone, until the other
    /// is known; in it the configured name stands for the system id until the array has said who it is.
    pub(super) fn pair(&self, id: &Id, peer: Option<&Id>, remote: Option<&Id>) -> Result<String, String> {
        let half = |system_id: &str, id: &Id| format!("{system_id}/{}", id.0);
        if self.own_system_id.is_empty() {
            return Err(half(&self.configured_name, id));
        }
        let own = half(&self.own_system_id, id);
        let peer = peer
            .and_then(|id| self.peers.get(id))
            .filter(|peer| !peer.system_id.is_empty());
        match (peer, remote) {
            (Some(peer), Some(remote)) => {
                let mut halves = [own, half(&peer.system_id, remote)];
                halves.sort();
                Ok(halves.join("~"))
            }
            _ => Err(own),
        }
    }
}

fn is_in<T>(id: &Lenient<Id>, names: &BTreeMap<Id, T>) -> bool {
    match id {
        Lenient::Value(id) => names.contains_key(id),
        _ => true,
    }
}

fn named(objects: &[Named]) -> BTreeMap<Id, String> {
    objects
        .iter()
        .filter_map(|it| Some((id(it)?, text(it.name.clone()))))
        .collect()
}

fn id(it: &Named) -> Option<Id> {
    match &it.id {
        Lenient::Value(id) => Some(id.clone()),
        _ => None,
    }
}

fn text(text: Lenient<String>) -> String {
    match text {
        Lenient::Value(text) => text,
        _ => String::new(),
    }
}

fn number(id: Option<&Id>, kind: &str) -> String {
    id.map(|id| format!("{kind}/{}", id.0)).unwrap_or_default()
}
