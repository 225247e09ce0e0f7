//! The resources of the API: which method and path, who may call it, and what answers. Changes nothing but logon sessions.
//! Called by `mod.rs`.

use super::{
    call::Call,
    filter::{Filter, Operator},
    query::{self, Parameters},
    refusal::Refusal,
    row::{Kind, Value},
    session::{self, Role},
    wire,
    world::World,
};
use crate::simulator::{device::Answer, fault::FaultKind};
use hyper::{
    Method, StatusCode,
    header::{HeaderName, SET_COOKIE},
};

/// Answers a request.
pub(crate) fn answer(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let faults = world.faults();
    let refused = faults.contains(&FaultKind::Auth);
    let path = call.request.path.strip_prefix("/api/").ok_or_else(Refusal::not_found)?;
    let parameters = Parameters::parse(&call.request.query)?;
    let is_get = call.request.method == Method::GET;
    match path {
        "" if is_get => return Ok(ok(&wire::root())),
        "sessionMngr/" if call.request.method == Method::POST => return log_on(call, &parameters, refused),
        "" | "sessionMngr/" => return Err(Refusal::method()),
        _ => {}
    }
    let role = session::identify(call, refused)?;
    let may = |what: &str, least: Role| {
        let withdrawn = faults.contains(&FaultKind::Forbid(what.to_owned()));
        let may = !withdrawn && (role == least || role == Role::PortalAdministrator);
        may.then_some(()).ok_or_else(Refusal::forbidden)
    };
    let (collection, id) = path
        .split_once('/')
        .map_or((path, None), |(collection, id)| (collection, Some(id)));
    if collection == "logonSessions" && call.request.method == Method::DELETE {
        call.sessions.end(id.unwrap_or_default())?;
        return Ok(Answer::empty(StatusCode::NO_CONTENT));
    }
    if !is_get {
        return Err(Refusal::method());
    }
    match (collection, id) {
        ("logonSessions", None) => Ok(ok(&wire::logon_sessions(&call.sessions.list()))),
        ("query", None) => {
            let kind = query::kind(&parameters)?;
            may(kind.collection(), wire::least_role(kind))?;
            query::run(world, kind, &parameters).map(|document| ok(&document))
        }
        ("systemSessions", None) => {
            may(collection, Role::PortalAdministrator)?;
            let entities = parameters.wants_entities();
            Ok(ok(&wire::system_sessions(world, &world.collections(), entities)))
        }
        _ => {
            let kind = Kind::ALL.into_iter().find(|kind| kind.collection() == collection);
            let kind = kind.ok_or_else(Refusal::not_found)?;
            may(collection, wire::least_role(kind))?;
            resource(world, kind, id, &parameters)
        }
    }
}

/// 201, the token in a header of its own, and a cookie that a client had better not keep.
fn log_on(call: &Call<'_>, parameters: &Parameters, refused: bool) -> Result<Answer, Refusal> {
    let version = parameters.get("v").unwrap_or("latest");
    if !["latest", "v1_5", "v1_6", "v1_7"].contains(&version) {
        return Err(Refusal::malformed(format!("Version {version:?} is not supported.")));
    }
    let (id, user) = session::log_on(call, refused)?;
    let token = session::token(&id);
    let cookie = format!("X-RestSvcSessionId={token}; Path=/api;");
    Ok(wire::answer(StatusCode::CREATED, &wire::logon_session(&id, user))
        .with_header(HeaderName::from_static(session::SESSION_ID), &token)
        .with_header(SET_COOKIE, &cookie))
}

/// A collection of the last 30 days, or one of it.
fn resource(world: &World, kind: Kind, id: Option<&str>, parameters: &Parameters) -> Result<Answer, Refusal> {
    let entities = parameters.wants_entities();
    let Some(id) = id else {
        let recent = Filter::Compare("CreationTime", Operator::AtLeast, Value::Time(query::recent(world)));
        let rows = query::rows(world, kind, &recent);
        return Ok(ok(&wire::collection(world, kind, &rows, entities)));
    };
    let rows = query::rows(world, kind, &Filter::Everything);
    let row = rows.into_iter().find(|row| row.id(world) == id);
    let row = row.ok_or_else(Refusal::not_found)?;
    Ok(ok(&wire::single(world, row, entities)))
}

fn ok(document: &str) -> Answer {
    wire::answer(StatusCode::OK, document)
}
