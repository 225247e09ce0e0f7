//! Scrapes of /metrics, kept as Prometheus keeps them: series by series, with what a scrape itself adds, and an end where a
//! series was not there any more. Read by the test that made them, and written for tests/dashboards. Changes no value.

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
    /// When Prometheus tried, in whole Unix seconds.
    scrapes: Vec<u64>,
    /// By name and labels: the number of the scrape, and the value as it was written.
    series: BTreeMap<String, Vec<(usize, String)>>,
}

impl Tape {
    /// Keeps a page that was scraped at `at`.
    pub(crate) fn scraped(&mut self, at: u64, page: &str) {
        self.scrapes.push(at);
        let samples = page.lines().filter(|line| !line.starts_with('#'));
        let mut count = 0_u32;
        for line in samples {
            let (series, value) = line.rsplit_once(' ').expect("a sample");
            let series = match series.split_once('{') {
                Some((name, labels)) => format!("{name}{{{TARGET},{labels}"),
                None => format!("{series}{{{TARGET}}}"),
            };
            self.add(series, value.to_owned());
            count += 1;
        }
        self.target(true, count);
    }

    /// Keeps that the scrape at `at` got nothing.
    pub(crate) fn missed(&mut self, at: u64) {
        self.scrapes.push(at);
        self.target(false, 0);
    }

    /// What Prometheus adds for the target.
    fn target(&mut self, is_up: bool, samples: u32) {
        for (name, value) in [
            ("up", f64::from(u8::from(is_up))),
            ("scrape_duration_seconds", 0.001),
            ("scrape_samples_scraped", f64::from(samples)),
        ] {
            self.add(format!("{name}{{{TARGET}}}"), value.to_string());
        }
    }

    fn add(&mut self, series: String, value: String) {
        let scrape = self.scrapes.len() - 1;
        self.series.entry(series).or_default().push((scrape, value));
    }

    /// The samples of all series of `name` with all these labels: one series, or the words that follow each other.
    pub(crate) fn samples(&self, name: &str, labels: &[(&str, &str)]) -> Vec<(u64, f64)> {
        let labels: Vec<String> = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{value}\""))
            .collect();
        let beginning = format!("{name}{{");
        let mut found: Vec<(u64, f64)> = self
            .series
            .iter()
            .filter(|(series, _)| series.starts_with(&beginning) && labels.iter().all(|label| series.contains(label)))
            .flat_map(|(_, samples)| samples)
            .map(|(scrape, value)| (self.scrapes[*scrape], value.parse().expect("a number")))
            .collect();
        found.sort_by_key(|(at, _)| *at);
        for pair in found.windows(2) {
            assert!(
                pair[0].0 < pair[1].0,
                "{name} {labels:?} is not one series at {}",
                pair[0].0
            );
        }
        found
    }

    pub(crate) fn series_count(&self) -> usize {
        self.series.len()
    }

    /// Writes a line for each series: what it is, a tab, then times and values in turn. The value `stale` is its end: the
    /// first scrape without it.
    pub(crate) fn write(&self, file: &Path) -> std::io::Result<()> {
        let mut out = BufWriter::new(File::create(file)?);
        for (series, samples) in &self.series {
            write!(out, "{series}\t")?;
            for (number, (scrape, value)) in samples.iter().enumerate() {
                write!(out, "{} {value} ", self.scrapes[*scrape])?;
                let goes_on = samples.get(number + 1).is_some_and(|(next, _)| *next == scrape + 1);
                if let Some(end) = self.scrapes.get(scrape + 1).filter(|_| !goes_on) {
                    write!(out, "{end} stale ")?;
                }
            }
            writeln!(out)?;
        }
        out.flush()
    }
}
