//! The configuration as a whole: order, environment, and that nothing leaks. Single rules are in `tests/config`.

use super::*;
use crate::config::raw::{RawArray, RawOverride, RawPoll};
use proptest::prelude::*;
use std::time::Duration;

const QUMULO: &str = "[[qumulo]]\nname = 'nyc'\nurl = 'https://nyc.example.com:8000'\ntoken_file = 'token'\n";
const VEEAM: &str =
    "[[veeam]]\nname = 'em'\nurl = 'https://em.example.com:9398'\nusername = 'u'\npassword_env = 'EM'\n";
const EXAMPLE: &str = include_str!("../../config.example.toml");
const CANARY: &str = "hunter2canary";

fn load_text(name: &str, text: &str, environment: &[(&str, &str)]) -> Result<Config, Problems> {
    let folder = std::env::temp_dir().join(format!("replication-exporter-config-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(format!("{name}.toml"));
    std::fs::write(&path, text).expect("written");
    load(&path, environment.iter().copied(), crate::source::vendors::ALL)
}

fn loaded(name: &str, text: &str, environment: &[(&str, &str)]) -> Config {
    load_text(name, text, environment).unwrap_or_else(|problems| panic!("{problems}"))
}

fn refused(name: &str, text: &str, environment: &[(&str, &str)]) -> String {
    let problems = load_text(name, text, environment).expect_err("refused");
    problems.to_string()
}

fn seconds(duration: Duration) -> u64 {
    duration.as_secs()
}

#[test]
fn without_any_setting_each_vendor_has_its_defaults() {
    let config = loaded("defaults", &format!("{QUMULO}{VEEAM}"), &[]);
    let [qumulo, veeam] = config.arrays.as_slice() else {
        panic!("two arrays")
    };
    let times = |polling: &Polling| {
        (
            seconds(polling.interval),
            seconds(polling.timeout),
            seconds(polling.stale_after),
        )
    };
    assert_eq!(times(&qumulo.polling), (30, 10, 90));
    assert_eq!(times(&veeam.polling), (120, 60, 360));
    assert_eq!(
        (qumulo.polling.max_body, qumulo.polling.max_series),
        (16 << 20, 100_000)
    );
    assert_eq!(
        (qumulo.polling.forget_after, qumulo.extra.period("lookback")),
        (None, None)
    );
    assert_eq!(veeam.extra.period("lookback").map(seconds), Some(30 * 86_400));
    assert_eq!(qumulo.sections, crate::source::qumulo::VENDOR.sections());
    assert_eq!(qumulo.trust, Trust::default());
}

#[test]
fn the_more_specific_setting_wins() {
    let poll = "[poll]\ninterval = '40s'\ntimeout = '5s'\nmax_series = 7\n";
    let text = format!("{poll}{QUMULO}interval = '50s'\nforget_after = '1h 30m'\n{VEEAM}");
    let environment = [
        ("REPLICATION_EXPORTER__POLL__INTERVAL", "45s"),
        ("REPLICATION_EXPORTER__POLL__MAX_SERIES", "8"),
    ];
    let config = loaded("order", &text, &environment);
    let [qumulo, veeam] = config.arrays.as_slice() else {
        panic!("two arrays")
    };
    assert_eq!(
        (seconds(qumulo.polling.interval), seconds(veeam.polling.interval)),
        (50, 45)
    );
    assert_eq!(
        (seconds(qumulo.polling.timeout), seconds(veeam.polling.timeout)),
        (5, 5)
    );
    assert_eq!((qumulo.polling.max_series, veeam.polling.max_series), (8, 8));
    assert_eq!(qumulo.polling.forget_after.map(seconds), Some(5400));
}

#[test]
fn the_environment_works_without_a_poll_table() {
    let environment = [("REPLICATION_EXPORTER__POLL__FORGET_AFTER", "7d")];
    let config = loaded("no-poll", QUMULO, &environment);
    assert_eq!(config.arrays[0].polling.forget_after.map(seconds), Some(604_800));
}

#[test]
fn a_problem_from_the_environment_names_the_variable_and_not_its_value() {
    let environment = [
        ("REPLICATION_EXPORTER__POLL__INTERVAL", CANARY),
        ("REPLICATION_EXPORTER__POLL__INTREVAL", CANARY),
        ("REPLICATION_EXPORTER__POLL__MAX_SERIES", "0"),
    ];
    let text = refused("variable", &format!("[poll]\ninterval = '30s'\n{QUMULO}"), &environment);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].starts_with("REPLICATION_EXPORTER__POLL__INTERVAL: poll.interval: expected a duration"));
    assert_eq!(
        lines[1],
        "REPLICATION_EXPORTER__POLL__INTREVAL: poll.intreval: unknown key; did you mean `interval`?"
    );
    assert_eq!(
        lines[2],
        "REPLICATION_EXPORTER__POLL__MAX_SERIES: poll.max_series: must be above zero"
    );
    assert!(!text.contains(CANARY), "{text}");
}

#[test]
fn the_environment_reaches_poll_only() {
    let environment = [
        ("REPLICATION_EXPORTER__QUMULO__0__NAME", CANARY),
        ("REPLICATION_EXPORTER_LOG_LEVEL", CANARY),
    ];
    let config = loaded("poll-only", QUMULO, &environment);
    assert_eq!(&*config.arrays[0].name, "nyc");
    let about: Vec<&String> = config.warnings.iter().filter(|w| w.contains("ignored")).collect();
    assert_eq!(
        about,
        ["REPLICATION_EXPORTER__QUMULO__0__NAME: is ignored: the environment reaches [poll] only"]
    );
}

#[test]
fn systemd_gives_the_state_file_unless_the_configuration_does() {
    let systemd = [("STATE_DIRECTORY", "/var/lib/a:/var/lib/b")];
    let by_systemd = loaded("state-systemd", QUMULO, &systemd);
    assert_eq!(by_systemd.state_file, Some("/var/lib/a/facts.json".into()));
    let text = format!("[poll]\nstate_file = '/srv/f.json'\n{QUMULO}");
    assert_eq!(
        loaded("state-file", &text, &systemd).state_file,
        Some("/srv/f.json".into())
    );
    let nowhere = loaded("state-none", QUMULO, &[]);
    assert_eq!(nowhere.state_file, None);
    let mut warnings = nowhere.warnings.iter();
    assert!(
        warnings.any(|warning| warning.contains("poll.state_file: is not set")),
        "{:?}",
        nowhere.warnings
    );
}

#[test]
fn no_array_is_a_warning_and_no_error() {
    let config = loaded("empty", "", &[]);
    assert!(config.arrays.is_empty());
    assert!(
        config
            .warnings
            .iter()
            .any(|warning| warning.contains("no array is configured"))
    );
}

#[test]
fn an_inline_secret_works_is_warned_about_and_never_shown() {
    let text = format!("{}token = '{CANARY}'\n", QUMULO.replace("token_file = 'token'\n", ""));
    let config = loaded("inline", &text, &[]);
    assert!(check_secrets(&config).is_empty());
    let warning = config
        .warnings
        .iter()
        .find(|warning| warning.contains("qumulo[0].token"));
    assert!(
        warning.is_some_and(|warning| warning.contains(":4: ")),
        "{:?}",
        config.warnings
    );
    assert!(!format!("{config:?} {config:#?}").contains(CANARY));
}

#[test]
fn every_syntax_error_is_told_without_its_line() {
    let password = format!("password = \"{CANARY}\"");
    let breakages = [
        format!("password = {CANARY}"),
        format!("password = \"{CANARY}"),
        format!("password = '{CANARY}\n'"),
        format!("password {CANARY}"),
        format!("password = \"{CANARY}\" x"),
        format!("password = \"\\q{CANARY}\""),
        format!("password = [\"{CANARY}\""),
        format!("password = {{ a = \"{CANARY}\""),
        format!("{password}\n{password}"),
        format!("{password}\n[password]"),
        format!("{password}\npassword.x = 1"),
        format!("password = 99999999999999999999 # {CANARY}"),
        format!("\u{0}{CANARY}"),
        format!("[[qumulo]\n{password}"),
    ];
    for broken in breakages {
        let text = refused("syntax", &broken, &[]);
        assert!(!text.contains(CANARY), "{broken}: {text}");
        assert!(text.contains("syntax.toml:"), "{text}");
    }
    let two = refused("two", "a = \nb = 1\nc = \n", &[]);
    assert_eq!(two.lines().count(), 2, "{two}");
}

#[test]
fn a_file_cut_off_anywhere_neither_panics_nor_leaks() {
    let text = format!(
        "[poll]\ninterval = \"{CANARY}\"\n\n[[qumulo]]\nurl = 'https://{CANARY}@x'\ntoken = '{CANARY}'\nlabels = {{ a = '{CANARY}' }}\n\
         [[veeam]]\npassword = \"\"\"\n{CANARY}\n\"\"\"\nrpo_overrides = [{{ relationship = '[{CANARY}' }},\n]\n"
    );
    for end in 0..=text.len() {
        let told = match load_text("cut", &text[..end], &[]) {
            Ok(config) => format!("{config:?}"),
            Err(problems) => problems.to_string(),
        };
        assert!(!told.contains(&CANARY[..5]), "{end}: {told}");
    }
}

#[test]
fn a_variable_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStringExt;
    let path = std::env::temp_dir().join(format!("replication-exporter-{}-bytes.toml", std::process::id()));
    std::fs::write(&path, QUMULO).expect("written");
    let value = OsString::from_vec(vec![b'/', 0xff]);
    let environment = [("REPLICATION_EXPORTER__POLL__STATE_FILE", value)];
    let problems = load(&path, environment, crate::source::vendors::ALL)
        .expect_err("refused")
        .to_string();
    assert_eq!(problems, "REPLICATION_EXPORTER__POLL__STATE_FILE: is not UTF-8");
}

#[test]
fn a_file_that_is_missing_or_a_folder_is_told_plainly() {
    let none: [(&str, &str); 0] = [];
    for path in ["/nonexistent/config.toml", "/"] {
        let problems = load(Path::new(path), none, crate::source::vendors::ALL)
            .expect_err("refused")
            .to_string();
        assert!(
            problems.starts_with(&format!("{path}: the configuration file cannot be read: it ")),
            "{problems}"
        );
    }
}

#[test]
fn a_missing_secret_is_told_with_its_key_and_not_its_place() {
    let text = format!("{QUMULO}{VEEAM}").replace("'token'", &format!("'{CANARY}'"));
    let text = text.replace("'EM'", "'REPLICATION_EXPORTER_TEST_UNSET'");
    let problems = Problems::from(check_secrets(&loaded("secrets", &text, &[]))).to_string();
    let lines: Vec<&str> = problems.lines().collect();
    assert_eq!(lines.len(), 2, "{problems}");
    assert!(
        lines[0].ends_with(
            "secrets.toml:4: qumulo[0].token_file: the file of the secret cannot be read: it does not exist"
        )
    );
    assert!(
        lines[1].contains("secrets.toml:9: veeam[0].password_env: "),
        "{problems}"
    );
    assert!(!problems.contains(CANARY));
}

#[test]
fn paths_begin_at_the_folder_of_the_file() {
    let config = loaded("relative", QUMULO, &[]);
    let Credentials::Token(SecretRef::File(path)) = &config.arrays[0].credentials else {
        panic!("a token file")
    };
    assert!(path.is_absolute() && path.ends_with("token"), "{}", path.display());
}

#[test]
fn silk_flex_is_a_token_and_a_base_path() {
    let text =
        "[[kaminario]]\nname = 'k2'\nurl = 'https://flex.example.com'\ntoken_env = 'T'\nbase_path = '/rest/sdps/12/'\n";
    let config = loaded("flex", text, &[]);
    assert_eq!(config.arrays[0].extra.path("base_path"), Some("/rest/sdps/12"));
}

#[test]
fn overrides_match_slashes_and_heed_case() {
    let overrides = "rpo = '1h'\nrpo_overrides = [{ relationship = '*:/Scratch/*', rpo = '1d' }]\n";
    let config = loaded("globs", &format!("{QUMULO}{overrides}"), &[]);
    let objective = &config.arrays[0].objective;
    let description = crate::model::facts::tests::description;
    assert_eq!(
        objective.seconds(&description("a:/Scratch/x/y->b:/z"), None),
        Some(86_400.0)
    );
    assert_eq!(
        objective.seconds(&description("a:/scratch/x/y->b:/z"), None),
        Some(3600.0)
    );
}

#[test]
fn an_objective_that_no_poll_can_meet_and_none_at_all_are_warned_about() {
    let warnings = |name: &str, text: &str| -> Vec<String> {
        let warnings = loaded(name, text, &[]).warnings.into_iter();
        warnings.filter(|warning| !warning.contains("state_file")).collect()
    };
    let none = warnings("no-objective", QUMULO);
    assert!(
        matches!(&none[..], [one] if one.contains("no objective is set")),
        "{none:?}"
    );
    let k2 = "[[kaminario]]\nname = 'k2'\nurl = 'https://k2.example.com'\nusername = 'u'\npassword_env = 'K2'\n";
    assert_eq!(
        warnings("k2-objective", k2),
        Vec::<String>::new(),
        "its sessions have their own"
    );
    assert_eq!(
        warnings("meant", &format!("{QUMULO}rpo = 'none'\n")),
        Vec::<String>::new()
    );
    assert_eq!(
        warnings("two-intervals", &format!("{QUMULO}rpo = '60s'\n")),
        Vec::<String>::new()
    );
    let strict = "rpo = '59s'\nrpo_overrides = [{ mode = 'continuous', rpo = '10s' }]\n";
    let strict = warnings("strict", &format!("{QUMULO}{strict}"));
    let places = ["qumulo[0].rpo:", "qumulo[0].rpo_overrides[0].rpo:"];
    assert_eq!(strict.len(), 2, "{strict:?}");
    for place in places {
        assert!(
            strict
                .iter()
                .any(|warning| warning.contains(place) && warning.contains("below two intervals")),
            "{strict:?}"
        );
    }
}

#[test]
fn an_override_that_names_what_no_system_states_is_warned_about() {
    let overrides = "rpo_overrides = [{ mode = 'continuous', rpo = '1h' }, { policy = 'gold', rpo = '1h' }, { schedule = 'weekly', relationship = '*', rpo = '1h' }]\n";
    let warnings = loaded("policy", &format!("{QUMULO}{overrides}"), &[]).warnings;
    let named: Vec<_> = warnings
        .iter()
        .filter(|warning| warning.contains("matches nothing"))
        .collect();
    assert_eq!(named.len(), 2, "{warnings:?}");
    for (warning, place) in named
        .iter()
        .zip(["rpo_overrides[1].policy:", "rpo_overrides[2].schedule:"])
    {
        assert!(warning.contains(place), "{warning}");
    }
}

#[test]
fn plaintext_and_unverified_tls_work_and_are_warned_about() {
    let text = QUMULO.replace("https", "http") + "allow_plaintext = true\ninsecure_skip_verify = true\n";
    let config = loaded("plaintext", &text, &[]);
    assert_eq!(config.arrays[0].urls[0].scheme(), "http");
    assert!(config.arrays[0].trust.insecure_skip_verify);
    assert!(config.warnings.iter().any(|warning| warning.contains("speaks http")));
    assert!(
        config
            .warnings
            .iter()
            .any(|warning| warning.contains("insecure_skip_verify: "))
    );
}

#[test]
fn the_example_shows_every_key() {
    let keys = [
        RawConfig::keys(),
        RawPoll::keys(),
        RawArray::keys(),
        RawOverride::keys(),
    ]
    .concat();
    for key in keys {
        let shown = EXAMPLE.lines().any(|line| {
            let line = line.strip_prefix('#').unwrap_or(line);
            line.starts_with(&format!("{key} = ")) || line == format!("[{key}]") || line == format!("[[{key}]]")
        });
        let inside = EXAMPLE.contains(&format!("{{ {key} = "));
        assert!(shown || inside, "config.example.toml does not show `{key}`");
    }
}

/// A line such as `#timeout = "10s"` must be right as soon as its `#` is gone; only that it contradicts another is no fault.
#[test]
fn every_line_of_the_example_that_is_commented_out_is_right() {
    let lines: Vec<&str> = EXAMPLE.lines().collect();
    let is_key = |line: &str| line.starts_with('#') && !line.starts_with("# ") && line.contains(" = ");
    let commented: Vec<usize> = (0..lines.len()).filter(|&index| is_key(lines[index])).collect();
    assert!(commented.len() > 15, "{}", commented.len());
    let contradictions = [
        "keep one of",
        "replaces every",
        "goes with none",
        "which needs a token",
        "does not exist",
        "set that too",
    ];
    for index in commented {
        let mut lines = lines.clone();
        lines[index] = &lines[index][1..];
        let Err(problems) = load_text("example", &lines.join("\n"), &[]) else {
            continue;
        };
        for problem in problems.iter().map(Problem::to_string) {
            assert!(
                contradictions.iter().any(|allowed| problem.contains(allowed)),
                "{problem}"
            );
        }
    }
}

#[test]
fn an_array_that_is_left_out_takes_its_secret_with_it() {
    let text = format!("{QUMULO}{VEEAM}");
    let mut config = loaded("retain", &text, &[]);
    assert_eq!(check_secrets(&config).len(), 2, "neither is there");
    config.retain(|array| &*array.name == "em");
    assert_eq!(config.arrays.len(), 1);
    let problems: Vec<String> = check_secrets(&config).iter().map(ToString::to_string).collect();
    assert!(
        problems.len() == 1 && problems[0].contains("veeam[0].password_env"),
        "{problems:?}"
    );
}

/// Quadratic, this took minutes without optimisation.
#[test]
fn thousands_of_arrays_are_loaded_as_fast_as_they_are_many() {
    let array = |number: usize| {
        format!(
            "[[qumulo]]\nname = 'a{number}'\nurl = 'https://a{number}.example.com'\ntoken_file = 't'\nrpo = '1h'\n\
             ca_file = '{}/tests/config/ca.pem'\nlabels = {{ site = 'x' }}\n",
            env!("CARGO_MANIFEST_DIR")
        )
    };
    let text: String = (0..4_000).map(array).collect();
    let config = loaded("thousands", &text, &[]);
    assert_eq!(config.arrays.len(), 4_000);
    let files = config.arrays.iter().filter_map(|array| array.trust.ca_file.as_ref());
    let once: std::collections::BTreeSet<_> = files.map(|file| std::sync::Arc::as_ptr(&file.roots)).collect();
    assert_eq!(once.len(), 1, "a file is read once, however many name it");
}

proptest! {
    #[test]
    fn no_text_in_a_configuration_makes_it_panic(
        text in "\\PC{0,200}|(\\[\\[(qumulo|kaminario|veeam)\\]\\]\n|\\[poll\\]\n|(name|url|token|rpo|rpo_overrides|interval|timeout|labels|sections) = ('[ -&(-~]{0,20}'|[0-9.eE+-]{1,8}|\\[\\]|\\{\\}|true|\\{ a = '' \\})\n){0,8}"
    ) {
        if let Err(problems) = load_text("any", &text, &[]) {
            prop_assert!(!problems.to_string().is_empty());
        }
    }

    #[test]
    fn a_glob_is_refused_or_taken_and_never_panics(glob in "[ -&(-~]{0,30}|[*?\\[\\]{},!^a-c-]{0,40}") {
        let text = format!("{QUMULO}rpo_overrides = [{{ relationship = '{glob}', rpo = '1h' }}]\n");
        let _ = load_text("glob", &text, &[]);
    }

    #[test]
    fn every_label_and_name_is_read_back(name in "[A-Za-z0-9][A-Za-z0-9._-]{0,20}", site in "[ -&(-~]{1,20}") {
        let text = QUMULO.replace("'nyc'", &format!("'{name}'")) + &format!("token = 'x'\nlabels = {{ site = '{site}' }}\n");
        let config = loaded("names", &text.replace("token_file = 'token'\n", ""), &[]);
        prop_assert_eq!(&*config.arrays[0].name, name.as_str());
        prop_assert_eq!(config.arrays[0].labels.get("site").map(String::as_str), Some(site.as_str()));
    }
}
