//! What the poll tests of all vendors share: a source over its session, a server that answers oddly for one path, a simulated
//! array, and what a poll says of its sections. Tests only.

use super::{
    Error, LoginCounters, Poll, PollContext, Reason,
    engine::{Polled, Reader},
    test_server::{self, Reply},
    trust::TrustStore,
};
use crate::{
    clock::Clock,
    config::{ArrayConfig, Authorities, Credentials, SecretRef, Trust, Vendor},
    model::{Section, SectionReport, Timestamp},
    simulator::{self, Options, SimulatedArray, Simulation},
};
use reqwest::Url;
use std::{collections::BTreeMap, sync::Arc};

/// An array of this reader's vendor at `urls`.
pub(crate) fn config<R: Reader>(urls: &[&Url], credentials: Credentials) -> ArrayConfig {
    let mut config = test_server::config(urls, credentials);
    config.vendor = R::VENDOR;
    config.sections = R::VENDOR.sections();
    config.polling.max_body = 16 << 20;
    config
}

/// The source of an array, and its counters of log-ins.
pub(crate) fn source<R: Reader>(config: ArrayConfig) -> (Polled<R>, Arc<LoginCounters>) {
    let (config, counters) = (Arc::new(config), Arc::<LoginCounters>::default());
    let session = Polled::<R>::connect(&config, &TrustStore::new(), Arc::clone(&counters)).expect("a session");
    (Polled::new(&config, session), counters)
}

/// A poll of every section that begins now.
pub(crate) fn context<R: Reader>() -> PollContext {
    PollContext {
        sections: R::VENDOR.sections(),
        ..test_server::context()
    }
}

/// What `healthy` answers, but for one path.
pub(crate) fn but_for(
    healthy: fn(&str) -> Reply,
    path: &'static str,
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> impl Fn(&str) -> Reply + Send + Sync {
    move |request| {
        let asked = request.split_whitespace().nth(1).unwrap_or_default();
        match asked.split('?').next() {
            Some(asked) if asked == path => reply(),
            _ => healthy(request),
        }
    }
}

/// Arrays of one vendor, `arrays` of them, from the moment of [`test_server::context`] on.
pub(crate) async fn simulation(vendor: Vendor, arrays: usize, relationships: usize) -> (Simulation, Clock) {
    let wall = Timestamp::parse_rfc3339("2026-02-20T10:00:00Z").expect("a time");
    let clock = Clock::following_tokio(wall);
    let options = Options {
        vendors: vec![vendor],
        arrays,
        relationships,
        ..Options::default()
    };
    (simulator::start(options, clock).await.expect("a simulation"), clock)
}

/// The configuration of a simulated array: this user, over verified TLS.
pub(crate) fn simulated<R: Reader>(
    simulation: &Simulation,
    array: &SimulatedArray,
    (user, password): (&str, &str),
) -> ArrayConfig {
    let credentials = Credentials::Password {
        username: user.to_owned(),
        password: SecretRef::Inline(password.into()),
    };
    let folder = tempfile::tempdir().expect("a folder");
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, simulation.ca_pem()).expect("written");
    let mut config = config::<R>(&[&array.url().parse().expect("a URL")], credentials);
    config.trust = Trust {
        ca_file: Some(Authorities::read(&ca).expect("authorities")),
        ..Trust::default()
    };
    config
}

/// Why each section failed, if it did.
pub(crate) fn reasons(poll: &Poll) -> BTreeMap<Section, Option<Reason>> {
    let outcomes = poll.sections.iter();
    outcomes
        .map(|outcome| (outcome.section, outcome.result.as_ref().err().map(|error| error.reason)))
        .collect()
}

/// All sections fine but for some.
pub(crate) fn all_but(vendor: Vendor, reason: Reason, sections: &[Section]) -> BTreeMap<Section, Option<Reason>> {
    let each = vendor.sections().into_iter();
    each.map(|section| (section, sections.contains(&section).then_some(reason)))
        .collect()
}

/// What became of a section.
pub(crate) fn result(poll: &Poll, section: Section) -> Result<&SectionReport, &Error> {
    let outcome = poll.sections.iter().find(|outcome| outcome.section == section);
    outcome.expect("the section").result.as_ref()
}

pub(crate) fn report(poll: &Poll, section: Section) -> &SectionReport {
    result(poll, section).expect("a report")
}

pub(crate) fn error(poll: &Poll, section: Section) -> &Error {
    result(poll, section).expect_err("an error")
}
