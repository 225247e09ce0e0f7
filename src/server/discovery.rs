//! `/sd`: Prometheus HTTP service discovery, a target group per array, so that each is scraped by itself.
//!
//! All targets are this exporter. What a client sends is reflected at most, and never connected to.

use super::routes::plain;
use crate::{
    metrics::{Inventory, Selection},
    shard::Shard,
};
use axum::{
    Router,
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HOST},
        uri::Authority,
    },
    response::{IntoResponse, Response},
    routing::get,
};
use reqwest::Url;
use serde::Serialize;
use std::{collections::BTreeMap, str::FromStr, sync::Arc};

/// The URL at which Prometheus reaches this exporter, from outside: `--web.external-url`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalUrl {
    host_and_port: String,
}

/// A URL that is no such one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected http://HOST[:PORT] or https://HOST[:PORT]")]
pub struct ParseExternalUrlError;

impl FromStr for ExternalUrl {
    type Err = ParseExternalUrlError;

    fn from_str(text: &str) -> Result<Self, ParseExternalUrlError> {
        let url = Url::parse(text).map_err(|_| ParseExternalUrlError)?;
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
            return Err(ParseExternalUrlError);
        }
        let host = url.host_str().ok_or(ParseExternalUrlError)?;
        let port = url.port_or_known_default().ok_or(ParseExternalUrlError)?;
        Ok(Self {
            host_and_port: format!("{host}:{port}"),
        })
    }
}

/// A target group, as Prometheus reads it.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct TargetGroup {
    targets: [String; 1],
    labels: BTreeMap<&'static str, String>,
}

struct Discovery {
    inventory: Arc<dyn Inventory>,
    external_url: Option<ExternalUrl>,
    shard: Shard,
}

/// The route. Targets are at `external_url`, or where the request found this exporter.
pub fn discovery(inventory: Arc<dyn Inventory>, external_url: Option<ExternalUrl>, shard: Shard) -> Router {
    let discovery = Discovery {
        inventory,
        external_url,
        shard,
    };
    Router::new().route("/sd", get(groups)).with_state(Arc::new(discovery))
}

async fn groups(State(discovery): State<Arc<Discovery>>, headers: HeaderMap) -> Response {
    let target = match &discovery.external_url {
        Some(url) => Some(url.host_and_port.clone()),
        None => reflected(&headers),
    };
    let Some(target) = target else {
        return plain(
            StatusCode::BAD_REQUEST,
            "the Host header is missing or no HOST:PORT, and --web.external-url is not set\n",
        );
    };
    let groups = target_groups(&discovery.inventory.names(), &target, discovery.shard);
    match serde_json::to_string(&groups) {
        Ok(text) => ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the target groups cannot be written as JSON");
            plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the target groups cannot be written\n",
            )
        }
    }
}

/// The Host header, if it is a host with or without a port and nothing else.
fn reflected(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(HOST)?.to_str().ok()?;
    let authority: Authority = text.parse().ok()?;
    let is_plain = !authority.host().is_empty() && !text.contains('@');
    is_plain.then(|| authority.to_string())
}

/// A group per array, and one for what has no `array` label. No group has that label: it would rename ours to
/// `exported_array`. `instance` is the array's name, so that Prometheus' own `up` does not collide.
fn target_groups(names: &[Arc<str>], target: &str, shard: Shard) -> Vec<TargetGroup> {
    let group = |parameter: &str, instance: String| TargetGroup {
        targets: [target.to_owned()],
        labels: [("__param_array", parameter.to_owned()), ("instance", instance)].into(),
    };
    let exporter = if shard.is_one_of_several() {
        format!("{}-{}", Selection::EXPORTER, shard.index())
    } else {
        Selection::EXPORTER.to_owned()
    };
    let arrays = names.iter().map(|name| group(name, name.to_string()));
    arrays.chain([group(Selection::EXPORTER, exporter)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, http::Request};
    use std::num::NonZeroU32;
    use tower::ServiceExt;

    struct Two;

    impl Inventory for Two {
        fn names(&self) -> Vec<Arc<str>> {
            vec!["ams".into(), "nyc".into()]
        }
    }

    async fn ask(external_url: Option<&str>, shard: Shard, host: Option<&str>) -> (StatusCode, String) {
        let external_url = external_url.map(|url| url.parse().expect("a URL"));
        let mut request = Request::get("/sd");
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        let response = discovery(Arc::new(Two), external_url, shard)
            .oneshot(request.body(Body::empty()).expect("a request"))
            .await
            .expect("an answer");
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .expect("a body");
        (status, String::from_utf8(body.into()).expect("text"))
    }

    #[tokio::test]
    async fn each_array_is_a_target_group_without_an_array_label() {
        let (status, body) = ask(None, Shard::default(), Some("exporter.example:10094")).await;
        assert_eq!(status, StatusCode::OK);
        let expected = serde_json::json!([
            {"targets": ["exporter.example:10094"], "labels": {"__param_array": "ams", "instance": "ams"}},
            {"targets": ["exporter.example:10094"], "labels": {"__param_array": "nyc", "instance": "nyc"}},
            {"targets": ["exporter.example:10094"], "labels": {"__param_array": "_exporter", "instance": "_exporter"}},
        ]);
        let actual: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(actual, expected);
    }

    #[tokio::test]
    async fn the_external_url_counts_whatever_the_client_says() {
        let (status, body) = ask(Some("https://metrics.example/x/"), Shard::default(), None).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body.matches("\"metrics.example:443\"").count(), 3, "{body}");
    }

    #[tokio::test]
    async fn the_exporters_instance_names_its_shard() {
        let shard = Shard::new(Some(2), NonZeroU32::new(3), None).expect("a shard");
        let (_, body) = ask(None, shard, Some("[::1]:10094")).await;
        assert!(
            body.contains(r#"{"__param_array":"_exporter","instance":"_exporter-2"}"#),
            "{body}"
        );
        assert!(body.contains(r#"["[::1]:10094"]"#), "{body}");
    }

    #[tokio::test]
    async fn what_is_no_host_is_not_reflected() {
        for host in [None, Some(""), Some("user:canary@host:1"), Some("a/b"), Some("a\"b")] {
            let (status, body) = ask(None, Shard::default(), host).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{host:?}");
            assert!(!body.contains("canary"));
        }
    }

    #[test]
    fn an_external_url_is_http_with_a_host_and_no_credentials() {
        let host = |text: &str| text.parse::<ExternalUrl>().map(|url| url.host_and_port);
        assert_eq!(host("http://a.example"), Ok("a.example:80".to_owned()));
        assert_eq!(host("http://[::1]:10094/"), Ok("[::1]:10094".to_owned()));
        for wrong in ["", "a.example:1", "ftp://a.example", "http://", "http://u:p@a.example"] {
            assert_eq!(host(wrong), Err(ParseExternalUrlError), "{wrong}");
        }
    }
}
