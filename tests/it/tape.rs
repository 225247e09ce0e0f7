//! Scrapes of /metrics, kept as Prometheus keeps them: series by series, with what a scrape itself adds. Read by the test
//! that made them, and written as `OpenMetrics` with timestamps, from which promtool makes blocks. Changes no value.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

/// The labels that Prometheus gives to what it scrapes.
const TARGET: &str = r#"job="replication_exporter",instance="exporter:10094""#;

/// Every sample of every scrape.
#[derive(Default)]
pub(crate) struct Tape {
    /// By name; a name's type is that of its TYPE line.
    families: BTreeMap<String, Family>,
}

#[derive(Default)]
struct Family {
    kind: String,
    /// By labels; each with its moments, in whole Unix seconds, and its values as they were written.
    series: BTreeMap<String, Vec<(u64, String)>>,
}

impl Tape {
    /// Keeps a page that was scraped at `at` within `duration` seconds.
    pub(crate) fn scraped(&mut self, at: u64, page: &str, duration: f64) {
        let mut samples = 0_u32;
        for line in page.lines() {
            if let Some(meta) = line.strip_prefix("# TYPE ") {
                let (name, kind) = meta.split_once(' ').expect("a type");
                kind.clone_into(&mut self.families.entry(name.to_owned()).or_default().kind);
            } else if !line.starts_with('#') {
                let (series, value) = line.rsplit_once(' ').expect("a sample");
                let (name, labels) = match series.split_once('{') {
                    Some((name, labels)) => (name, format!("{TARGET},{}", labels.trim_end_matches('}'))),
                    None => (series, TARGET.to_owned()),
                };
                self.add(name, labels, at, value.to_owned());
                samples += 1;
            }
        }
        self.target(at, true, duration, samples);
    }

    /// Keeps that the scrape at `at` got nothing.
    pub(crate) fn missed(&mut self, at: u64) {
        self.target(at, false, 0.0, 0);
    }

    /// What Prometheus adds for the target.
    fn target(&mut self, at: u64, is_up: bool, duration: f64, samples: u32) {
        for (name, value) in [
            ("up", f64::from(u8::from(is_up))),
            ("scrape_duration_seconds", duration),
            ("scrape_samples_scraped", f64::from(samples)),
            ("scrape_samples_post_metric_relabeling", f64::from(samples)),
        ] {
            self.add(name, TARGET.to_owned(), at, value.to_string());
            "gauge".clone_into(&mut self.families.entry(name.to_owned()).or_default().kind);
        }
    }

    fn add(&mut self, name: &str, labels: String, at: u64, value: String) {
        let family = self.families.entry(name.to_owned()).or_default();
        family.series.entry(labels).or_default().push((at, value));
    }

    /// The samples of the one series of `name` with all these labels.
    pub(crate) fn samples(&self, name: &str, labels: &[(&str, &str)]) -> Vec<(u64, f64)> {
        let labels: Vec<String> = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{value}\""))
            .collect();
        let Some(family) = self.families.get(name) else {
            return Vec::new();
        };
        let mut found = family
            .series
            .iter()
            .filter(|(series, _)| labels.iter().all(|label| series.contains(label)));
        let Some((series, samples)) = found.next() else {
            return Vec::new();
        };
        assert_eq!(found.next(), None, "{name}{{{series}}} is not the only one");
        samples
            .iter()
            .map(|(at, value)| (*at, value.parse().expect("a number")))
            .collect()
    }

    pub(crate) fn series_count(&self) -> usize {
        self.families.values().map(|family| family.series.len()).sum()
    }

    /// Writes all of it: families one after the other, in each the series, in each the samples by time.
    pub(crate) fn write(&self, file: &Path) -> std::io::Result<()> {
        let mut out = BufWriter::new(File::create(file)?);
        for (name, family) in &self.families {
            // OpenMetrics names a counter without the suffix of its samples.
            let shown = match family.kind.as_str() {
                "counter" => name.trim_end_matches("_total"),
                _ => name,
            };
            writeln!(out, "# TYPE {shown} {}", family.kind)?;
            for (labels, samples) in &family.series {
                for (at, value) in samples {
                    writeln!(out, "{name}{{{labels}}} {value} {at}")?;
                }
            }
        }
        writeln!(out, "# EOF")?;
        out.flush()
    }
}
