//! The exposition format: one header and one sample at a time, byte for byte what the `prometheus` crate's encoder writes.
//!
//! By hand, because text is made once per poll and joined per scrape, which the encoder cannot do. Knows no metric.

use super::catalogue::Family;
use std::fmt::Write;

/// Label values are cut here, in characters: a hostile or broken array cannot make a page of its own.
pub const MAX_LABEL_CHARS: usize = 256;

/// The HELP and TYPE lines of a family.
#[must_use]
pub fn header(family: &Family) -> String {
    let mut help = String::with_capacity(family.help.len());
    for character in family.help.chars() {
        match character {
            '\\' => help.push_str("\\\\"),
            '\n' => help.push_str("\\n"),
            other => help.push(other),
        }
    }
    format!(
        "# HELP {name} {help}\n# TYPE {name} {kind}\n",
        name = family.name,
        kind = family.metric_type.exposed()
    )
}

/// Labels as they stand between the braces, made once for all samples that share them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(String);

impl Labels {
    /// Labels with one more.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut longer = self.clone();
        longer.push(name, value);
        longer
    }

    /// Adds a label; the value is cut and escaped.
    pub fn push(&mut self, name: &str, value: &str) {
        push_label(&mut self.0, 0, name, value);
    }
}

/// What one sample has beside the labels that it shares with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum More {
    /// Nothing.
    Nothing,
    /// The present word, as the family's last label.
    Word(&'static str),
    /// Further labels.
    Labels(Labels),
}

/// Writes one sample.
pub fn sample(out: &mut String, family: &Family, labels: &Labels, more: &More, value: f64) {
    out.push_str(family.name);
    let begin = out.len();
    out.push('{');
    out.push_str(&labels.0);
    match more {
        More::Nothing => {}
        More::Word(word) => {
            let label = family.labels.last().copied().unwrap_or_default();
            push_label(out, begin + 1, label, word);
        }
        More::Labels(more) => {
            if !labels.0.is_empty() && !more.0.is_empty() {
                out.push(',');
            }
            out.push_str(&more.0);
        }
    }
    if out.len() == begin + 1 {
        out.truncate(begin);
    } else {
        out.push('}');
    }
    // Writing to a String cannot fail.
    let _ = writeln!(out, " {value}");
}

/// As much of a label's value as is exposed.
#[must_use]
pub fn cut(value: &str) -> &str {
    if value.len() <= MAX_LABEL_CHARS {
        return value;
    }
    let end = value.char_indices().nth(MAX_LABEL_CHARS);
    &value[..end.map_or(value.len(), |(end, _)| end)]
}

/// Adds a label to those that stand in `out` from `begin` on; the value is cut and escaped.
fn push_label(out: &mut String, begin: usize, name: &str, value: &str) {
    if out.len() > begin {
        out.push(',');
    }
    out.push_str(name);
    out.push_str("=\"");
    for character in cut(value).chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::catalogue::{FAMILIES, MetricType};
    use prometheus::{
        Encoder, TextEncoder,
        proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType as ProtoType},
    };
    use proptest::prelude::*;

    type Sample = (Vec<(String, String)>, f64);

    fn by_the_library(family: &Family, samples: &[Sample]) -> String {
        let mut proto = MetricFamily::default();
        proto.set_name(family.name.into());
        proto.set_help(family.help.into());
        let counter = family.metric_type == MetricType::Counter;
        proto.set_field_type(if counter { ProtoType::COUNTER } else { ProtoType::GAUGE });
        let metrics = samples.iter().map(|(labels, value)| {
            let mut metric = Metric::default();
            let pairs = labels.iter().map(|(name, value)| {
                let mut pair = LabelPair::default();
                pair.set_name(name.clone());
                pair.set_value(value.clone());
                pair
            });
            metric.set_label(pairs.collect());
            if counter {
                let mut count = Counter::default();
                count.set_value(*value);
                metric.set_counter(count);
            } else {
                let mut gauge = Gauge::default();
                gauge.set_value(*value);
                metric.set_gauge(gauge);
            }
            metric
        });
        proto.set_metric(metrics.collect());
        let mut text = Vec::new();
        TextEncoder::new()
            .encode(&[proto], &mut text)
            .expect("the library encodes");
        String::from_utf8(text).expect("UTF-8")
    }

    fn by_us(family: &Family, samples: &[Sample]) -> String {
        let mut text = header(family);
        for (pairs, value) in samples {
            let mut labels = Labels::default();
            for (name, value) in pairs {
                labels.push(name, value);
            }
            sample(&mut text, family, &labels, &More::Nothing, *value);
        }
        text
    }

    fn hostile() -> impl Strategy<Value = String> {
        let nasty = prop::sample::select(vec![
            "\"",
            "\\",
            "\n",
            "\0",
            "\u{202e}",
            "{",
            "}",
            ",",
            "=",
            " ",
            "é",
            "\u{1f980}",
            "\r",
            "#",
        ]);
        prop::collection::vec(prop_oneof![nasty.prop_map(String::from), any::<String>()], 0..6)
            .prop_map(|parts| parts.concat().chars().take(MAX_LABEL_CHARS).collect())
    }

    proptest! {
        #[test]
        fn our_text_is_the_librarys_text(
            index in 0..FAMILIES.len(),
            samples in prop::collection::vec((prop::collection::vec(hostile(), 10), -1e18..1e18_f64), 1..5),
        ) {
            let family = &FAMILIES[index];
            let samples: Vec<Sample> = samples
                .into_iter()
                .map(|(values, value)| (family.labels.iter().map(ToString::to_string).zip(values).collect(), value))
                .collect();
            prop_assert_eq!(by_us(family, &samples), by_the_library(family, &samples));
        }

        #[test]
        fn a_label_value_is_cut_to_256_characters(value in "\\PC{257,600}") {
            let mut cut = Labels::default();
            cut.push("a", &value);
            let mut whole = Labels::default();
            whole.push("a", &value.chars().take(256).collect::<String>());
            prop_assert_eq!(cut, whole);
        }
    }

    #[test]
    fn integers_have_no_fraction_and_times_keep_theirs() {
        let mut text = String::new();
        for value in [1.0, 0.375, 1_745_334_600.000_233_2, 107_374_182_400.0] {
            sample(&mut text, &FAMILIES[0], &Labels::default(), &More::Nothing, value);
        }
        let values: Vec<&str> = text.lines().filter_map(|line| line.rsplit(' ').next()).collect();
        assert_eq!(values, ["1", "0.375", "1745334600.0002332", "107374182400"]);
    }
}
