//! The section `http_server_config`: headers of every answer, and `http2`.

use super::table::{Findings, Table};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// The headers that the toolkit lets be set, with the values it accepts; an empty list accepts all.
const HEADERS: [(&str, HeaderName, &[&str]); 5] = [
    ("Content-Security-Policy", header::CONTENT_SECURITY_POLICY, &[]),
    ("Strict-Transport-Security", header::STRICT_TRANSPORT_SECURITY, &[]),
    ("X-Content-Type-Options", header::X_CONTENT_TYPE_OPTIONS, &["nosniff"]),
    ("X-Frame-Options", header::X_FRAME_OPTIONS, &["deny", "sameorigin"]),
    ("X-XSS-Protection", header::X_XSS_PROTECTION, &[]),
];

pub(super) fn read(mut section: Table, findings: &mut Findings) -> HeaderMap {
    // HTTP/2 is an offer to the client, and `true` is the toolkit's default. This server speaks HTTP/1.1 either way.
    let _either_way = section.take("http2").and_then(|field| field.flag(findings));
    let mut headers = HeaderMap::new();
    if let Some(mut table) = section.take("headers").and_then(|field| field.table(findings)) {
        for (key, name, accepted) in HEADERS {
            let Some((value, at)) = table.take(key).and_then(|field| field.text(findings)) else {
                continue;
            };
            if !accepted.is_empty() && !accepted.contains(&value.as_str()) {
                findings.problem(&at, format!("expected {}", accepted.join(" or ")));
                continue;
            }
            match HeaderValue::from_str(&value) {
                Ok(value) => {
                    headers.insert(name, value);
                }
                Err(_) => findings.problem(&at, "holds characters that a header cannot have"),
            }
        }
        table.finish(findings);
    }
    section.finish(findings);
    headers
}
