//! A log line: when, how loud, who, `msg`, and the fields of the event, as logfmt or as JSON. `msg` is what other exporters
//! call it; the formats of the libraries say `message`.

use super::LogFormat;
use crate::model::shown::is_unprintable;
use serde_json::Value;
use std::fmt::{self, Debug, Write};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// Writes lines.
pub(super) struct Line(pub(super) LogFormat);

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let metadata = event.metadata();
        let level = metadata.level().as_str();
        let mut fields = match self.0 {
            LogFormat::Logfmt => Fields(vec![("ts", time.into()), ("level", level.to_lowercase().into())]),
            LogFormat::Json => Fields(vec![("timestamp", time.into()), ("level", level.into())]),
        };
        fields.0.push(("target", metadata.target().into()));
        event.record(&mut fields);
        match self.0 {
            LogFormat::Logfmt => logfmt(&fields.0, &mut writer),
            LogFormat::Json => json(&fields.0, &mut writer),
        }
    }
}

struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        let name = match field.name() {
            "message" => "msg",
            name => name,
        };
        self.0.push((name, value.into()));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }
}

fn logfmt(fields: &[(&str, Value)], out: &mut impl Write) -> fmt::Result {
    for (number, (name, value)) in fields.iter().enumerate() {
        let space = if number > 0 { " " } else { "" };
        match value {
            Value::String(text) if is_one_word(text) => write!(out, "{space}{name}={text}")?,
            // In quotes, with JSON's escapes: a line stays one line whatever is in it.
            _ => write!(out, "{space}{name}={}", printable(value))?,
        }
    }
    writeln!(out)
}

/// As JSON, which leaves signs as they are that end lines or turn the direction of what follows.
fn printable(value: &Value) -> String {
    let mut printable = String::new();
    for sign in value.to_string().chars() {
        if is_unprintable(sign) {
            for unit in sign.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(printable, "\\u{unit:04x}");
            }
        } else {
            printable.push(sign);
        }
    }
    printable
}

fn is_one_word(text: &str) -> bool {
    let plain = |sign: char| !sign.is_whitespace() && !is_unprintable(sign) && !matches!(sign, '"' | '=' | '\\');
    !text.is_empty() && text.chars().all(plain)
}

fn json(fields: &[(&str, Value)], out: &mut impl Write) -> fmt::Result {
    for (number, (name, value)) in fields.iter().enumerate() {
        let before = if number > 0 { ',' } else { '{' };
        write!(out, "{before}{}:{}", Value::from(*name), printable(value))?;
    }
    writeln!(out, "}}")
}
