//! Who may ask, and for what.

use super::{PROTECTION, Pair, RESTRIPER, SOURCE, SOURCES, TARGET, TARGETS};
use crate::simulator::fault::FaultKind;
use hyper::Method;
use serde_json::{Value, json};

#[test]
fn a_session_lasts_ten_hours_and_a_restart_ends_it() {
    let pair = Pair::new("default", 3);
    let token = pair.log_in(SOURCE);
    let ask = || pair.ask(SOURCE, Method::GET, SOURCES, Some(&token), &Value::Null).0;
    pair.wait(35_999.0);
    assert_eq!(ask(), 200);
    pair.wait(2.0);
    assert_eq!(ask(), 401);
    let token = pair.log_in(SOURCE);
    pair.clusters[SOURCE].device.expire_sessions();
    assert_eq!(
        pair.ask(SOURCE, Method::GET, SOURCES, Some(&token), &Value::Null).0,
        401
    );
}

#[test]
fn who_cannot_prove_it_is_refused() {
    let pair = Pair::new("default", 3);
    let wrong = json!({ "username": "monitor", "password": "wrong" });
    assert_eq!(pair.ask(SOURCE, Method::POST, "/v1/session/login", None, &wrong).0, 401);
    assert_eq!(
        pair.ask(SOURCE, Method::POST, "/v1/session/login", None, &json!("no"))
            .0,
        400
    );
    for token in [None, Some("x"), Some("access-v1:")] {
        assert_eq!(pair.ask(SOURCE, Method::GET, SOURCES, token, &Value::Null).0, 401);
        assert_eq!(pair.ask(SOURCE, Method::GET, "/v1/version", token, &Value::Null).0, 200);
    }
    let token = pair.clusters[SOURCE].credentials.token.clone();
    assert_eq!(
        pair.ask(SOURCE, Method::GET, SOURCES, token.as_deref(), &Value::Null).0,
        200
    );
    assert_eq!(
        pair.ask(TARGET, Method::GET, SOURCES, token.as_deref(), &Value::Null).0,
        401,
        "another cluster's"
    );
    pair.fail(SOURCE, FaultKind::Auth);
    assert_eq!(
        pair.ask(SOURCE, Method::GET, SOURCES, token.as_deref(), &Value::Null).0,
        401
    );
}

#[test]
fn the_monitor_may_read_and_may_change_nothing() {
    let pair = Pair::new("default", 3);
    let id = pair.id("home");
    let token = pair.clusters[TARGET].credentials.token.clone();
    let ask = |method, path: &str| pair.ask(TARGET, method, path, token.as_deref(), &json!({})).0;
    for path in [
        SOURCES,
        TARGETS,
        RESTRIPER,
        PROTECTION,
        "/v3/replication/object-relationships/status/",
    ] {
        assert_eq!(ask(Method::GET, path), 200, "{path}");
    }
    assert_eq!(ask(Method::GET, "/v1/time/status"), 403);
    assert_eq!(
        ask(
            Method::POST,
            &format!("/v2/replication/target-relationships/{id}/make-writable")
        ),
        403
    );
    assert_eq!(
        ask(Method::DELETE, &format!("/v2/replication/source-relationships/{id}")),
        403
    );
}

#[test]
fn one_missing_right_refuses_only_what_needs_it() {
    let pair = Pair::new("default", 3);
    pair.fail(SOURCE, FaultKind::Forbid("PRIVILEGE_CLUSTER_READ".to_owned()));
    let token = pair.log_in(SOURCE);
    let ask = |path| pair.ask(SOURCE, Method::GET, path, Some(&token), &Value::Null).0;
    assert_eq!([ask(RESTRIPER), ask(PROTECTION), ask(SOURCES)], [403, 403, 200]);
    let me = pair.get(SOURCE, "/v1/session/who-am-i").to_string();
    assert!(!me.contains("PRIVILEGE_CLUSTER_READ") && me.contains("PRIVILEGE_REPLICATION_SOURCE_READ"));
}

#[test]
fn old_firmware_has_only_the_old_restriper_path() {
    let pair = Pair::new("data-at-risk", 3);
    pair.fail(TARGET, FaultKind::NoNewRestriper);
    let token = pair.log_in(TARGET);
    assert_eq!(
        pair.ask(TARGET, Method::GET, RESTRIPER, Some(&token), &Value::Null).0,
        404
    );
    assert_eq!(pair.get(TARGET, "/v1/cluster/restriper/status")["data_at_risk"], true);
}

#[test]
fn a_path_is_exact_and_so_is_its_method() {
    let pair = Pair::new("default", 3);
    let ask = |method, path| {
        pair.ask(SOURCE, method, path, Some(&pair.log_in(SOURCE)), &Value::Null)
            .0
    };
    assert_eq!(ask(Method::GET, "/v2/replication/source-relationships/status"), 404);
    assert_eq!(ask(Method::GET, "/v1/cluster/protection/restriper/status/"), 404);
    assert_eq!(
        ask(Method::GET, "/v2/replication/source-relationships/none/status"),
        404
    );
    assert_eq!(ask(Method::POST, SOURCES), 405);
    assert_eq!(ask(Method::GET, "/v1/session/login"), 405);
}
