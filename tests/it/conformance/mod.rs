//! What every vendor must keep to, run over the list of vendors, each against its simulator. A new vendor is in it by being in
//! the list.

mod fields;
mod tables;
mod watch;

use crate::lab::{Lab, assert_documented, documented_requests};
use replication_exporter::{
    config::Vendor,
    metrics::catalogue::{FAMILIES, OF_EVERY_VENDOR},
    model::{Listing, Role, Section},
    simulator::{Options, replay},
    source::vendors,
};
use std::collections::BTreeSet;
use watch::{Watched, replayed, watch, watch_as_admin};

async fn lab(vendor: Vendor) -> Lab {
    Lab::start(vendor, Options::default()).await
}

fn names(lab: &Lab) -> Vec<String> {
    let arrays = lab.simulation.arrays().iter();
    arrays.map(|array| array.name().to_owned()).collect()
}

/// Every array of a vendor, watched for a day.
async fn day(lab: &Lab) -> Vec<Watched> {
    let mut all = Vec::new();
    for name in names(lab) {
        all.push(watch(lab, &name, None, 40, 37 * 60, None).await);
        all.push(watch_as_admin(lab, &name, 2, 60).await);
    }
    all
}

#[tokio::test]
async fn a_vendors_column_is_what_is_on_its_page_and_it_asks_only_what_is_documented() {
    for &vendor in vendors::ALL {
        assert!(!documented_requests(vendor).is_empty(), "{vendor:?}: docs/security.md");
        let lab = lab(vendor).await;
        let seen: BTreeSet<String> = day(&lab).await.into_iter().flat_map(|array| array.families).collect();
        for array in lab.simulation.arrays() {
            assert_documented(array);
        }
        let column: BTreeSet<&str> = vendor.sources.iter().map(|(name, _)| *name).collect();
        let every: BTreeSet<&str> = OF_EVERY_VENDOR.iter().map(|(name, _)| *name).collect();
        let known = FAMILIES.iter().map(|family| family.name);
        let seen: BTreeSet<&str> = known.filter(|name| seen.contains(*name)).collect();
        let own: BTreeSet<&str> = seen.difference(&every).copied().collect();
        let missing: Vec<_> = column.difference(&own).collect();
        let undeclared: Vec<_> = own.difference(&column).collect();
        assert!(
            missing.is_empty() && undeclared.is_empty(),
            "{vendor:?}: in its column and never on its page: {missing:?}; on its page and not in its column: {undeclared:?}"
        );
    }
}

#[tokio::test]
async fn a_section_lists_what_it_is_declared_to() {
    for &vendor in vendors::ALL {
        let lab = lab(vendor).await;
        for spec in vendor.sections {
            if spec.section == Section::SYSTEM {
                continue;
            }
            let mut roles: BTreeSet<Role> = BTreeSet::new();
            let mut lists = false;
            for name in names(&lab) {
                let alone = vec![Section::SYSTEM, spec.section];
                let watched = watch(&lab, &name, Some(alone), 3, 60, None).await;
                for report in watched.reports.iter().filter(|(section, _)| *section == spec.section) {
                    let report = &report.1;
                    lists |= report.listing != Listing::None;
                    assert!(
                        report.period.is_none() || report.period == spec.period,
                        "{vendor:?} {}: its period is another one than it is declared",
                        spec.section
                    );
                    roles.extend(report.relationships.iter().map(|each| each.key.role));
                }
            }
            let section = spec.section;
            assert_eq!(lists, spec.lists.is_some(), "{vendor:?} {section}: whether it lists");
            let claimed: BTreeSet<Role> = spec.lists.unwrap_or_default().iter().copied().collect();
            if !claimed.is_empty() {
                assert_eq!(
                    roles, claimed,
                    "{vendor:?} {section}: the roles that it has, and claims"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_recording_gives_the_same_numbers_again_with_and_without_names() {
    for &vendor in vendors::ALL {
        for scrub in [false, true] {
            let lab = lab(vendor).await;
            let folder = tempfile::tempdir().expect("a folder");
            let mut original = Vec::new();
            let recording = replication_exporter::source::record::Recording::new(folder.path(), scrub);
            let recording = recording.expect("a recording");
            for name in names(&lab) {
                let recorder = recording.of(&lab.config(&name)).expect("a recorder");
                let watched = watch(&lab, &name, None, 1, 1, Some(recorder.clone())).await;
                recorder.finish().expect("written");
                original.push(watched.page);
            }
            let again = replayed(folder.path()).await;
            assert_eq!(original.len(), again.len());
            let original: String = original.concat();
            let again: String = again.concat();
            watch::assert_same_numbers(&original, &again, scrub, vendor);
        }
    }
}

#[tokio::test]
async fn a_replay_says_when_it_was_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let array = folder.path().join("a");
    std::fs::create_dir(&array).expect("a folder");
    let manifest = r#"{"name":"a","vendor":"qumulo","exporter":"0","by_token":true,"sections":[],"requests":[
        {"method":"GET","path":"/x","at":1771581601.5,"status":404},{"method":"GET","path":"/y","at":1771581600.5,"status":404}]}"#;
    std::fs::write(array.join("array.json"), manifest).expect("written");
    let clock = replication_exporter::clock::Clock::host();
    let replay = replay::replay(folder.path(), &Options::default(), clock).await;
    let at = replay.expect("a replay").recorded_at().expect("a time");
    assert!((at.unix_seconds() - 1_771_581_600.5).abs() < 1e-6);
}
