//! The program as scripts and supervisors see it: exit statuses and what it prints.

use std::process::{Command, Output};

fn program(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_replication_exporter"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .expect("it starts")
}

#[test]
fn the_version_names_revision_and_compiler() {
    let output = program(&["--version"], &[]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(0));
    let expected = concat!("replication_exporter ", env!("CARGO_PKG_VERSION"), " (revision ");
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("built by rustc 1."), "{text}");
}

#[test]
fn wrong_usage_is_status_2_and_a_failure_status_1() {
    assert_eq!(program(&["--nonsense"], &[]).status.code(), Some(2));
    assert_eq!(program(&["nonsense"], &[]).status.code(), Some(2));
    // Port 9 (discard) of loopback: nobody answers HTTP there.
    let output = program(&["healthcheck", "--web.listen-address=127.0.0.1:9"], &[]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).expect("text");
    assert!(
        message.starts_with("replication_exporter: asking http://127.0.0.1:9/-/healthy"),
        "{message}"
    );
}

#[test]
fn a_boolean_variable_takes_the_usual_words_and_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "").expect("a configuration");
    let file = file.to_str().expect("UTF-8");
    for (word, check) in [
        ("1", true),
        ("true", true),
        ("yes", true),
        ("0", false),
        ("false", false),
        ("no", false),
    ] {
        let variables = [
            ("REPLICATION_EXPORTER_CONFIG_CHECK", word),
            // No address of this host (RFC 5737): a daemon ends at once, with status 1.
            ("REPLICATION_EXPORTER_WEB_LISTEN_ADDRESS", "192.0.2.1:1"),
        ];
        let status = program(&["--config.file", file], &variables).status.code();
        assert_eq!(status, Some(i32::from(!check)), "{word}");
    }
    let output = program(&[], &[("REPLICATION_EXPORTER_CONFIG_CHECK", "maybe")]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_variable_is_ignored_where_its_flag_has_no_effect() {
    let variables = [
        ("REPLICATION_EXPORTER_CONFIG_CHECK", "maybe"),
        ("REPLICATION_EXPORTER_WEB_MAX_REQUESTS", "many"),
        ("REPLICATION_EXPORTER_WEB_EXTERNAL_URL", "nonsense"),
    ];
    assert_eq!(program(&["catalogue"], &variables).status.code(), Some(0));
    assert_eq!(program(&["catalogue", "--log.level=debug"], &[]).status.code(), Some(2));
}
