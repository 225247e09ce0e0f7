//! The table of the API: which method and path, who may call it, and what answers. Paths are exact to the trailing slash,
//! as the cluster's own are. Changes nothing itself. Called by `world.rs`.

use super::{
    access::{
        self, CLUSTER_READ, OBJECT_READ, REVERSE, SOURCE_READ, SOURCE_WRITE, TARGET_READ, TARGET_WRITE, TIME_READ,
    },
    operations::{self, Outcome},
    relationship::Relationship,
    wire,
    world::World,
};
use crate::simulator::{device::Answer, fault::FaultKind, refusal::Refusal, world::Call};
use hyper::{Method, StatusCode};
use serde_json::{Value, json};

/// One entry of the table.
pub(crate) struct Route {
    method: Method,
    path: &'static str,
    access: Access,
    handler: Handler,
}

enum Access {
    /// No log-in needed, as the published schema says of these.
    Open,
    /// Any user.
    Session,
    /// A user with this privilege.
    Privilege(&'static str),
}

enum Handler {
    /// Reads the world.
    Read(fn(&World, usize) -> Value),
    /// Relationships of the cluster, and how each is shown; one of them where the path has an `{id}`.
    Relationships(
        fn(&World, usize) -> Vec<&Relationship>,
        fn(&World, &Relationship) -> Value,
    ),
    /// Changes the world; gets the `{id}` of the path.
    Change(Operation),
    LogIn,
    WhoAmI,
}

type Operation = fn(&mut World, &Call<'_>, &str) -> Outcome;

const NEW_RESTRIPER: &str = "/v1/cluster/protection/restriper/status";

use Access::{Open, Privilege, Session};
use Handler::{Change, LogIn, Read, Relationships, WhoAmI};

macro_rules! routes {
    ($($method:ident $path:literal $access:expr => $handler:expr,)+) => {
        static ROUTES: &[Route] = &[$(Route {
            method: Method::$method, path: $path, access: $access, handler: $handler,
        }),+];
    };
}

routes! {
    POST "/v1/session/login" Open => LogIn,
    GET "/v1/session/who-am-i" Session => WhoAmI,
    GET "/v1/version" Open => Read(wire::version),
    GET "/v1/node/state" Open => Read(wire::node_state),
    GET "/v1/cluster/settings" Open => Read(wire::settings),
    GET "/v1/cluster/nodes/" Privilege(CLUSTER_READ) => Read(wire::nodes),
    GET "/v1/cluster/protection/restriper/status" Privilege(CLUSTER_READ) => Read(wire::restriper),
    GET "/v1/cluster/restriper/status" Privilege(CLUSTER_READ) => Read(wire::old_restriper),
    GET "/v1/cluster/protection/status" Privilege(CLUSTER_READ) => Read(wire::protection),
    GET "/v1/time/status" Privilege(TIME_READ) => Read(wire::time_status),
    GET "/v3/replication/object-relationships/status/" Privilege(OBJECT_READ) => Read(wire::object_copies),
    GET "/v2/replication/source-relationships/" Privilege(SOURCE_READ) => SOURCES,
    GET "/v2/replication/source-relationships/status/" Privilege(SOURCE_READ) => SOURCE_STATUSES,
    GET "/v2/replication/target-relationships/status/" Privilege(TARGET_READ) => TARGET_STATUSES,
    GET "/v2/replication/source-relationships/{id}" Privilege(SOURCE_READ) => SOURCES,
    GET "/v2/replication/source-relationships/{id}/status" Privilege(SOURCE_READ) => SOURCE_STATUSES,
    GET "/v2/replication/target-relationships/{id}/status" Privilege(TARGET_READ) => TARGET_STATUSES,
    POST "/v2/replication/source-relationships/reverse-target-relationship" Privilege(REVERSE) => Change(operations::reverse),
    PATCH "/v2/replication/source-relationships/{id}" Privilege(SOURCE_WRITE) => Change(operations::modify),
    PUT "/v2/replication/source-relationships/{id}" Privilege(SOURCE_WRITE) => Change(operations::modify),
    DELETE "/v2/replication/source-relationships/{id}" Privilege(SOURCE_WRITE) => Change(operations::delete_source),
    POST "/v2/replication/source-relationships/{id}/abort-replication" Privilege(SOURCE_WRITE) => Change(operations::abort),
    POST "/v2/replication/source-relationships/{id}/replicate" Privilege(SOURCE_WRITE) => Change(operations::replicate),
    POST "/v2/replication/source-relationships/{id}/dismiss-error" Privilege(SOURCE_WRITE) => Change(operations::dismiss_source_error),
    POST "/v2/replication/target-relationships/{id}/authorize" Privilege(TARGET_WRITE) => Change(operations::authorize),
    POST "/v2/replication/target-relationships/{id}/make-writable" Privilege(TARGET_WRITE) => Change(operations::make_writable),
    POST "/v2/replication/target-relationships/{id}/reconnect" Privilege(TARGET_WRITE) => Change(operations::reconnect),
    POST "/v2/replication/target-relationships/{id}/delete" Privilege(TARGET_WRITE) => Change(operations::delete_target),
    POST "/v2/replication/target-relationships/{id}/dismiss-error" Privilege(TARGET_WRITE) => Change(operations::dismiss_target_error),
}

const SOURCES: Handler = Relationships(World::sources, wire::source_relationship);
const SOURCE_STATUSES: Handler = Relationships(World::sources, wire::source_status);
const TARGET_STATUSES: Handler = Relationships(World::targets, wire::target_status);

/// Answers the call, if the caller may make it.
pub(crate) fn answer(world: &mut World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (route, id) = find(call)?;
    let identity = match route.access {
        Open => None,
        Session | Privilege(_) => Some(access::identify(call)?),
    };
    if let (Privilege(right), Some(identity)) = (&route.access, &identity)
        && !access::privileges(identity.account, call).contains(right)
    {
        return Err(Refusal::Forbidden((*right).to_owned()));
    }
    let document = match (&route.handler, identity) {
        (Read(read), _) => read(world, call.array),
        (Relationships(listed, shown), _) => {
            let mut all = listed(world, call.array)
                .into_iter()
                .map(|it| (&it.id, shown(world, it)));
            match id {
                "" => all.map(|(_, document)| document).collect(),
                id => {
                    (all.find(|(each, _)| *each == id))
                        .ok_or(Refusal::NotFound("Relationship"))?
                        .1
                }
            }
        }
        (Change(operation), _) => return operation(world, call, id),
        (LogIn, _) => json!({ "bearer_token": access::log_in(&world.site, call)? }),
        (WhoAmI, Some(identity)) => wire::who_am_i(&world.site, &identity, call),
        (WhoAmI, None) => return Err(Refusal::Unauthenticated),
    };
    Ok(Answer::json(StatusCode::OK, &document))
}

/// The entry for a request, and the `{id}` in its path.
fn find<'a>(call: &Call<'a>) -> Result<(&'static Route, &'a str), Refusal> {
    let path = call.request.path.as_str();
    let is_missing = path == NEW_RESTRIPER && call.fails(&FaultKind::NoNewRestriper);
    let routes = ROUTES.iter().filter(|_| !is_missing);
    let mut with_path = routes
        .filter_map(|route| Some((route, matched(route.path, path)?)))
        .peekable();
    if with_path.peek().is_none() {
        return Err(Refusal::NotFound("Resource"));
    }
    let found = with_path.find(|(route, _)| route.method == call.request.method);
    found.ok_or(Refusal::Method)
}

/// The `{id}` that makes `pattern` into `path` ("" if it has none), if anything does. No id is the name of a sub-resource.
fn matched<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let Some((before, after)) = pattern.split_once("{id}") else {
        return (pattern == path).then_some("");
    };
    let id = path.strip_prefix(before)?.strip_suffix(after)?;
    let is_id = !id.is_empty() && !id.contains('/') && id != "reverse-target-relationship" && id != "status";
    is_id.then_some(id)
}
