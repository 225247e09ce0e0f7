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
    for (word, conflict) in [
        ("1", true),
        ("true", true),
        ("yes", true),
        ("0", false),
        ("false", false),
        ("no", false),
    ] {
        let variables = [
            ("REPLICATION_EXPORTER_CONFIG_CHECK", word),
            ("REPLICATION_EXPORTER_WEB_LISTEN_ADDRESS", "127.0.0.1:9"),
        ];
        // --config.check goes with no command: status 2 shows that it was read as true.
        let status = program(&["healthcheck"], &variables).status.code();
        assert_eq!(status, Some(if conflict { 2 } else { 1 }), "{word}");
    }
    let output = program(&[], &[("REPLICATION_EXPORTER_CONFIG_CHECK", "maybe")]);
    assert_eq!(output.status.code(), Some(2));
}
