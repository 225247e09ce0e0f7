//! The real process against simulated arrays of every vendor, each with a fault that users can script, beside healthy ones.

use super::{
    exporter::{Exporter, PROGRAM},
    values,
};
use crate::lab::Watched;
use replication_exporter::{
    clock::Clock,
    simulator::{Options, SimulatedArray, Simulation, write_config},
};
use std::{collections::BTreeSet, fs, process::Command};

async fn simulation(arrays: usize) -> Watched {
    let options = Options {
        arrays,
        relationships: 4,
        ..Options::default()
    };
    Watched::start(options, Clock::host()).await
}

/// The configuration that `simulate` writes for them, with a poll every six seconds.
fn config(simulation: &Simulation, folder: &tempfile::TempDir, settings: &str) -> String {
    let file = folder.path().join("simulated.toml");
    write_config(&file, simulation).expect("a configuration");
    let text = fs::read_to_string(file).expect("a configuration");
    format!("[poll]\ninterval = \"6s\"\ntimeout = \"5s\"\n{settings}\n{text}")
}

/// Each fault, and the `reason` of the sections that it fails; "" where all is read.
const FAULTS: [(&str, &str); 11] = [
    ("stale", ""),
    ("quotes", "http_status"),
    ("redirect", "redirect"),
    ("expiring-certificate=0s", "tls"),
    ("cut", "connect"),
    ("html", "content_type"),
    ("unknown-words", ""),
    ("duplicates", ""),
    ("huge-list=500", ""),
    ("clock-skew=24h", ""),
    ("clock-skew=-24h", ""),
];

fn counter(text: &str, family: &str) -> f64 {
    let samples = text.lines().filter(|line| line.starts_with(family));
    samples
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_scripted_fault_has_its_reason_at_every_vendor_and_leaves_the_others_alone() {
    let simulation = simulation(2 * (FAULTS.len() + 2)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let text = config(&simulation, &folder, "max_series = 5000");
    let mut by_vendor: Vec<Vec<&SimulatedArray>> = Vec::new();
    for array in simulation.arrays() {
        match by_vendor.last_mut().filter(|of| of[0].vendor() == array.vendor()) {
            Some(of) => of.push(array),
            None => by_vendor.push(vec![array]),
        }
    }
    // One manager sees what a pair of the others sees; so there are more of the others than are needed.
    for arrays in &mut by_vendor {
        arrays.truncate(FAULTS.len() + 2);
    }
    for arrays in &by_vendor {
        // The first two are a pair that nothing happens to.
        for (array, (fault, _)) in arrays[2..].iter().zip(FAULTS) {
            simulation.set_fault(array.name(), fault.parse().expect("a fault"));
        }
    }
    let mut exporter = Exporter::with(&text, Command::new(PROGRAM));
    for arrays in &by_vendor {
        for (array, (fault, reason)) in arrays[2..].iter().zip(FAULTS) {
            let name = array.name();
            let up = format!("storage_array_up{{array=\"{name}\"}} {}", u8::from(reason.is_empty()));
            let text = exporter.metrics_when(name, |text| {
                text.contains(&up) && counter(text, "storage_polls_total{") > 0.0
            });
            let failures: BTreeSet<&str> = text
                .lines()
                .filter(|line| line.starts_with("storage_poll_last_failure{") && line.ends_with(" 1"))
                .filter_map(|line| line.split("reason=\"").nth(1)?.split('"').next())
                .filter(|reason| *reason != "none")
                .collect();
            assert!(
                reason.is_empty() || failures.contains(reason),
                "{name}: {fault}: {failures:?}"
            );
            let series: Vec<&str> = text
                .lines()
                .filter(|line| line.starts_with("storage_"))
                .filter_map(|line| line.rsplit_once(' ').map(|(series, _)| series))
                .collect();
            let different: BTreeSet<&&str> = series.iter().collect();
            assert_eq!(different.len(), series.len(), "{name}: {fault}: a series occurs twice");
            let values = |family: &str| values(&text, &format!("storage_{family}{{"));
            if fault.starts_with("expiring-certificate") {
                assert_eq!(
                    values("array_tls_certificate_expiry_timestamp_seconds").len(),
                    1,
                    "{name}: {text}"
                );
            }
            if let Some(hours) = fault.strip_prefix("clock-skew=") {
                let told = values("array_clock_skew_seconds");
                let expected = if hours.starts_with('-') { -86_400.0 } else { 86_400.0 };
                assert!(
                    told.len() == 1 && (told[0] - expected).abs() < 60.0,
                    "{name}: {fault}: {told:?}"
                );
                let lags = values("replication_lag_seconds");
                assert!(lags.iter().all(|lag| *lag >= 0.0), "{name}: {fault}: {lags:?}");
            }
            if fault == "unknown-words" {
                assert!(counter(&text, "storage_unknown_values_total{") > 0.0, "{name}: {text}");
            }
        }
        for array in &arrays[..2] {
            let up = format!("storage_array_up{{array=\"{}\"}} 1", array.name());
            exporter.metrics_with(array.name(), &up);
        }
    }
    let log = exporter.log();
    assert!(!log.contains("panicked"), "{log}");
    for array in simulation.arrays() {
        let credentials = array.credentials();
        let secrets = credentials.token.iter().chain([&credentials.password]);
        for secret in secrets {
            assert!(!log.contains(secret.as_str()), "{}", array.name());
        }
    }
    assert_eq!(exporter.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_never_end_fail_their_sections() {
    let simulation = simulation(2).await;
    let folder = tempfile::tempdir().expect("a folder");
    let text = config(&simulation, &folder, "");
    simulation.set_fault("", "endless-pages".parse().expect("a fault"));
    let mut exporter = Exporter::with(&text, Command::new(PROGRAM));
    for (array, section) in [("k2-ams", "replication"), ("em1", "tasks")] {
        let failed = format!("storage_poll_success{{array=\"{array}\",section=\"{section}\"}} 0");
        let polled = |text: &str| text.contains(&failed) && counter(text, "storage_polls_total{") > 0.0;
        let text = exporter.metrics_when(array, polled);
        assert!(
            !text.contains("\nstorage_replication_health{"),
            "nothing half-read is shown: {text}"
        );
    }
    exporter.metrics_with("nyc-prod", "storage_array_up{array=\"nyc-prod\"} 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_trusted_gets_no_credential_until_its_authority_is_there() {
    let (simulation, other) = (simulation(2).await, simulation(2).await);
    let folder = tempfile::tempdir().expect("a folder");
    let authority = folder.path().join("authority.pem");
    fs::write(&authority, other.ca_pem()).expect("an authority");
    let (nyc, sfo) = (&simulation.arrays()[0], &simulation.arrays()[1]);
    let token = nyc.credentials().token.clone().expect("a token");
    let array = |name: &str, array: &SimulatedArray, more: &str| {
        let (url, ca) = (array.url(), authority.display());
        format!("[[qumulo]]\nname = \"{name}\"\nurl = \"{url}\"\ntoken = \"{token}\"\nca_file = \"{ca}\"\n{more}")
    };
    let text = "[poll]\ninterval = \"3s\"\ntimeout = \"2s\"\n".to_owned()
        + &array("new-authority", nyc, "")
        + &array("wrong-host", sfo, "server_name = \"elsewhere.example\"\n");
    let mut exporter = Exporter::with(&text, Command::new(PROGRAM));
    let refused =
        |name: &str| format!("storage_poll_last_failure{{array=\"{name}\",section=\"system\",reason=\"tls\"}} 1");
    for name in ["new-authority", "wrong-host"] {
        exporter.metrics_with(name, &refused(name));
    }
    assert_eq!((nyc.log().total(), sfo.log().total()), (0, 0), "nothing was sent");
    fs::write(&authority, simulation.ca_pem()).expect("an authority");
    exporter.signal("-HUP");
    exporter.metrics_with("new-authority", "storage_array_up{array=\"new-authority\"} 1");
    exporter.metrics_with("wrong-host", &refused("wrong-host"));
    assert_eq!(sfo.log().total(), 0, "the name is still another");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_process_ends_its_session_at_enterprise_manager() {
    let simulation = simulation(1).await;
    let folder = tempfile::tempdir().expect("a folder");
    let text = config(&simulation, &folder, "");
    let mut exporter = Exporter::with(&text, Command::new(PROGRAM));
    exporter.metrics_with("em1", "storage_array_up{array=\"em1\"} 1");
    let manager = simulation.array("em1").expect("an array").log();
    let deletions = || {
        manager
            .counts()
            .into_iter()
            .filter(|(request, _)| request.method == "DELETE")
            .count()
    };
    assert_eq!(deletions(), 0, "it is kept from poll to poll");
    assert_eq!(exporter.terminate(), Some(0));
    assert_eq!(deletions(), 1, "{:?}", manager.counts());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_reloads_good_and_bad_ends_no_session() {
    let simulation = simulation(1).await;
    let folder = tempfile::tempdir().expect("a folder");
    let text = config(&simulation, &folder, "");
    let mut exporter = Exporter::with(&text, Command::new(PROGRAM));
    exporter.metrics_with("em1", "storage_array_up{array=\"em1\"} 1");
    let manager = simulation.array("em1").expect("an array").log();
    let count = |method: &str| -> u64 {
        let counts = manager.counts();
        let of_it = counts.iter().filter(|(request, _)| request.method == method);
        of_it.map(|(_, count)| count).sum()
    };
    let log_ons = count("POST");
    for _ in 0..100 {
        exporter.signal("-HUP");
    }
    let successful = "replication_exporter_config_last_reload_successful 1";
    let refused = "replication_exporter_config_last_reload_successful 0";
    exporter.configure(&(text.clone() + "[[veeam]]\nname = \"no url\"\n"));
    exporter.signal("-HUP");
    exporter.metrics_with("_exporter", refused);
    exporter.configure(&text);
    exporter.signal("-HUP");
    exporter.metrics_with("_exporter", successful);
    // A secret that is not there.
    let gone = folder.path().join("em1.password");
    fs::rename(&gone, folder.path().join("elsewhere")).expect("a secret");
    exporter.signal("-HUP");
    exporter.metrics_with("_exporter", refused);
    let polled = count("GET");
    exporter.metrics_when("em1", |_| count("GET") > polled);
    exporter.metrics_with("em1", "storage_array_up{array=\"em1\"} 1");
    assert_eq!(count("DELETE"), 0, "the session is kept");
    // A reload lets what was forbidden be tried with a new log-on, once.
    let further = count("POST") - log_ons;
    assert!(further < 10, "{further} for a hundred reloads");
}
