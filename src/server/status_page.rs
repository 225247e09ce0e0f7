//! The status page as HTML: arrays and relationships, worst first. Everything that an array or a user wrote is escaped.

use super::overview::{ArrayOverview, Overview, RelationshipRow};
use crate::model::Timestamp;
use std::fmt::{self, Write};

const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>replication_exporter</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em }
table { border-collapse: collapse; margin: .5em 0 2em }
th, td { text-align: left; padding: .25em .8em; border-bottom: 1px solid #ccc }
.bad { color: #b00020; font-weight: 600 }
</style>
</head>
<body>
<h1>replication_exporter</h1>
<p><a href="/metrics">Metrics</a></p>
"#;

/// The whole page.
pub(super) fn render(mut overview: Overview) -> String {
    overview
        .arrays
        .sort_by(|a, b| b.severity().cmp(&a.severity()).then_with(|| a.name.cmp(&b.name)));
    let mut html = HEAD.to_owned();
    for array in &mut overview.arrays {
        array.relationships.sort_by(|a, b| {
            let worse = b.severity().cmp(&a.severity());
            worse
                .then_with(|| a.relationship.cmp(&b.relationship))
                .then_with(|| a.role.cmp(&b.role))
        });
        // Writing to a String cannot fail.
        let _ = write_array(&mut html, array);
    }
    if overview.arrays.is_empty() {
        html.push_str("<p>No array is configured.</p>\n");
    }
    html.push_str("</body>\n</html>\n");
    html
}

fn write_array(html: &mut String, array: &ArrayOverview) -> fmt::Result {
    let (class, up) = if array.up { ("", "up") } else { ("bad", "down") };
    writeln!(
        html,
        "<h2>{} <small>{}</small> <span class=\"{class}\">{up}</span></h2>",
        Escaped(&array.name),
        Escaped(array.vendor),
    )?;
    if !array.note.is_empty() {
        writeln!(html, "<p>{}</p>", Escaped(&array.note))?;
    }
    if array.relationships.is_empty() {
        return writeln!(html, "<p>No relationship is known.</p>");
    }
    html.push_str(
        "<table>\n<tr><th>Health<th>Relationship<th>Role<th>Recovery point<th>Lag<th>Objective<th>Note</tr>\n",
    );
    for row in &array.relationships {
        write_relationship(html, row)?;
    }
    html.push_str("</table>\n");
    Ok(())
}

fn write_relationship(html: &mut String, row: &RelationshipRow) -> fmt::Result {
    let class = |bad: bool| if bad { "bad" } else { "" };
    writeln!(
        html,
        "<tr><td class=\"{}\">{}<td>{}<td>{}<td>{}<td class=\"{}\">{}<td>{}<td>{}</tr>",
        class(row.severity() > 0),
        row.health.map_or("not known now", |health| health.word()),
        Escaped(&row.relationship),
        row.role.word(),
        row.recovery_point
            .map_or_else(|| "none".to_owned(), Timestamp::to_rfc3339_seconds),
        class(row.breached()),
        duration(row.lag_seconds),
        duration(row.rpo_seconds),
        Escaped(&row.note),
    )
}

/// The two greatest units, rounded down: `2d 3h`, `15m 0s`.
fn duration(seconds: Option<f64>) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let Some(seconds) = seconds else {
        return "none".to_owned();
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates, and lag is never negative"
    )]
    let seconds = seconds as u64;
    for pair in UNITS.windows(2) {
        let [(large, large_name), (small, small_name)] = *pair else {
            continue;
        };
        if seconds >= large {
            return format!(
                "{}{large_name} {}{small_name}",
                seconds / large,
                seconds % large / small
            );
        }
    }
    format!("{seconds}s")
}

/// Text as HTML, for elements and for attributes in double quotes.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Health, Role};

    fn row(relationship: &str, health: Health, lag: f64) -> RelationshipRow {
        RelationshipRow {
            health: Some(health),
            relationship: relationship.to_owned(),
            role: Role::Source,
            recovery_point: None,
            lag_seconds: Some(lag),
            rpo_seconds: Some(3600.0),
            note: String::new(),
        }
    }

    fn array(name: &str, up: bool, relationships: Vec<RelationshipRow>) -> ArrayOverview {
        ArrayOverview {
            name: name.to_owned(),
            vendor: "qumulo",
            up,
            note: String::new(),
            relationships,
        }
    }

    #[test]
    fn what_an_array_wrote_never_becomes_markup() {
        let mut evil = array("a", true, vec![row("<script>alert('x')</script>", Health::Ok, 0.0)]);
        evil.note = "\"&<b>".to_owned();
        let html = render(Overview { arrays: vec![evil] });
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
        assert!(
            html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
            "{html}"
        );
        assert!(html.contains("&quot;&amp;&lt;b&gt;"), "{html}");
    }

    #[test]
    fn the_worst_comes_first() {
        let html = render(Overview {
            arrays: vec![
                array("fine", true, vec![row("r-ok", Health::Ok, 1.0)]),
                array(
                    "mixed",
                    true,
                    vec![
                        row("r-quiet", Health::Ok, 1.0),
                        row("r-late", Health::Ok, 7200.0),
                        row("r-failed", Health::Failed, 1.0),
                    ],
                ),
                array("gone", false, vec![]),
            ],
        });
        let places: Vec<_> = ["gone", "mixed", "r-failed", "r-late", "r-quiet", "fine", "r-ok"]
            .iter()
            .map(|text| html.find(text).expect("shown"))
            .collect();
        assert!(places.is_sorted(), "{places:?}");
    }

    #[test]
    fn durations_are_readable() {
        for (seconds, text) in [
            (0.0, "0s"),
            (59.9, "59s"),
            (60.0, "1m 0s"),
            (7500.0, "2h 5m"),
            (90_000.0, "1d 1h"),
        ] {
            assert_eq!(duration(Some(seconds)), text);
        }
        assert_eq!(duration(None), "none");
    }
}
