//! A request on its way through the API: what a route and an operation may look at. `mod.rs` makes it.

use super::session::{Accounts, Sessions};
use crate::{model::Timestamp, simulator::device::Request};

/// A request on its way through the API.
pub(crate) struct Call<'a> {
    /// Which cluster of the pair is asked.
    pub(crate) cluster: usize,
    /// The `{id}` of the path, or "".
    pub(crate) id: &'a str,
    pub(crate) request: &'a Request,
    pub(crate) now: Timestamp,
    pub(crate) accounts: &'a Accounts,
    pub(crate) sessions: &'a Sessions,
}
