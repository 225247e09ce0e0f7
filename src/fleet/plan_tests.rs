//! Tests of what a reload keeps, without any task.

use super::*;
use crate::{
    config::{Authorities, Credentials, ExtraValue, SecretRef},
    model::{Override, Section},
    store::tests::array,
};
use std::time::Duration;

fn resolved(name: &str) -> Arc<ArrayConfig> {
    Arc::new(array(name))
}

fn changed(change: impl FnOnce(&mut ArrayConfig)) -> Arc<ArrayConfig> {
    let mut config = array("nyc");
    change(&mut config);
    Arc::new(config)
}

fn step_to(after: Arc<ArrayConfig>) -> Step {
    let running = [("nyc".into(), resolved("nyc"))].into();
    let plan = Plan::new(&running, vec![after]);
    assert_eq!(plan.gone, []);
    plan.steps[0].1
}

#[test]
fn what_did_not_change_is_kept() {
    assert_eq!(step_to(resolved("nyc")), Step::Keep);
}

#[test]
fn how_an_array_is_polled_and_judged_is_adjusted_in_place() {
    let changes: [fn(&mut ArrayConfig); 8] = [
        |config| config.polling.interval = Duration::from_secs(31),
        |config| config.polling.timeout = Duration::from_secs(11),
        |config| config.polling.stale_after = Duration::from_secs(91),
        |config| config.polling.max_series = 1,
        |config| config.polling.max_body = 1,
        |config| config.objective.default_seconds = None,
        |config| drop(config.labels.insert("site".into(), "nyc".into())),
        |config| config.sections.retain(|section| *section == Section::SYSTEM),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        assert_eq!(step_to(changed(change)), Step::Adjust, "change {number}");
    }
    let exception = |pattern: &str| Override {
        relationship: Some(globset::Glob::new(pattern).expect("a glob").compile_matcher()),
        seconds: Some(1.0),
        ..Override::default()
    };
    let with = |pattern: &str| changed(|config| config.objective.overrides.push(exception(pattern)));
    let running = [("nyc".into(), with("a*"))].into();
    assert_eq!(Plan::new(&running, vec![with("a*")]).summary().kept, 1);
    assert_eq!(Plan::new(&running, vec![with("b*")]).summary().adjusted, 1);
}

#[test]
fn another_address_credential_trust_or_vendor_is_a_new_conversation() {
    let changes: [fn(&mut ArrayConfig); 7] = [
        |config| config.urls.push("https://node2.example:8000".parse().expect("a URL")),
        |config| config.credentials = Credentials::Token(SecretRef::Environment("OTHER".into())),
        |config| {
            config.credentials = Credentials::Password {
                username: "monitor".into(),
                password: SecretRef::Environment("TOKEN".into()),
            };
        },
        |config| config.trust.insecure_skip_verify = true,
        |config| config.trust.server_name = Some("nyc".into()),
        |config| config.extra.set("lookback", ExtraValue::Period(Duration::from_secs(1))),
        |config| config.vendor = crate::source::veeam::VENDOR,
    ];
    for (number, change) in changes.into_iter().enumerate() {
        assert_eq!(step_to(changed(change)), Step::Replace, "change {number}");
    }
}

#[test]
fn a_renewed_authority_in_the_same_file_is_a_new_conversation() {
    let with = |digest: u8| {
        changed(|config| {
            config.trust.ca_file = Some(Authorities {
                path: "ca.pem".into(),
                digest: [digest; 32],
                roots: Arc::new(rustls::RootCertStore::empty()),
            });
        })
    };
    let running = [("nyc".into(), with(1))].into();
    assert_eq!(Plan::new(&running, vec![with(1)]).summary().kept, 1);
    assert_eq!(Plan::new(&running, vec![with(2)]).summary().replaced, 1);
}

#[test]
fn arrays_come_and_go_by_name() {
    let running: BTreeMap<Arc<str>, Arc<ArrayConfig>> =
        ["a", "b", "c"].map(|name| (name.into(), resolved(name))).into();
    let plan = Plan::new(&running, vec![resolved("d"), resolved("b")]);
    assert_eq!(plan.gone, ["a".into(), "c".into()]);
    assert_eq!(
        plan.summary().to_string(),
        "1 added, 2 removed, 0 replaced, 0 adjusted, 1 unchanged"
    );
}
