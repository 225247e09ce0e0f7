//! How relationships stand by the exporter's own function for the pair: what the page, the JSON and the log show. For
//! tests/rules/page.py, which holds the recording rules against it. Decides nothing.
//!
//! Reads moments from standard input, one JSON list of views per line, and writes what each pair is at that moment, by its name.

use replication_exporter::model::{
    Description, Exemption, Health, History, LastJobFacts, Lasting, Mode, Overview, Present, Readings, RecoveryPoint,
    RelationshipKey, Role, Standing, Timestamp, View,
};
use serde::Deserialize;
use serde_json::{Map, json};
use std::io::{BufRead, Write};

/// What one exporter's page says of one side.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    instance: String,
    array: String,
    pair: String,
    role: Role,
    standing: Standing,
    since: f64,
    exemption: Exemption,
    counted_lag_seconds: Option<f64>,
    objective_seconds: Option<f64>,
    /// Missing where it is not served: the view does not speak.
    health: Option<Health>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let said: Vec<Said> = serde_json::from_str(&line?)?;
        let views = said.into_iter().map(view).collect::<Result<Vec<_>, _>>()?;
        let overview = Overview::new(time(0.0)?, Vec::new(), views);
        let pairs = overview.relationships.iter().map(|pair| {
            let stands = json!({
                "standing": pair.standing.word(),
                "stopped": pair.stopped.map(Exemption::word),
                "counted_lag_seconds": pair.counted_lag_seconds,
                "objective_seconds": pair.objective_seconds,
                "since": pair.since.map(Timestamp::unix_seconds),
            });
            (pair.lead().description.pair.clone(), stands)
        });
        writeln!(out, "{}", json!(pairs.collect::<Map<_, _>>()))?;
    }
    Ok(())
}

fn time(seconds: f64) -> Result<Timestamp, &'static str> {
    Timestamp::from_unix_seconds(seconds).ok_or("not a time")
}

fn view(said: Said) -> Result<View, &'static str> {
    let since = time(said.since)?;
    Ok(View {
        array: format!("{} {}", said.array, said.instance).into(),
        vendor: "any",
        key: RelationshipKey::new("id", said.role),
        description: Description {
            relationship: said.pair.clone(),
            pair: said.pair,
            mode: Mode::Unknown,
            peer_system_id: String::new(),
            source_system: String::new(),
            source_object: String::new(),
            target_system: String::new(),
            target_object: String::new(),
        },
        interval_seconds: 30.0,
        read_at: None,
        lasting: Lasting {
            standing: (said.standing, since),
            recovery_point: RecoveryPoint::Unknown,
            recovery_point_seen: None,
            recovery_point_read: None,
            recovery_point_in_future: None,
            no_recovery_point_since: None,
            lag_seconds: said.counted_lag_seconds,
            counted_lag_seconds: said.counted_lag_seconds,
            objective_seconds: said.objective_seconds,
            exemption: said.exemption,
            blackout_until: None,
            breach_seconds: 0.0,
            health: said.health.map(|health| (health, since)),
            last_job: LastJobFacts::default(),
            history: History::default(),
        },
        present: said.health.map(|health| Present {
            health,
            readings: Readings::default(),
        }),
    })
}
