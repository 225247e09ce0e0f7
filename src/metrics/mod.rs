//! Metrics: the text of the exposition and how its parts become a page.
//!
//! Holds no I/O and asks no array; the `store` calls the rendering, the `server` sends what comes out.

pub mod page;
