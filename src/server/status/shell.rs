//! What every page is wrapped in: its style, its one script, and the policy that lets a browser run these two and nothing
//! else, each named by its hash.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

pub(super) const STYLE: &str = include_str!("../../../templates/status.css");

/// Keeps open what was opened, and adds the reader's own time where asked. The page is complete without it.
pub(super) const SCRIPT: &str = include_str!("../../../templates/status.js");

/// How often a page renews itself.
pub(super) const REFRESH_SECONDS: u32 = 15;

/// The content security policy: nothing is loaded, nothing is sent elsewhere.
pub(super) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; script-src {}; style-src {}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
});
