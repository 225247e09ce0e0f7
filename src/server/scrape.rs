//! `/metrics`: selection, content coding, the limit of concurrent scrapes. The text itself comes from the exposition.

use super::{
    body::PageBody,
    encoding::{self, Encoding},
    gzip,
    plain::plain,
    site::Site,
};
use crate::metrics::Selection;
use axum::{
    body::Body,
    extract::{Query, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_ENCODING, CONTENT_TYPE, VARY},
    },
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// The text format that every Prometheus reads.
const TEXT_FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

pub(super) async fn metrics(
    State(site): State<Arc<Site>>,
    Query(parameters): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    let permit = match site.permit() {
        Ok(permit) => permit,
        Err(refusal) => return refusal,
    };
    let arrays = parameters.into_iter().filter(|(key, _)| key == "array");
    let selection = Selection::from_names(arrays.map(|(_, name)| name));
    let encoding = encoding::negotiate(&headers);
    let body = match (encoding, &selection) {
        (Encoding::Gzip, Selection::All) => site.gzip.whole_page(&site.offer.exposition).await,
        _ => match (site.offer.exposition.page(&selection), encoding) {
            (Err(unknown), _) => return plain(StatusCode::NOT_FOUND, format!("{unknown}\n")),
            (Ok(page), Encoding::Identity) => return text(Body::new(PageBody::new(page, permit)), encoding),
            (Ok(page), Encoding::Gzip) => gzip::compress_page(page).await,
        },
    };
    match body {
        Ok(bytes) => text(Body::new(PageBody::ready(bytes, permit)), encoding),
        Err(error) => {
            tracing::error!(%error, "a page could not be compressed");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "the page could not be compressed\n")
        }
    }
}

fn text(body: Body, encoding: Encoding) -> Response {
    let mut response = ([(CONTENT_TYPE, TEXT_FORMAT)], body).into_response();
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    if encoding == Encoding::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
