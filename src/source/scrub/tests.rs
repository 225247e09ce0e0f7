use super::*;

fn plain() -> Scrubber {
    let mut scrubber = Scrubber::new(None);
    scrubber.secret("hunter2 & co");
    scrubber.header("Basic bW9uaXRvcjpjb3JyZWN0IGhvcnNl");
    scrubber
}

fn nameless() -> Scrubber {
    Scrubber::new(Some(Arc::default()))
}

#[test]
fn a_secret_is_known_by_its_key() {
    let text = r#"[{"bearer_token":"a","Password" : "b","access_key_id":"c","secret":{"x":["d",5]},"api-key":7,
        "token":null,"password":"","remote_replication_session_id":12,"SessionId":"e","name":"f"}]"#;
    let expected = r#"[{"bearer_token":"scrubbed","Password" : "scrubbed","access_key_id":"scrubbed","secret":{"x":["scrubbed","scrubbed"]},"api-key":"scrubbed",
        "token":null,"password":"","remote_replication_session_id":12,"SessionId":"scrubbed","name":"f"}]"#;
    assert_eq!(plain().document(Form::Json, text), expected);
    let text = r#"<?xml version="1.0"?><a:LogonSession xmlns="u" Token='x' Name="f"><!-- y --><SessionId>z</SessionId><Password><![CDATA[w]]></Password><X/>t</a:LogonSession>"#;
    let expected = r#"<?xml version="1.0"?><a:LogonSession xmlns="u" Token='scrubbed' Name="f"><SessionId>scrubbed</SessionId><Password>scrubbed</Password><X/>t</a:LogonSession>"#;
    assert_eq!(plain().document(Form::Xml, text), expected);
}

#[test]
fn a_known_secret_is_found_in_every_spelling() {
    for spelling in [
        "hunter2 & co",
        "aHVudGVyMiAmIGNv",
        "hunter2%20%26%20co",
        "bW9uaXRvcjpjb3JyZWN0IGhvcnNl",
        "correct horse",
        "monitor:correct horse",
    ] {
        let json = format!(r#"{{"description":"it says {spelling}!"}}"#);
        let scrubbed = plain().document(Form::Json, &json);
        assert_eq!(scrubbed, r#"{"description":"it says scrubbed!"}"#, "{spelling}");
        let xml = format!("<E>it says {}!</E>", quick_xml::escape::escape(spelling));
        assert_eq!(
            plain().document(Form::Xml, &xml),
            "<E>it says scrubbed!</E>",
            "{spelling}"
        );
        assert_eq!(plain().path(&format!("/x?q={spelling}")), "/x?q=scrubbed");
    }
}

#[test]
fn what_is_no_secret_stays_byte_for_byte() {
    for text in [
        r#"{"a" : 1.50, "a":9007199254740993, "b":"\u0041\/ü", "c":[1e999,"", null]}"#,
        r#"{"cut": "in the mid"#,
        "[{]}}}}",
        "",
    ] {
        assert_eq!(plain().document(Form::Json, text), text);
    }
    for text in [
        "<A b='1 &gt; 0' c=\"x\">\n  <D e=\"&#65;\"/> text &amp; more</A>",
        "<A><B>cut",
        "</A></B>x",
        "<A b=\"cut",
    ] {
        assert_eq!(plain().document(Form::Xml, text), text);
    }
}

#[test]
fn names_go_and_still_meet() {
    let scrubber = nameless();
    let text = r#"{"source":"nyc:/home/ann","job":"backup of vm-7@2024-05-05 03:00:00.5","vm":"vm-7","host":"10.1.2.3",
        "id":"5B2F7D1C-9a44-4c0e-8d36-0f6b1f2a7c11","uid":"urn:veeam:Job:5b2f7d1c-9a44-4c0e-8d36-0f6b1f2a7c11","n":"12"}"#;
    let expected = r#"{"source":"n1:/n2/n3","job":"n4 n5 n6@2024-05-05 03:00:00.5","vm":"n6","host":"198.18.0.7",
        "id":"00000000-0000-4000-8000-000000000001","uid":"urn:veeam:Job:00000000-0000-4000-8000-000000000001","n":"12"}"#;
    assert_eq!(scrubber.document(Form::Json, text), expected);
    let path = "/api/jobs/5b2f7d1c-9a44-4c0e-8d36-0f6b1f2a7c11?format=Entity";
    let expected = "/api/jobs/00000000-0000-4000-8000-000000000001?format=Entity";
    assert_eq!(scrubber.path(path), expected);
}

#[test]
fn the_vendors_words_times_and_numbers_stay() {
    let text = r#"{"state":"in_sync","replication_mode":"REPLICATION_CONTINUOUS","recovery_point":"2026-02-20T08:00:00.25Z",
        "bytes_total":"9007199254740993","ref":"/snapshots/430","new_word":"SOME_THING","revision_id":"Qumulo Core 7.8.0",
        "lag_time":"PT1H30M","transfer":"P2DT3H4M5.5S","full":"9.14.1P2","api":"v1_7","min":"v2"}"#;
    assert_eq!(nameless().document(Form::Json, text), text);
    for name in ["10.1.2.3", "PAUL", "P", "PT", "v", "9.14.x", "2.paris"] {
        let text = format!(r#"{{"x":"{name}"}}"#);
        assert_ne!(nameless().document(Form::Json, &text), text, "{name}");
    }
    let text = r#"<L Rel="Up" Type="JobReference" Href="https://em1.example.com:9398/api/x?format=Entity"/>"#;
    let expected = r#"<L Rel="Up" Type="JobReference" Href="https://n1:9398/api/x?format=Entity"/>"#;
    assert_eq!(nameless().document(Form::Xml, text), expected);
}

#[test]
fn a_web_page_has_no_form() {
    assert_eq!(Form::of("\u{feff} <Entity/>"), Some(Form::Xml));
    assert_eq!(Form::of("\n[1]"), Some(Form::Json));
    for text in ["<!DOCTYPE html><html>", "<HTML>", "internal error", ""] {
        assert_eq!(Form::of(text), None, "{text}");
    }
}

#[test]
fn a_name_in_a_query_is_made_up_as_in_the_document() {
    let id = "08c4f5e3-9059-463d-aca8-6c940012db7c";
    let scrubber = nameless();
    let document = format!(r#"<Link Name="Weekly archive" UID="urn:veeam:BackupServer:{id}"/>"#);
    let told = scrubber.document(Form::Xml, &document);
    let asked = format!(
        "/api/query?filter=JobName%3D%3D%22Weekly%20archive%22%3BUid%3D%3D%22urn%3Aveeam%3ABackupServer%3A{id}%22"
    );
    let asked = scrubber.path(&asked);
    let (_, query) = asked.split_once('?').expect("a query");
    let (_, filter) = form_urlencoded::parse(query.as_bytes()).next().expect("a filter");
    let expected = told
        .replace("<Link Name=", "JobName==")
        .replace(" UID=", ";Uid==")
        .replace("/>", "");
    assert_eq!(filter, expected);
    assert!(!asked.contains("archive") && !asked.contains(id), "{asked}");
}
