//! Ids, names and links of Enterprise Manager's entities, taken apart. Pure; `convert.rs` calls it. No link is ever followed.

use super::wire::{Link, Links};

/// A backup server, from the link to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Server {
    pub(super) id: String,
    pub(super) name: String,
}

/// `vm@2026-06-16 06:22:59.39912` without its time. A name may hold an `@` of its own, so the last one counts.
pub(super) fn without_time(name: &str) -> &str {
    name.rsplit_once('@').map_or(name, |(name, _)| name)
}

/// The GUID of `urn:veeam:Kind:guid`, or of what is one already.
pub(super) fn guid(uid: &str) -> &str {
    uid.trim().rsplit(':').next().unwrap_or_default()
}

/// The GUID at the end of a link's path. Its host and the kinds in its path are not to be trusted.
pub(super) fn target(link: &Link) -> Option<String> {
    let path = link.href.as_deref()?.split('?').next()?;
    let id = path.rsplit('/').next()?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// The links of an entity.
#[derive(Clone, Copy)]
pub(super) struct Named<'a>(pub(super) Option<&'a Links>);

impl<'a> Named<'a> {
    pub(super) fn of_type(self, kind: &str) -> Option<&'a Link> {
        let mut links = self.0.iter().flat_map(|links| &links.list);
        links.find(|link| link.kind.as_deref() == Some(kind))
    }

    /// The name of the run that a task belongs to, `job@time`, without the time.
    pub(super) fn job_of_run(self) -> String {
        let link = self.of_type("ReplicaJobSessionReference");
        let name = link.and_then(|link| link.name.as_deref());
        name.map(|name| without_time(name).to_owned()).unwrap_or_default()
    }

    /// The name of the job that a point belongs to.
    pub(super) fn job_of_replica(self) -> String {
        let link = self.of_type("ReplicaReference");
        link.and_then(|link| link.name.clone()).unwrap_or_default()
    }

    pub(super) fn server(self) -> Server {
        let link = self.of_type("BackupServerReference");
        Server {
            id: link.and_then(target).unwrap_or_default(),
            name: link.and_then(|link| link.name.clone()).unwrap_or_default(),
        }
    }

    pub(super) fn related_point(self) -> Option<String> {
        let mut links = self.0.iter().flat_map(|links| &links.list);
        let related = links.find(|link| {
            link.rel.as_deref() == Some("Related")
                && link
                    .kind
                    .as_deref()
                    .is_some_and(|kind| kind.starts_with("VmReplicaPoint"))
        });
        related.and_then(target)
    }
}
