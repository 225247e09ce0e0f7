//! The answers of `/`, `/pair` and `/api/v1/status`: who may ask, what is asked for, and the headers. What they say is made
//! by `page`, `pair_page` and `json` from one overview.

mod array;
mod bar;
#[cfg(test)]
mod fixture;
mod json;
mod links;
mod page;
mod pair_page;
mod question;
mod row;
mod shell;
mod sides;
mod symbol;

use super::{
    body::PageBody,
    encoding::{self, Encoding},
    gzip,
    plain::plain,
    site::Site,
};
use crate::{
    metrics::UnknownArray,
    model::{Overview, Scope},
};
use axum::{
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use question::{Question, Wrong};
use std::{fmt::Display, sync::Arc};

type Parameters = Query<Vec<(String, String)>>;

/// What an answer is, or the status and the sentence of a refusal.
type Answer = Result<Vec<u8>, (StatusCode, String)>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Html,
    Json,
}

/// The status page.
pub(super) async fn page(State(site): State<Arc<Site>>, Query(parameters): Parameters, headers: HeaderMap) -> Response {
    let make = move |site: &Site| {
        let question = Question::from_query(&parameters).map_err(|wrong| refused(&wrong))?;
        let overview = overview(site, &question.scope())?;
        page::render(&overview, &question, &site.offer.links).map_err(|error| fault(&error))
    };
    answer(site, Kind::Html, &headers, make).await
}

/// The page of one relationship.
pub(super) async fn pair(State(site): State<Arc<Site>>, Query(parameters): Parameters, headers: HeaderMap) -> Response {
    let make = move |site: &Site| {
        let question = Question::from_query(&parameters).map_err(|wrong| refused(&wrong))?;
        let asked = parameters.into_iter().rfind(|(key, _)| key == "pair");
        let Some((_, pair)) = asked else {
            return Err((
                StatusCode::BAD_REQUEST,
                "expected ?pair=…, the label of a relationship\n".to_owned(),
            ));
        };
        let overview = overview(site, &Scope::Pair(pair.clone()))?;
        match pair_page::render(&overview, &question, &site.offer.links) {
            Some(text) => text.map_err(|error| fault(&error)),
            None => Err((StatusCode::NOT_FOUND, format!("unknown pair {pair:?}\n"))),
        }
    };
    answer(site, Kind::Html, &headers, make).await
}

/// The status page as JSON.
pub(super) async fn json(State(site): State<Arc<Site>>, Query(parameters): Parameters, headers: HeaderMap) -> Response {
    let make = move |site: &Site| {
        let question = Question::from_query(&parameters).map_err(|wrong| refused(&wrong))?;
        let overview = overview(site, &question.scope())?;
        json::render(&overview, &question).map_err(|error| fault(&error))
    };
    answer(site, Kind::Json, &headers, make).await
}

fn overview(site: &Site, scope: &Scope) -> Result<Overview, (StatusCode, String)> {
    let unknown = |unknown: UnknownArray| (StatusCode::NOT_FOUND, format!("{unknown}\n"));
    site.offer.exposition.overview(scope).map_err(unknown)
}

/// Makes the answer beside the workers that serve scrapes: with very many relationships it takes a while.
async fn answer(
    site: Arc<Site>,
    kind: Kind,
    headers: &HeaderMap,
    make: impl FnOnce(&Site) -> Answer + Send + 'static,
) -> Response {
    let permit = match site.permit() {
        Ok(permit) => permit,
        Err(refusal) => return refusal,
    };
    let encoding = encoding::negotiate(headers);
    let answer = tokio::task::spawn_blocking(move || {
        let text = make(&site)?;
        match encoding {
            Encoding::Identity => Ok(Bytes::from(text)),
            Encoding::Gzip => gzip::compress_bytes(&text).map_err(|error| fault(&error)),
        }
    });
    match answer.await.unwrap_or_else(|error| Err(fault(&error))) {
        Ok(bytes) => {
            let mut response = Body::new(PageBody::ready(bytes, permit)).into_response();
            describe(response.headers_mut(), kind, encoding);
            response
        }
        Err((status, message)) => plain(status, message),
    }
}

fn describe(headers: &mut HeaderMap, kind: Kind, encoding: Encoding) {
    let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::VARY, "Accept-Encoding");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::CACHE_CONTROL, "no-store");
    if encoding == Encoding::Gzip {
        set(header::CONTENT_ENCODING, "gzip");
    }
    match kind {
        Kind::Json => {
            set(header::CONTENT_TYPE, "application/json");
        }
        Kind::Html => {
            set(header::CONTENT_TYPE, "text/html; charset=utf-8");
            set(header::CONTENT_SECURITY_POLICY, &shell::POLICY);
            set(header::X_FRAME_OPTIONS, "DENY");
            set(header::REFERRER_POLICY, "no-referrer");
        }
    }
}

fn refused(wrong: &Wrong) -> (StatusCode, String) {
    let status = match wrong {
        Wrong::Standing(_) => StatusCode::NOT_FOUND,
        Wrong::Number(_) => StatusCode::BAD_REQUEST,
    };
    (status, format!("{wrong}\n"))
}

/// Nothing outside the exporter can make a page from memory fail.
fn fault(error: &dyn Display) -> (StatusCode, String) {
    tracing::error!(%error, "the status could not be shown");
    let message = "the status could not be shown: see the log\n".to_owned();
    (StatusCode::INTERNAL_SERVER_ERROR, message)
}
