//! `/sd`: Prometheus HTTP service discovery, a target group per array, so that each is scraped by itself.
//!
//! All targets are this exporter. What a client sends is reflected at most, and never connected to.

use super::{plain::plain, routes::Offer, site::Site};
use crate::{metrics::Selection, settings::BaseUrl, shard::Shard};
use axum::{
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HOST},
        uri::Authority,
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

/// A target group, as Prometheus reads it.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct TargetGroup {
    targets: [String; 1],
    labels: BTreeMap<&'static str, String>,
}

/// Targets are at `--web.external-url`, or where the request found this exporter.
pub(super) async fn groups(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let Offer {
        inventory,
        links,
        shard,
        ..
    } = &site.offer;
    answer(&inventory.names(), links.external.as_ref(), *shard, &headers)
}

fn answer(names: &[Arc<str>], external: Option<&BaseUrl>, shard: Shard, headers: &HeaderMap) -> Response {
    let target = match external {
        Some(url) => Some(url.host_and_port().to_owned()),
        None => reflected(headers),
    };
    let Some(target) = target else {
        return plain(
            StatusCode::BAD_REQUEST,
            "the Host header is missing or no HOST:PORT, and --web.external-url is not set\n",
        );
    };
    let groups = target_groups(names, &target, shard);
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
    use std::num::NonZeroU32;

    async fn ask(external_url: Option<&str>, shard: Shard, host: Option<&str>) -> (StatusCode, String) {
        let external_url: Option<BaseUrl> = external_url.map(|url| url.parse().expect("a URL"));
        let mut headers = HeaderMap::new();
        if let Some(host) = host {
            headers.insert(HOST, host.parse().expect("a header"));
        }
        let names = ["ams".into(), "nyc".into()];
        let response = answer(&names, external_url.as_ref(), shard, &headers);
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
}
