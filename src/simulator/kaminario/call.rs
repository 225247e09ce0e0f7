//! A request on its way through the API: what a route and an operation may look at. `mod.rs` makes it.

use super::access::Accounts;
use crate::simulator::device::Request;

/// A request on its way through the API.
pub(crate) struct Call<'a> {
    /// Which array of the pair is asked.
    pub(crate) array: usize,
    pub(crate) request: &'a Request,
    pub(crate) accounts: &'a Accounts,
}
