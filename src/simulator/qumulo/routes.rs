//! The table of the API: which method and path, who may call it, and what answers. Paths are exact to the trailing slash,
//! as the cluster's own are. Changes nothing itself. Called by `mod.rs`.

use super::{
    call::Call,
    operations,
    refusal::Refusal,
    session::{
        self, CLUSTER_READ, Identity, OBJECT_READ, REVERSE, SOURCE_READ, SOURCE_WRITE, TARGET_READ, TARGET_WRITE,
        TIME_READ,
    },
    wire,
    world::World,
};
use crate::simulator::{device::Answer, fault::FaultKind};
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
    Read(fn(&World, &Call<'_>) -> Value),
    /// Reads one relationship.
    ReadOne(fn(&mut World, &Call<'_>) -> Result<Value, Refusal>),
    /// Changes the world.
    Change(fn(&mut World, &Call<'_>) -> Result<Answer, Refusal>),
    LogIn,
    WhoAmI,
}

const NEW_RESTRIPER: &str = "/v1/cluster/protection/restriper/status";

use Access::{Open, Privilege, Session};
use Handler::{Change, LogIn, Read, ReadOne, WhoAmI};

const fn get(path: &'static str, access: Access, handler: Handler) -> Route {
    route(Method::GET, path, access, handler)
}

const fn post(path: &'static str, access: Access, handler: Handler) -> Route {
    route(Method::POST, path, access, handler)
}

const fn route(method: Method, path: &'static str, access: Access, handler: Handler) -> Route {
    Route {
        method,
        path,
        access,
        handler,
    }
}

static ROUTES: &[Route] = &[
    post("/v1/session/login", Open, LogIn),
    get("/v1/session/who-am-i", Session, WhoAmI),
    get("/v1/version", Open, Read(|_, _| wire::version())),
    get(
        "/v1/node/state",
        Open,
        Read(|world, call| wire::node_state(world, call.cluster)),
    ),
    get(
        "/v1/cluster/settings",
        Open,
        Read(|world, call| wire::settings(world, call.cluster)),
    ),
    get(
        "/v1/cluster/nodes/",
        Privilege(CLUSTER_READ),
        Read(|world, call| wire::nodes(world, call.cluster)),
    ),
    get(
        NEW_RESTRIPER,
        Privilege(CLUSTER_READ),
        Read(|world, call| wire::restriper(world.protection_of(call.cluster))),
    ),
    get(
        "/v1/cluster/restriper/status",
        Privilege(CLUSTER_READ),
        Read(|world, call| wire::old_restriper(world.protection_of(call.cluster))),
    ),
    get(
        "/v1/cluster/protection/status",
        Privilege(CLUSTER_READ),
        Read(|world, call| wire::protection(world.protection_of(call.cluster))),
    ),
    get(
        "/v1/time/status",
        Privilege(TIME_READ),
        Read(|world, call| wire::time_status(world, call.cluster)),
    ),
    get(
        "/v3/replication/object-relationships/status/",
        Privilege(OBJECT_READ),
        Read(|world, call| wire::object_copies(world, call.cluster)),
    ),
    get(
        "/v2/replication/source-relationships/",
        Privilege(SOURCE_READ),
        Read(|world, call| list(world.sources(call.cluster), |it| wire::source_relationship(world, it))),
    ),
    get(
        "/v2/replication/source-relationships/status/",
        Privilege(SOURCE_READ),
        Read(|world, call| list(world.sources(call.cluster), |it| wire::source_status(world, it))),
    ),
    get(
        "/v2/replication/target-relationships/status/",
        Privilege(TARGET_READ),
        Read(|world, call| list(world.targets(call.cluster), |it| wire::target_status(world, it))),
    ),
    get(
        "/v2/replication/source-relationships/{id}",
        Privilege(SOURCE_READ),
        ReadOne(|world, call| {
            let it = world.source(call.cluster, call.id)?.clone();
            Ok(wire::source_relationship(world, &it))
        }),
    ),
    get(
        "/v2/replication/source-relationships/{id}/status",
        Privilege(SOURCE_READ),
        ReadOne(|world, call| {
            let it = world.source(call.cluster, call.id)?.clone();
            Ok(wire::source_status(world, &it))
        }),
    ),
    get(
        "/v2/replication/target-relationships/{id}/status",
        Privilege(TARGET_READ),
        ReadOne(|world, call| {
            let it = world.target(call.cluster, call.id)?.clone();
            Ok(wire::target_status(world, &it))
        }),
    ),
    post(
        "/v2/replication/source-relationships/reverse-target-relationship",
        Privilege(REVERSE),
        Change(operations::reverse),
    ),
    route(
        Method::PATCH,
        "/v2/replication/source-relationships/{id}",
        Privilege(SOURCE_WRITE),
        Change(operations::modify),
    ),
    route(
        Method::PUT,
        "/v2/replication/source-relationships/{id}",
        Privilege(SOURCE_WRITE),
        Change(operations::modify),
    ),
    route(
        Method::DELETE,
        "/v2/replication/source-relationships/{id}",
        Privilege(SOURCE_WRITE),
        Change(operations::delete_source),
    ),
    post(
        "/v2/replication/source-relationships/{id}/abort-replication",
        Privilege(SOURCE_WRITE),
        Change(operations::abort),
    ),
    post(
        "/v2/replication/source-relationships/{id}/replicate",
        Privilege(SOURCE_WRITE),
        Change(operations::replicate),
    ),
    post(
        "/v2/replication/source-relationships/{id}/dismiss-error",
        Privilege(SOURCE_WRITE),
        Change(operations::dismiss_source_error),
    ),
    post(
        "/v2/replication/target-relationships/{id}/authorize",
        Privilege(TARGET_WRITE),
        Change(operations::authorize),
    ),
    post(
        "/v2/replication/target-relationships/{id}/make-writable",
        Privilege(TARGET_WRITE),
        Change(operations::make_writable),
    ),
    post(
        "/v2/replication/target-relationships/{id}/reconnect",
        Privilege(TARGET_WRITE),
        Change(operations::reconnect),
    ),
    post(
        "/v2/replication/target-relationships/{id}/delete",
        Privilege(TARGET_WRITE),
        Change(operations::delete_target),
    ),
    post(
        "/v2/replication/target-relationships/{id}/dismiss-error",
        Privilege(TARGET_WRITE),
        Change(operations::dismiss_target_error),
    ),
];

/// The entry for a request, and the `{id}` in its path.
pub(crate) fn find<'a>(method: &Method, path: &'a str) -> Result<(&'static Route, &'a str), Refusal> {
    let mut with_path = ROUTES
        .iter()
        .filter_map(|route| Some((route, matched(route.path, path)?)))
        .peekable();
    if with_path.peek().is_none() {
        return Err(Refusal::not_found("Resource"));
    }
    with_path
        .find(|(route, _)| route.method == *method)
        .ok_or_else(Refusal::method)
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

fn list<T>(items: impl Iterator<Item = T>, wire: impl Fn(T) -> Value) -> Value {
    Value::Array(items.map(wire).collect())
}

impl Route {
    /// Answers the call, if the caller may make it.
    pub(crate) fn answer(&self, world: &mut World, call: &Call<'_>) -> Result<Answer, Refusal> {
        let faults = world.faults_of(call.cluster);
        if self.path == NEW_RESTRIPER && faults.contains(&FaultKind::NoNewRestriper) {
            return Err(Refusal::not_found("Resource"));
        }
        let identity = self.admit(call, &faults)?;
        let document = match (&self.handler, identity) {
            (Read(read), _) => read(world, call),
            (ReadOne(read), _) => read(world, call)?,
            (Change(change), _) => return change(world, call),
            (LogIn, _) => json!({ "bearer_token": session::log_in(call, &faults)? }),
            (WhoAmI, Some(identity)) => wire::who_am_i(&identity, &faults),
            (WhoAmI, None) => return Err(Refusal::unauthenticated()),
        };
        Ok(Answer::json(StatusCode::OK, &document))
    }

    fn admit<'a>(&self, call: &Call<'a>, faults: &[FaultKind]) -> Result<Option<Identity<'a>>, Refusal> {
        match self.access {
            Open => Ok(None),
            Session => session::identify(call, faults).map(Some),
            Privilege(privilege) => {
                let identity = session::identify(call, faults)?;
                session::permit(&identity, privilege, faults)?;
                Ok(Some(identity))
            }
        }
    }
}
