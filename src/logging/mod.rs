//! The subscriber: what is logged, how, and where to (standard error). Called once, by `cli`.

mod line;

use clap::ValueEnum;
use line::Line;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// `ts=… level=info msg=…`, as Prometheus logs.
    Logfmt,
    /// One JSON object a line.
    Json,
}

/// What `--log.level` asks for: a level, or directives such as `info,replication_exporter::poller=debug`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter(String);

/// Not a level and not directives.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected off, error, warn, info, debug, trace or directives such as info,replication_exporter=debug")]
pub struct ParseFilterError;

impl std::str::FromStr for LogFilter {
    type Err = ParseFilterError;

    fn from_str(text: &str) -> Result<Self, ParseFilterError> {
        // EnvFilter takes a typo such as "inof" for the name of a target, and LevelFilter nothing at all for "error".
        let bare_word = !text.contains([',', '=']);
        if text.is_empty() || bare_word && text.parse::<LevelFilter>().is_err() {
            return Err(ParseFilterError);
        }
        // A bare level is about the exporter; its libraries only speak up when something is wrong.
        let directives = if bare_word {
            format!("warn,replication_exporter={text}")
        } else {
            text.to_owned()
        };
        EnvFilter::builder().parse(&directives).map_err(|_| ParseFilterError)?;
        Ok(Self(directives))
    }
}

/// Installs the subscriber for the whole process. A second call does nothing.
pub fn init(filter: &LogFilter, format: LogFormat) {
    let layer = layer(format, std::io::stderr);
    let filter = EnvFilter::builder().parse_lossy(&filter.0);
    let _ = tracing_subscriber::registry()
        .with(layer.with_filter(filter))
        .try_init();
}

fn layer<W>(format: LogFormat, writer: W) -> Box<dyn Layer<Registry> + Send + Sync>
where
    W: for<'a> tracing_subscriber::fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt::layer()
        .event_format(Line(format))
        .with_writer(writer)
        // Where standard error is closed, complaining about it there would panic.
        .log_internal_errors(false)
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::shown::is_unprintable;
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("not poisoned").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Closed;

    impl io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat) -> String {
        let captured = Captured::default();
        let writer = captured.clone();
        let subscriber = tracing_subscriber::registry().with(layer(format, move || writer.clone()));
        tracing::subscriber::with_default(subscriber, || tracing::info!(array = "nyc \"1\"", "array is up"));
        let bytes = captured.0.lock().expect("not poisoned").clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn a_line_is_logfmt_or_json_with_its_fields() {
        let line = logged(LogFormat::Logfmt);
        assert!(
            line.contains("level=info") && line.contains(r#"array="nyc \"1\"""#),
            "{line}"
        );
        assert!(line.contains(r#" msg="array is up" "#), "{line}");
        assert_eq!(line.lines().count(), 1);
        let value: serde_json::Value = serde_json::from_str(&logged(LogFormat::Json)).expect("JSON");
        assert_eq!(value["level"], "INFO");
        assert_eq!(value["array"], "nyc \"1\"");
        assert_eq!(value["msg"], "array is up");
        assert_eq!(value.get("message"), None);
    }

    #[test]
    fn what_an_array_says_breaks_no_line() {
        for format in [LogFormat::Logfmt, LogFormat::Json] {
            let captured = Captured::default();
            let writer = captured.clone();
            let subscriber = tracing_subscriber::registry().with(layer(format, move || writer.clone()));
            let said = "a\nlevel=error msg=forged\u{85}\u{1b}[31m\u{202e}\u{2028}\u{2066}\u{feff}\u{7f}";
            tracing::subscriber::with_default(subscriber, || tracing::info!(said, count = 3_u64, "it speaks"));
            let bytes = captured.0.lock().expect("not poisoned").clone();
            let line = String::from_utf8(bytes).expect("text");
            assert_eq!(line.lines().count(), 1, "{line}");
            let printed = line.trim_end();
            assert!(
                !printed.contains(is_unprintable) && !line.contains(" level=error"),
                "{line:?}"
            );
            if format == LogFormat::Json {
                let value: serde_json::Value = serde_json::from_str(&line).expect("JSON");
                assert_eq!(value["said"], said);
            }
            assert!(line.contains("count=3") || line.contains("\"count\":3"), "{line}");
        }
    }

    #[test]
    fn a_closed_standard_error_stops_nothing() {
        for format in [LogFormat::Logfmt, LogFormat::Json] {
            let subscriber = tracing_subscriber::registry().with(layer(format, || Closed));
            tracing::subscriber::with_default(subscriber, || tracing::error!("nobody hears this"));
        }
    }

    #[test]
    fn a_level_is_about_the_exporter_and_a_typo_is_refused() {
        let parse = str::parse::<LogFilter>;
        assert_eq!(
            parse("debug"),
            Ok(LogFilter("warn,replication_exporter=debug".to_owned()))
        );
        assert_eq!(parse("info,hyper=trace"), Ok(LogFilter("info,hyper=trace".to_owned())));
        for wrong in ["inof", "", "replication_exporter=loud"] {
            assert_eq!(parse(wrong), Err(ParseFilterError), "{wrong:?}");
        }
    }
}
