//! The table of the API: which resource answers what, and who may change it. Changes nothing itself. Called by `mod.rs`.

use super::{operations, query::Query, wire, world::World};
use crate::simulator::{accounts::Role, device::Answer, fault::FaultKind, refusal::Refusal, world::Call};
use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};

/// Requests in one second, above which the fault `bursts` answers 429.
const BURST: usize = 5;
const PREFIX: &str = "/api/v2";
const SESSIONS: &str = "/replication/sessions";

/// A type of objects.
struct Resource {
    path: &'static str,
    /// Whether its lists say their limit and offset, and its objects have ids.
    is_paged: bool,
    objects: fn(&World, usize) -> Vec<Value>,
}

static RESOURCES: &[Resource] = &[
    resource("/replication/peer_k2arrays", wire::peer_arrays),
    resource("/replication/peer_volume_groups", wire::peer_volume_groups),
    Resource {
        path: "/replication/rpo_history",
        is_paged: false,
        objects: wire::rounds,
    },
    resource(SESSIONS, wire::sessions),
    Resource {
        path: "/replication/stats/system",
        is_paged: false,
        objects: wire::throughput,
    },
    resource("/retention_policies", |_, _| wire::retention_policies()),
    resource("/snapshots", wire::snapshots),
    resource("/volume_groups", wire::volume_groups),
];

const fn resource(path: &'static str, objects: fn(&World, usize) -> Vec<Value>) -> Resource {
    Resource {
        path,
        is_paged: true,
        objects,
    }
}

/// Answers the call, if the caller may make it.
pub(crate) fn answer(world: &mut World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let role = call.basic()?.role;
    if call.fails(&FaultKind::Busy) {
        // The transient 400 that the vendor's clients retry.
        return Err(Refusal::conflict("MC_ERR_BUSY: The system is busy, try again later."));
    }
    if call.fails(&FaultKind::Bursts) && world.is_burst(call.array, BURST) {
        return Err(Refusal::TooMany);
    }
    let Some(path) = call.request.path.strip_prefix(PREFIX) else {
        return Err(Refusal::NotFound("Resource"));
    };
    let is_forbidden = |fault: &FaultKind| matches!(fault, FaultKind::Forbid(right) if !path.is_empty() && path[1..].starts_with(right.as_str()));
    if call.faults.iter().any(is_forbidden) {
        return Err(role_too_low());
    }
    if call.request.method != Method::GET {
        return change(world, call, path, role);
    }
    let query = Query(call.request.query());
    let document = match path {
        "" | "/" => discovery(),
        "/system/state" => query.list(vec![wire::state(world, call.array, role)], true)?,
        path => read(world, call.array, path, &query)?,
    };
    Ok(Answer::json(StatusCode::OK, &document))
}

/// A list, or one object by its id: bare, but for histories.
fn read(world: &World, array: usize, path: &str, query: &Query) -> Result<Value, Refusal> {
    if let Some(resource) = RESOURCES.iter().find(|resource| resource.path == path) {
        return query.list((resource.objects)(world, array), resource.is_paged);
    }
    let (parent, id) = path.rsplit_once('/').unwrap_or_default();
    let resource = RESOURCES.iter().find(|resource| resource.path == parent);
    let resource = resource.ok_or(Refusal::NotFound("Resource"))?;
    let mut objects = (resource.objects)(world, array);
    if !resource.is_paged {
        let of = format!("{SESSIONS}/{id}");
        objects.retain(|row| row["session"]["ref"] == json!(of));
        return query.list(objects, false);
    }
    let id: Option<u64> = id.parse().ok();
    let object = objects.into_iter().find(|object| object["id"].as_u64() == id);
    object
        .map(|object| query.trimmed(object))
        .ok_or(Refusal::NotFound("Object"))
}

fn change(world: &mut World, call: &Call<'_>, path: &str, role: Role) -> Result<Answer, Refusal> {
    let id = path
        .strip_prefix(SESSIONS)
        .map(|rest| rest.strip_prefix('/').unwrap_or(rest));
    let Some(id) = id else { return Err(Refusal::Method) };
    if role != Role::Admin {
        return Err(role_too_low());
    }
    let number = id.parse().map_err(|_| Refusal::NotFound("Replication session"));
    match (call.request.method.as_str(), id) {
        ("POST", "") => operations::create(world, call),
        ("PATCH", _) => operations::modify(world, call, number?),
        ("DELETE", _) => operations::delete(world, call, number?),
        _ => Err(Refusal::Method),
    }
}

fn role_too_low() -> Refusal {
    Refusal::Forbidden("Another role".to_owned())
}

/// What the vendor's client asks first: it makes every URL from it.
fn discovery() -> Value {
    let paths = RESOURCES.iter().map(|resource| resource.path).chain(["/system/state"]);
    let resources: Map<String, Value> = paths
        .map(|path| (path[1..].to_owned(), json!({ "url": path })))
        .collect();
    json!({ "resources": resources })
}
