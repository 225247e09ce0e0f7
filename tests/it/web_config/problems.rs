//! One bad file per rule, the example, and what must never be shown.

use super::fixture::Folder;
use replication_exporter::server::Web;
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Each file begins with the problems that it has, a line each after `#! `, and has no other.
#[test]
fn each_bad_file_gives_exactly_its_problems_and_none_echoes_a_value() {
    let folder = Folder::new();
    let mut wrong = String::new();
    let mut canaries = 0;
    for path in bad_files() {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("readable");
        canaries += usize::from(text.contains("canary"));
        let expected: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("#! ")).collect();
        // Beside certificates.
        let actual = problems(&folder.write(&name, &text));
        assert!(
            !actual.iter().any(|problem| problem.contains("canary")),
            "{name}: {actual:?}"
        );
        if expected != actual || actual.is_empty() {
            for line in &actual {
                writeln!(wrong, "ACTUAL {name}|{line}").expect("written");
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "files whose problems are not those they tell:\n{wrong}"
    );
    assert!(canaries > 10, "too few files have a canary: {canaries}");
}

#[test]
fn a_file_that_is_missing_or_no_text_is_a_problem() {
    let folder = Folder::new();
    let missing = problems(&folder.path("nothing.yml"));
    assert_eq!(missing, ["the web configuration cannot be read: it does not exist"]);
    let path = folder.path("web.yml");
    fs::write(&path, b"\xff").expect("written");
    assert_eq!(problems(&path), ["is not UTF-8"]);
}

#[test]
fn the_program_does_not_start_with_a_bad_web_configuration() {
    let folder = Folder::new();
    let config = folder.write("config.toml", "");
    let web = folder.write("web.yml", "\nbasic_auth_user: {}\n");
    for check in [&["--config.check"][..], &[]] {
        let output = Command::new(env!("CARGO_BIN_EXE_replication_exporter"))
            .args(check)
            .args(["--web.listen-address=127.0.0.1:0", "--config.file"])
            .arg(&config)
            .env_clear()
            .env("REPLICATION_EXPORTER_WEB_CONFIG_FILE", &web)
            .output()
            .expect("it starts");
        assert_eq!(output.status.code(), Some(2), "{check:?}");
        let message = String::from_utf8_lossy(&output.stderr);
        let expected = format!("{}:2: basic_auth_user: unknown key", web.display());
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn the_example_is_valid_with_its_comments_removed_too() {
    let folder = Folder::new();
    for (from, to) in [
        ("cert.pem", "server.crt"),
        ("key.pem", "server.key"),
        ("ca.pem", "client-ca.crt"),
    ] {
        fs::copy(folder.path(from), folder.path(to)).expect("copied");
    }
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/web-config.example.yml");
    let text = fs::read_to_string(example).expect("readable");
    let everything = text
        .replace("  # client_allowed_sans:\n  #   -", "  client_allowed_sans:\n    -")
        .replace(
            "# rate_limit:\n#   interval: 100ms\n#   burst:",
            "rate_limit:\n  interval: 100ms\n  burst:",
        );
    assert!(everything.contains("\n  client_allowed_sans:\n") && everything.contains("\nrate_limit:\n"));
    for text in [text, everything] {
        let web = Web::open(Some(&folder.write("web.yml", &text))).unwrap_or_else(|problems| panic!("{problems}"));
        assert!(web.is_tls());
    }
}

#[test]
fn debug_shows_no_hash_and_no_key() {
    let folder = Folder::new();
    let hash = bcrypt::hash("apple", 4).expect("a hash");
    let config =
        format!("basic_auth_users:\n  ann: {hash}\ntls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n");
    let web = Web::open(Some(&folder.write("web.yml", &config))).unwrap_or_else(|problems| panic!("{problems}"));
    let shown = format!("{web:?} {:?}", replication_exporter::server::TlsOrPlain(web.clone()));
    assert!(shown.contains("web.yml"), "{shown}");
    for secret in ["ann", "$2", "PRIVATE", "apple"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

fn bad_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web_config");
    let files = fs::read_dir(folder).expect("a folder");
    let mut files: Vec<PathBuf> = files.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// The problems, with the file's name left out.
fn problems(path: &Path) -> Vec<String> {
    let Err(problems) = Web::open(Some(path)) else {
        return vec![];
    };
    let prefix = path.display().to_string();
    let short = |line: &str| {
        let rest = line.strip_prefix(&prefix).expect("begins with the file");
        rest.trim_start_matches(':').trim_start().to_owned()
    };
    problems.to_string().lines().map(short).collect()
}
