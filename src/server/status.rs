//! The answers of `/` and `/api/v1/status`: who may ask, what is asked for, and the headers. What they say is made by
//! `status_page` and `status_json`.

use super::{body::PageBody, filter::Filter, plain::plain, site::Site, status_json, status_page};
use crate::model::Overview;
use axum::{
    body::Body,
    extract::{Query, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use std::{fmt::Display, sync::Arc};

type Parameters = Query<Vec<(String, String)>>;
type Headers = &'static [(HeaderName, &'static str)];

const PAGE_HEADERS: Headers = &[
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
];

const JSON_HEADERS: Headers = &[
    (header::CONTENT_TYPE, "application/json"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
];

/// The status page.
pub(super) async fn page(State(site): State<Arc<Site>>, Query(parameters): Parameters) -> Response {
    let place = status_page::Place::from_query(&parameters);
    let make = move |overview: &Overview, filter: &Filter| status_page::render(overview, filter, place);
    answer(site, PAGE_HEADERS, &parameters, make).await
}

/// The same as JSON.
pub(super) async fn json(State(site): State<Arc<Site>>, Query(parameters): Parameters) -> Response {
    answer(site, JSON_HEADERS, &parameters, status_json::render).await
}

/// Makes the answer beside the workers that serve scrapes: with very many relationships it takes a while.
async fn answer<E: Display + Send + 'static>(
    site: Arc<Site>,
    headers: Headers,
    parameters: &[(String, String)],
    make: impl FnOnce(&Overview, &Filter) -> Result<Vec<u8>, E> + Send + 'static,
) -> Response {
    let permit = match site.permit() {
        Ok(permit) => permit,
        Err(refusal) => return refusal,
    };
    let filter = Filter::from_query(parameters);
    let answer = tokio::task::spawn_blocking(move || {
        let overview = site.offer.exposition.overview();
        match filter.check(&overview) {
            Ok(()) => make(&overview, &filter).map_err(|error| fault(&error)),
            Err(unknown) => Err((StatusCode::NOT_FOUND, format!("{unknown}\n"))),
        }
    });
    match answer.await.unwrap_or_else(|error| Err(fault(&error))) {
        Ok(text) => {
            let mut response = Body::new(PageBody::ready(Bytes::from(text), permit)).into_response();
            let values = headers
                .iter()
                .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            response.headers_mut().extend(values);
            response
        }
        Err((status, message)) => plain(status, message),
    }
}

/// Nothing outside the exporter can make a page from memory fail.
fn fault(error: &dyn Display) -> (StatusCode, String) {
    tracing::error!(%error, "the status could not be shown");
    let message = "the status could not be shown: see the log\n".to_owned();
    (StatusCode::INTERNAL_SERVER_ERROR, message)
}
