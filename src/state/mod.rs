//! What is known of one array, and what is made of that without locks or text: what a poll changed, what pages show.
//!
//! The store keeps one [`ArrayState`] per array, the metrics render it. Holds no lock, no task, no I/O and no vendor.

pub mod array;
pub(crate) mod overview;
pub(crate) mod transition;

pub use array::{ArrayState, FormerFacts, SectionState};
pub use transition::Transition;
