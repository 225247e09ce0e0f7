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

static ROUTES: &[Route] = &[
    route(Method::POST, "/v1/session/login", Open, LogIn),
    route(Method::GET, "/v1/session/who-am-i", Session, WhoAmI),
    route(Method::GET, "/v1/version", Open, Read(wire::version)),
    route(Method::GET, "/v1/node/state", Open, Read(wire::node_state)),
    route(Method::GET, "/v1/cluster/settings", Open, Read(wire::settings)),
    get("/v1/cluster/nodes/", CLUSTER_READ, Read(wire::nodes)),
    get(NEW_RESTRIPER, CLUSTER_READ, Read(wire::restriper)),
    get("/v1/cluster/restriper/status", CLUSTER_READ, Read(wire::old_restriper)),
    get("/v1/cluster/protection/status", CLUSTER_READ, Read(wire::protection)),
    get("/v1/time/status", TIME_READ, Read(wire::time_status)),
    get(
        "/v3/replication/object-relationships/status/",
        OBJECT_READ,
        Read(wire::object_copies),
    ),
    get("/v2/replication/source-relationships/", SOURCE_READ, SOURCES),
    get(
        "/v2/replication/source-relationships/status/",
        SOURCE_READ,
        SOURCE_STATUSES,
    ),
    get(
        "/v2/replication/target-relationships/status/",
        TARGET_READ,
        TARGET_STATUSES,
    ),
    get("/v2/replication/source-relationships/{id}", SOURCE_READ, SOURCES),
    get(
        "/v2/replication/source-relationships/{id}/status",
        SOURCE_READ,
        SOURCE_STATUSES,
    ),
    get(
        "/v2/replication/target-relationships/{id}/status",
        TARGET_READ,
        TARGET_STATUSES,
    ),
    post(
        "/v2/replication/source-relationships/reverse-target-relationship",
        REVERSE,
        operations::reverse,
    ),
    change(
        Method::PATCH,
        "/v2/replication/source-relationships/{id}",
        SOURCE_WRITE,
        operations::modify,
    ),
    change(
        Method::PUT,
        "/v2/replication/source-relationships/{id}",
        SOURCE_WRITE,
        operations::modify,
    ),
    change(
        Method::DELETE,
        "/v2/replication/source-relationships/{id}",
        SOURCE_WRITE,
        operations::delete_source,
    ),
    post(
        "/v2/replication/source-relationships/{id}/abort-replication",
        SOURCE_WRITE,
        operations::abort,
    ),
    post(
        "/v2/replication/source-relationships/{id}/replicate",
        SOURCE_WRITE,
        operations::replicate,
    ),
    post(
        "/v2/replication/source-relationships/{id}/dismiss-error",
        SOURCE_WRITE,
        operations::dismiss_source_error,
    ),
    post(
        "/v2/replication/target-relationships/{id}/authorize",
        TARGET_WRITE,
        operations::authorize,
    ),
    post(
        "/v2/replication/target-relationships/{id}/make-writable",
        TARGET_WRITE,
        operations::make_writable,
    ),
    post(
        "/v2/replication/target-relationships/{id}/reconnect",
        TARGET_WRITE,
        operations::reconnect,
    ),
    post(
        "/v2/replication/target-relationships/{id}/delete",
        TARGET_WRITE,
        operations::delete_target,
    ),
    post(
        "/v2/replication/target-relationships/{id}/dismiss-error",
        TARGET_WRITE,
        operations::dismiss_target_error,
    ),
];

const SOURCES: Handler = Relationships(World::sources, wire::source_relationship);
const SOURCE_STATUSES: Handler = Relationships(World::sources, wire::source_status);
const TARGET_STATUSES: Handler = Relationships(World::targets, wire::target_status);

const fn get(path: &'static str, privilege: &'static str, handler: Handler) -> Route {
    route(Method::GET, path, Privilege(privilege), handler)
}

const fn post(path: &'static str, privilege: &'static str, operation: Operation) -> Route {
    change(Method::POST, path, privilege, operation)
}

const fn change(method: Method, path: &'static str, privilege: &'static str, operation: Operation) -> Route {
    route(method, path, Privilege(privilege), Change(operation))
}

const fn route(method: Method, path: &'static str, access: Access, handler: Handler) -> Route {
    Route {
        method,
        path,
        access,
        handler,
    }
}

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
