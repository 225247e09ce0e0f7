//! The XML of the simulated manager, element by element as documented; nothing else here knows any. Called by `routes`,
//! `query` and `refusal`.

use super::{
    job::{Outcome, Task},
    query::{Page, Parameters},
    row::{Kind, Row, total_size},
    time::{in_name, spelled},
    world::{Collection, World},
};
use crate::simulator::{device::Answer, refusal::Refusal};
use hyper::{StatusCode, header::WWW_AUTHENTICATE};
use quick_xml::escape::escape as escaped;
use std::fmt::Write as _;

/// Where the manager believes that it is. Not where it is reached: who follows its links gets nowhere.
const HOST: &str = "https://em.tech.local:9398/api";
const NAMESPACES: &str = "xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
     xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns=\"http://www.veeam.com/ent/v1.0\"";

/// An XML document as an answer.
pub(crate) fn answer(status: StatusCode, document: &str) -> Answer {
    Answer::body(
        status,
        "application/xml; charset=utf-8",
        format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{document}"),
    )
}

/// An `Error` element that repeats the status, as recorded.
pub(crate) fn refused(refusal: &Refusal) -> Answer {
    let (status, message) = (refusal.status(), escaped(refusal.to_string()));
    let error = format!(
        "<Error Message=\"{message}\" StatusCode=\"{}\" {NAMESPACES}>\
         <FirstChanceExceptionMessage>{message}</FirstChanceExceptionMessage></Error>",
        status.as_u16()
    );
    let answer = answer(status, &error);
    match status {
        StatusCode::UNAUTHORIZED => answer.with_header(WWW_AUTHENTICATE, "Basic Realm=RestSvc"),
        _ => answer,
    }
}

/// The entry point, which anybody may read.
pub(crate) fn root() -> String {
    let version = |name: &str| {
        format!(
            "<SupportedVersion Name=\"{name}\"><Links>{}</Links></SupportedVersion>",
            link("Create", "LogonSession", &format!("sessionMngr/?v={name}"), None)
        )
    };
    format!(
        "<EnterpriseManager {NAMESPACES}><Links>{}{}</Links><SupportedVersions>{}{}{}</SupportedVersions></EnterpriseManager>",
        link("Down", "LogonSessionList", "logonSessions", None),
        link("Create", "LogonSession", "sessionMngr/?v=latest", None),
        version("v1_5"),
        version("v1_6"),
        version("v1_7"),
    )
}

/// What a log-on answers.
pub(crate) fn logon_session(id: &str, user: &str) -> String {
    let mut links = link("Up", "EnterpriseManager", "", None);
    for kind in Kind::ALL {
        let list = format!("{}ReferenceList", kind.name());
        links += &link("Down", &list, kind.collection(), None);
    }
    links += &link("Down", "QueryService", "querySvc", None);
    links += &link("Delete", "LogonSession", &format!("logonSessions/{id}"), None);
    format!(
        "<LogonSession {NAMESPACES} Type=\"LogonSession\" Href=\"{HOST}/logonSessions/{id}\"><Links>{links}</Links>\
         <UserName>{}</UserName><SessionId>{id}</SessionId></LogonSession>",
        escaped(user)
    )
}

/// One page of a query.
pub(crate) fn query_result(world: &World, kind: Kind, parameters: &Parameters, page: &Page<'_>) -> String {
    let name = kind.name();
    let entities: String = page.rows.iter().map(|row| entity(world, *row, "")).collect();
    let paging = paging(kind, parameters, page);
    format!("<QueryResult {NAMESPACES}><Entities><{name}s>{entities}</{name}s></Entities>{paging}</QueryResult>")
}

/// There is no Next on the last page, and no count of rows anywhere.
fn paging(kind: Kind, parameters: &Parameters, page: &Page<'_>) -> String {
    let mut query = format!("query?type={}", kind.name());
    for name in ["format", "filter", "sortAsc", "sortDesc"] {
        if let Some(value) = parameters.get(&name.to_ascii_lowercase()) {
            let _ = write!(query, "&{name}={value}");
        }
    }
    let to = |rel: &str, number: usize| link(rel, "", &format!("{query}&pageSize={}&page={number}", page.size), None);
    let mut links = to("First", 1);
    if page.number < page.count {
        links += &to("Next", page.number + 1);
    }
    links += &to("Last", page.count);
    format!(
        "<PagingInfo PageNum=\"{}\" PageSize=\"{}\" PagesCount=\"{}\"><Links>{links}</Links></PagingInfo>",
        page.number, page.size, page.count
    )
}

/// One entity, as a document of its own.
pub(crate) fn single(world: &World, row: Row<'_>) -> String {
    entity(world, row, &format!(" {NAMESPACES}"))
}

/// The collections that ended, for administrators.
pub(crate) fn system_sessions(world: &World, collections: &[Collection]) -> String {
    let mut list = String::new();
    for Collection { id, start, end } in collections {
        let _ = write!(
            list,
            "<SystemSession Href=\"{HOST}/systemSessions/{id}?format=Entity\" Type=\"SystemSession\" \
             Name=\"Collect Job @{}\" UID=\"urn:veeam:SystemSession:{id}\">\
             <SessionType>CollectJob</SessionType><CreationTimeUTC>{}</CreationTimeUTC>\
             <EndTimeUTC>{}</EndTimeUTC><State>CompletedSuccessfully</State><Result>\
             <Result>CompletedSuccessfully</Result><Message /><IsCanceled>false</IsCanceled></Result></SystemSession>",
            in_name(world.shown(*start)),
            spelled(world.shown(*start)),
            spelled(world.shown(*end)),
        );
    }
    format!("<SystemSessions {NAMESPACES}>{list}</SystemSessions>")
}

fn entity(world: &World, row: Row<'_>, namespaces: &str) -> String {
    let kind = row.kind().name();
    let vm = match row {
        Row::Task(_) | Row::Point(_) => format!(" VmDisplayName=\"{}\"", escaped(row.vm(world))),
        _ => String::new(),
    };
    format!(
        "<{kind}{namespaces} Href=\"{HOST}/{}?format=Entity\" Type=\"{kind}\" Name=\"{}\" UID=\"{}\"{vm}>\
         <Links>{}</Links>{}</{kind}>",
        path(world, row),
        escaped(row.name(world)),
        row.uid(world),
        links(world, row),
        body(world, row),
    )
}

fn links(world: &World, row: Row<'_>) -> String {
    let mut links = match row {
        Row::Server(_) => String::new(),
        _ => link_to(world, "Up", row.server(world)),
    };
    match row {
        Row::Task(task) => {
            if let Some(run) = world.run_of(task) {
                links += &link_to(world, "Up", Row::Run(run));
            }
        }
        Row::Run(_) => links.extend(row.job(world).map(|job| link_to(world, "Up", Row::Job(job)))),
        Row::Point(_) => {
            links.extend(row.job(world).map(|job| link_to(world, "Up", Row::Replica(job))));
        }
        Row::Replica(_) | Row::Job(_) | Row::Server(_) => {}
    }
    // Only some tasks are shown with the point that they made.
    if let Row::Task(task) = row
        && task.key().is_multiple_of(2)
        && row.state(world) == "Completed"
        && task.result != Outcome::Failed
    {
        let point = Row::Point(task);
        links += &link(
            "Related",
            "VmReplicaPoint",
            &format!("{}?format=Entity", path(world, point)),
            Some(&point.name(world)),
        );
    }
    links
}

fn body(world: &World, row: Row<'_>) -> String {
    let times = |row: Row<'_>| {
        let mut text = element("CreationTimeUTC", &spelled(world.shown(row.created())));
        if let Some(at) = row.ended(world) {
            text += &element("EndTimeUTC", &spelled(world.shown(at)));
        }
        text
    };
    match row {
        Row::Task(task) => {
            let session = format!(
                "urn:veeam:ReplicaJobSession:{}",
                world.site.dice.uuid("job session", task.run)
            );
            let size = total_size(world, task).to_string();
            element("JobSessionUid", &session)
                + &times(row)
                + &element("State", row.state(world))
                + &element("Result", row.result(world))
                + &element("Reason", &reason(world, row, task))
                + &element("TotalSize", &size)
        }
        Row::Run(run) => {
            let progress = if row.ended(world).is_some() {
                100
            } else {
                world.progress(run)
            };
            element(
                "JobUid",
                &row.job(world).map_or_else(String::new, |job| Row::Job(job).uid(world)),
            ) + &element("JobName", row.job_name(world))
                + &element("JobType", "Replica")
                + &times(row)
                + &element("State", row.state(world))
                + &element("Result", row.result(world))
                + &element("Progress", &progress.to_string())
                + &element("FailureMessage", "")
                + &element("IsRetry", if run.is_retry { "true" } else { "false" })
        }
        Row::Point(_) => {
            times(row)
                + &element("VmName", row.vm(world))
                + &element("Algorithm", "Full")
                + &element("PointType", "Snapshot")
        }
        Row::Replica(_) => element("Platform", "VMware"),
        Row::Job(job) => {
            let enabled = job.is_enabled(world.collected);
            element("JobType", "Replica")
                + &element("Platform", "VMware")
                + &element("Description", "")
                + &element("ScheduleConfigured", "true")
                + &element("ScheduleEnabled", if enabled { "true" } else { "false" })
                + &element("NextRun", &spelled(world.shown(job.next_run(world.collected))))
        }
        Row::Server(_) => element("Description", "") + &element("Port", "9392") + &element("Version", "12.3.1.1139"),
    }
}

/// What the backup server says of a task that did not go well: prose, with names in it, on several lines.
fn reason(world: &World, row: Row<'_>, task: &Task) -> String {
    if row.state(world) != "Completed" {
        return String::new();
    }
    match task.result {
        Outcome::Success => String::new(),
        Outcome::Warning => format!(
            "Replica of VM '{}': changed block tracking data is not available.",
            row.vm(world)
        ),
        Outcome::Failed => format!(
            "Processing {} Error: Cannot connect to host <esx07> & its datastore.\nFailed to create snapshot (VM: \"{0}\").",
            row.vm(world)
        ),
    }
}

fn path(world: &World, row: Row<'_>) -> String {
    format!("{}/{}", row.kind().collection(), row.id(world))
}

fn link_to(world: &World, rel: &str, row: Row<'_>) -> String {
    let kind = format!("{}Reference", row.kind().name());
    link(rel, &kind, &path(world, row), Some(&row.name(world)))
}

fn link(rel: &str, kind: &str, path: &str, name: Option<&str>) -> String {
    let mut text = format!("<Link Href=\"{HOST}/{}\"", escaped(path));
    for (attribute, value) in [("Name", name.unwrap_or_default()), ("Type", kind), ("Rel", rel)] {
        if !value.is_empty() {
            let _ = write!(text, " {attribute}=\"{}\"", escaped(value));
        }
    }
    text + " />"
}

/// An element; one without text is closed at once.
fn element(name: &str, text: &str) -> String {
    if text.is_empty() {
        format!("<{name} />")
    } else {
        format!("<{name}>{}</{name}>", escaped(text))
    }
}
