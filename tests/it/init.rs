//! `init` against simulated arrays of every vendor, and against addresses where there is none.

use crate::scene::{Scene, program, run, text};
use replication_exporter::{
    simulator::{FaultKind, SimulatedArray},
    source::vendors,
};
use std::{fs, net::TcpListener, process::Output};

/// What `init` says about an address that is not usable: status and errors.
async fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let output = program(&[&["init"], arguments].concat()).await;
    assert!(output.stdout.is_empty(), "{}", text(output.stdout));
    (output.status.code(), text(output.stderr))
}

fn free_port() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    (listener, address)
}

/// Only what docs/security.md says that `init` asks: of any system, whose ever it is, what each vendor's answers to everybody.
fn assert_no_credentials(array: &SimulatedArray) {
    for request in array.log().counts().keys() {
        let open = ["/v1/node/state", "/v1/cluster/settings", "/v1/version", "/api/"];
        let is_open = open.contains(&request.path.as_str());
        let is_challenge = request.path == "/api/v2/system/state" && request.status != Some(200);
        assert!(request.method == "GET" && (is_open || is_challenge), "{request:?}");
    }
    assert!(array.log().total() > 0);
}

/// The account of the simulated array instead of the one that is to be made.
fn with_the_arrays_account(section: &str, array: &SimulatedArray) -> String {
    let username = format!("username = \"{}\"", array.credentials().username);
    let lines = section.lines().map(|line| {
        if line.starts_with("username = ") {
            &username
        } else {
            line
        }
    });
    lines.collect::<Vec<&str>>().join("\n")
}

fn good(output: Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", text(output.stderr));
    text(output.stdout)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_array_of_each_vendor_is_found_out_and_polled_with_what_was_written() {
    let scene = Scene::of(vendors::ALL.to_vec()).await;
    // It is asked as every vendor is, see `assert_no_credentials`.
    scene.simulation.is_driven_by_hand();
    let folder = tempfile::tempdir().expect("a folder");
    let mut seen = Vec::new();
    for array in scene.simulation.arrays() {
        let file = folder.path().join(format!("{}.toml", array.name()));
        let out = file.to_str().expect("UTF-8");
        good(program(&["init", &array.url(), "--name", array.name(), "--out", out]).await);
        assert_no_credentials(array);

        let section = fs::read_to_string(&file).expect("a section");
        assert!(
            section.contains(&format!("\n[[{}]]\n", array.vendor().name())),
            "{section}"
        );
        assert!(
            section.contains("#   ok    tls ") && section.contains("#   ok    clock "),
            "{section}"
        );
        let refused = run(&file, &["--config.check"]).await;
        assert_eq!(refused.status.code(), Some(2), "there is no secret yet");

        fs::write(&file, with_the_arrays_account(&section, array)).expect("written");
        let credentials = array.credentials();
        let (ending, secret) = match &credentials.token {
            Some(token) => ("token", token),
            None => ("password", &credentials.password),
        };
        fs::write(folder.path().join(format!("{}.{ending}", array.name())), secret).expect("written");
        good(run(&file, &["--config.check"]).await);
        let page = good(run(&file, &["once"]).await);
        let up = format!("storage_array_up{{array=\"{}\"}} 1\n", array.name());
        assert!(
            page.contains(&up) && page.contains("storage_replication_standing{"),
            "{page}"
        );
        seen.push(array.vendor());
    }
    seen.dedup();
    assert_eq!(seen, vendors::ALL);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_it_is_is_told_with_the_commands_of_its_account() {
    let scene = Scene::start().await;
    let cluster = scene.simulation.array("nyc-prod").expect("an array");
    let section = good(program(&["init", &cluster.url()]).await);
    for words in [
        "7.8.0, system nyc-prod (",
        "qq --host 127.0.0.1 --port ",
        "-G PRIVILEGE_CLUSTER_READ PRIVILEGE_REPLICATION_OBJECT_READ PRIVILEGE_REPLICATION_SOURCE_READ PRIVILEGE_REPLICATION_TARGET_READ\n",
        "name = \"nyc-prod\"\n",
        "because no trusted authority signed the certificate",
        "\npin_sha256 = \"",
    ] {
        assert!(section.contains(words), "{words}: {section}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_there_is_never_overwritten() {
    let scene = Scene::start().await;
    let url = scene.simulation.array("nyc-prod").expect("an array").url();
    let file = scene.path("config.toml");
    let before = fs::read_to_string(&file).expect("a configuration");
    let (status, error) = refused(&[&url, "--out", file.to_str().expect("UTF-8")]).await;
    assert_eq!(status, Some(2));
    assert!(
        error.contains("config.toml") && error.contains("File exists"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&file).expect("a configuration"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_a_known_system_is_told_with_what_to_check() {
    let scene = Scene::start().await;
    // It is asked as every vendor is.
    scene.simulation.is_driven_by_hand();
    scene.simulation.set_fault("nyc-prod", FaultKind::Html);
    let web = scene.simulation.array("nyc-prod").expect("an array").url();
    scene.simulation.set_fault("sfo-dr", FaultKind::Hang);
    let hung = scene.simulation.array("sfo-dr").expect("an array").url();
    let (closed, nobody) = free_port();
    drop(closed);
    // It takes connections, and never says a word.
    let (_silent, silent) = free_port();
    let plain = plain_web_server();
    let (https, http) = (format!("https://{plain}"), format!("http://{plain}"));
    for (url, words) in [
        (
            web.as_str(),
            [
                "answers as a system that this exporter knows",
                "asked as Enterprise Manager: ",
            ],
        ),
        (&hung, ["", "no answer in time"]),
        (&format!("https://{nobody}"), ["Connection refused", "check the port"]),
        (
            &format!("https://{silent}"),
            ["FAIL  tls  no answer in time", "check that the port"],
        ),
        (&https, ["FAIL  tls  ", "a port that speaks plain HTTP"]),
        (
            &http,
            [
                "asked as a K2 array: ",
                "the APIs are at ports 8000 of a Qumulo cluster",
            ],
        ),
    ] {
        let (status, error) = refused(&[url]).await;
        assert_eq!(status, Some(1), "{url}: {error}");
        for words in words {
            assert!(error.contains(words), "{words}: {error}");
        }
    }
}

#[tokio::test]
async fn what_is_no_address_is_wrong_usage_and_is_not_repeated() {
    for (url, words) in [
        ("https://admin:secret@127.0.0.1:8000", "no user or password"),
        ("nyc-prod", "is not a URL"),
        ("ftp://127.0.0.1", "must begin with https://"),
        ("https://127.0.0.1/login", "no path"),
    ] {
        let (status, error) = refused(&[url]).await;
        assert_eq!(status, Some(2), "{error}");
        assert!(error.contains(words) && !error.contains("secret"), "{error}");
    }
}

/// The address of a server that answers every request with a web page, without TLS.
fn plain_web_server() -> String {
    let (listener, address) = free_port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = std::io::Read::read(&mut stream, &mut [0; 4096]);
            let page =
                "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = std::io::Write::write_all(&mut stream, page.as_bytes());
        }
    });
    address
}
