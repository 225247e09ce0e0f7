//! `/sd`: Prometheus HTTP service discovery, a target group per array, so that each is scraped by itself.
//!
//! All targets are this exporter. What a client sends is reflected at most, and never connected to.

use super::{plain::plain, site::Site};
use crate::{metrics::Selection, settings::BaseUrl};
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

/// Where Prometheus finds this exporter.
#[derive(Debug)]
struct Place {
    host_and_port: String,
    /// Scheme and path, where `--web.external-url` says them; else they are Prometheus' own affair.
    scheme_and_path: Option<(&'static str, String)>,
}

/// Targets are at `--web.external-url`, or where the request found this exporter.
pub(super) async fn groups(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let place = match &site.offer.links.external {
        Some(url) => Some(Place::at(url)),
        None => Place::reflected(&headers, site.tls),
    };
    answer(&site.offer.inventory.names(), place)
}

fn answer(names: &[Arc<str>], place: Option<Place>) -> Response {
    let Some(place) = place else {
        return plain(
            StatusCode::BAD_REQUEST,
            "the Host header is missing or no HOST:PORT, and --web.external-url is not set\n",
        );
    };
    let groups = target_groups(names, &place);
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

impl Place {
    fn at(url: &BaseUrl) -> Self {
        Self {
            host_and_port: url.host_and_port().to_owned(),
            scheme_and_path: Some((url.scheme(), format!("{}/metrics", url.path()))),
        }
    }

    /// What the Host header says, if it is a host with or without a port and nothing else.
    fn reflected(headers: &HeaderMap, tls: bool) -> Option<Self> {
        let text = headers.get(HOST)?.to_str().ok()?;
        let authority: Authority = text.parse().ok()?;
        let host = authority.host();
        let host_and_port = match authority.port_u16() {
            Some(port) => format!("{host}:{port}"),
            None if text == host => format!("{host}:{}", if tls { 443 } else { 80 }),
            None => return None,
        };
        let is_plain = !host.is_empty() && !text.contains('@');
        is_plain.then_some(Self {
            host_and_port,
            scheme_and_path: None,
        })
    }
}

/// A group per array, and one for what has no `array` label. No group has that label: it would rename ours to
/// `exported_array`. `instance` names exporter and array, so that in Prometheus' own `up` neither two arrays nor two exporters
/// of the same arrays collide.
fn target_groups(names: &[Arc<str>], place: &Place) -> Vec<TargetGroup> {
    let group = |name: &str| {
        let instance = format!("{}/{name}", place.host_and_port);
        let mut labels = BTreeMap::from([("__param_array", name.to_owned()), ("instance", instance)]);
        if let Some((scheme, path)) = &place.scheme_and_path {
            labels.insert("__scheme__", (*scheme).to_owned());
            labels.insert("__metrics_path__", path.clone());
        }
        TargetGroup {
            targets: [place.host_and_port.clone()],
            labels,
        }
    };
    let arrays = names.iter().map(|name| group(name));
    arrays.chain([group(Selection::EXPORTER)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn host(text: &str) -> HeaderMap {
        HeaderMap::from_iter([(HOST, text.parse().expect("a header"))])
    }

    fn found_at(host_header: &str, tls: bool) -> Option<Place> {
        Place::reflected(&host(host_header), tls)
    }

    async fn told(place: Option<Place>) -> (StatusCode, String) {
        let response = answer(&["ams".into(), "nyc".into()], place);
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .expect("a body");
        (status, String::from_utf8(body.into()).expect("text"))
    }

    async fn targets(place: Option<Place>) -> serde_json::Value {
        let (status, body) = told(place).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        serde_json::from_str(&body).expect("JSON")
    }

    #[tokio::test]
    async fn each_array_is_a_target_group_without_an_array_label() {
        let expected = serde_json::json!([
            {"targets": ["a.example:10094"], "labels": {"__param_array": "ams", "instance": "a.example:10094/ams"}},
            {"targets": ["a.example:10094"], "labels": {"__param_array": "nyc", "instance": "a.example:10094/nyc"}},
            {"targets": ["a.example:10094"], "labels": {"__param_array": "_exporter", "instance": "a.example:10094/_exporter"}},
        ]);
        assert_eq!(targets(found_at("a.example:10094", false)).await, expected);
    }

    #[tokio::test]
    async fn the_external_url_tells_scheme_host_and_path() {
        let url = "https://metrics.example/dr/".parse().expect("a URL");
        let groups = targets(Some(Place::at(&url))).await;
        let expected = serde_json::json!({
            "targets": ["metrics.example:443"],
            "labels": {
                "__metrics_path__": "/dr/metrics", "__param_array": "ams", "__scheme__": "https",
                "instance": "metrics.example:443/ams",
            },
        });
        assert_eq!(groups[0], expected);
        let url = "http://metrics.example".parse().expect("a URL");
        let groups = targets(Some(Place::at(&url))).await;
        assert_eq!(groups[2]["labels"]["__metrics_path__"], "/metrics");
        assert_eq!(groups[2]["labels"]["instance"], "metrics.example:80/_exporter");
    }

    #[tokio::test]
    async fn a_host_without_a_port_has_that_of_the_scheme() {
        for (header, tls, expected) in [
            ("a.example", false, "a.example:80"),
            ("a.example", true, "a.example:443"),
            ("[::1]", true, "[::1]:443"),
            ("[::1]:10094", true, "[::1]:10094"),
        ] {
            assert_eq!(targets(found_at(header, tls)).await[0]["targets"][0], expected);
        }
    }

    /// What makes a series `up` in Prometheus: the job is the same for all that `/sd` tells, and parameters are no labels.
    #[tokio::test]
    async fn no_two_targets_of_two_exporters_of_the_same_arrays_collide() {
        let mut instances = BTreeSet::new();
        let mut requests = BTreeSet::new();
        for exporter in ["a.example:10094", "b.example:10094", "a.example:10095", "a.example"] {
            for group in targets(found_at(exporter, false)).await.as_array().expect("groups") {
                let label = |name: &str| group["labels"][name].as_str().expect(name).to_owned();
                instances.insert(label("instance"));
                requests.insert((group["targets"][0].to_string(), label("__param_array")));
            }
        }
        assert_eq!((instances.len(), requests.len()), (12, 12), "{instances:?}");
    }

    #[tokio::test]
    async fn what_is_no_host_is_not_reflected() {
        let missing = Place::reflected(&HeaderMap::new(), false);
        let wrong = ["", "user:canary@host:1", "a/b", "a\"b", "a:99999"];
        for place in wrong.map(|text| found_at(text, false)).into_iter().chain([missing]) {
            let (status, body) = told(place).await;
            assert_eq!(status, StatusCode::BAD_REQUEST);
            assert!(!body.contains("canary"));
        }
    }
}
