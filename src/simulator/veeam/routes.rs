//! The resources of the API: which method and path, who may call it, and what answers. Changes nothing but logon sessions.
//! Called by `world.rs`.

use super::{SESSION_ID, query, row::Kind, time::Micros, welcome, wire, world::World};
use crate::simulator::{
    accounts::Role, device::Answer, fault::FaultKind, refusal::Refusal, veeam::query::Parameters, world::Call,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use hyper::{
    StatusCode,
    header::{CONTENT_LENGTH, COOKIE, SET_COOKIE},
};

const RESOURCE: Refusal = Refusal::NotFound("The resource");

/// Answers a request.
pub(crate) fn answer(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let path = call.request.path.strip_prefix("/api/").ok_or(RESOURCE)?;
    let parameters = Parameters::of(call.request);
    let method = call.request.method.as_str();
    match (method, path) {
        ("GET", "") => return Ok(ok(&wire::root())),
        ("POST", "sessionMngr/") => return log_on(world, call, &parameters),
        (_, "" | "sessionMngr/") => return Err(Refusal::Method),
        _ => {}
    }
    let role = identify(call)?;
    let may = |what: &str, least: Role| {
        let may = !call.is_forbidden(what) && (role == least || role == Role::Admin);
        may.then_some(()).ok_or_else(|| Refusal::Forbidden(what.to_owned()))
    };
    match (method, path.split_once('/').unwrap_or((path, ""))) {
        ("DELETE", ("logonSessions", id)) => {
            let ended = call.sessions.end(id).then(|| Answer::empty(StatusCode::NO_CONTENT));
            ended.ok_or(RESOURCE)
        }
        ("GET", ("query", "")) => {
            let kind = query::kind(&parameters)?;
            may(kind.collection(), least_role(kind))?;
            query::run(world, kind, &parameters).map(|document| ok(&document))
        }
        ("GET", ("systemSessions", "")) => {
            may("systemSessions", Role::Admin)?;
            Ok(ok(&wire::system_sessions(world, &world.collections())))
        }
        ("GET", (collection, id)) => {
            let mut kinds = Kind::ALL.into_iter();
            let kind = kinds.find(|kind| kind.collection() == collection).ok_or(RESOURCE)?;
            may(collection, least_role(kind))?;
            let rows = query::rows(world, kind, (Micros::MIN, Micros::MAX));
            let row = rows.into_iter().find(|row| row.id(world) == id).ok_or(RESOURCE)?;
            Ok(ok(&wire::single(world, row)))
        }
        _ => Err(Refusal::Method),
    }
}

/// Who may read entities of this kind.
fn least_role(kind: Kind) -> Role {
    match kind {
        Kind::Job => Role::Admin,
        _ => Role::Monitor,
    }
}

/// The token is base64 of the text of the session's id; it comes in a header, and in a cookie that a client had better not
/// keep.
fn log_on(world: &World, call: &Call<'_>, parameters: &Parameters) -> Result<Answer, Refusal> {
    let version = parameters.get("v").unwrap_or("latest");
    if !["latest", "v1_5", "v1_6", "v1_7"].contains(&version) {
        return Err(Refusal::malformed(format!("Version {version:?} is not supported.")));
    }
    // http.sys says this of a POST without a length, before the manager sees it.
    if call.request.header(CONTENT_LENGTH) != "0" || !call.request.body.is_empty() {
        return Err(Refusal::LengthRequired);
    }
    let account = call.basic()?;
    let name = format!("session on {}", world.site.names[0]);
    let uuid = |number| world.site.dice.uuid(&name, number);
    let id = call.sessions.open(account.role, call.now, uuid);
    let token = BASE64.encode(&id);
    let cookie = format!("X-RestSvcSessionId={token}; Path=/api;");
    Ok(welcome(&token, &wire::logon_session(&id, account.name)).with_header(SET_COOKIE, &cookie))
}

/// The role of whoever asks. A cookie beats the header, as documented: a client that keeps a stale one is lost.
fn identify(call: &Call<'_>) -> Result<Role, Refusal> {
    let cookies = call.request.header(COOKIE).split(';');
    let mut cookies = cookies.filter_map(|cookie| cookie.trim().split_once('='));
    let cookie = cookies.find(|(name, _)| name.eq_ignore_ascii_case(SESSION_ID));
    let token = cookie.map_or_else(|| call.request.header(SESSION_ID), |(_, value)| value);
    let id = BASE64
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    id.filter(|_| !call.fails(&FaultKind::Auth))
        .and_then(|id| call.sessions.user(&id, call.now))
        .ok_or(Refusal::Unauthenticated)
}

fn ok(document: &str) -> Answer {
    wire::answer(StatusCode::OK, document)
}
