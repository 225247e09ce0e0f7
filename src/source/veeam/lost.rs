//! A row that cannot be placed, and which relationships it could tell of: those must not vanish for it, and no others stay.
//! `convert.rs` makes it, the book asks it. Pure.

use super::links::Server;
use std::collections::BTreeSet;

/// As much of it as can be read; what is empty could be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lost {
    /// The VM by each of its names.
    pub(super) vms: Vec<String>,
    /// The run of a task.
    pub(super) session: Option<String>,
    pub(super) job_name: String,
    pub(super) server: Server,
}

impl Lost {
    /// Whether it may be of a VM with one of these names.
    pub(super) fn may_be_of_vm<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> bool {
        self.vms.is_empty() || names.into_iter().any(|name| self.vms.contains(name))
    }

    /// Whether it may be of a job on this server that had these names.
    pub(super) fn may_be_of_job(&self, server: &Server, names: &BTreeSet<String>) -> bool {
        (self.server.id.is_empty() || self.server.id == server.id)
            && (self.job_name.trim().is_empty() || names.contains(self.job_name.trim()))
    }
}
