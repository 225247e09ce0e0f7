//! What an administrator can do to a session, with the guards of the vendor's own tools. Transitions are asynchronous: the
//! answer shows the session as it still is, and the other array follows later. `routes.rs` calls it after it has checked the
//! right.

use super::{
    cast,
    session::{Change, State, Suspend, VolumeGroup},
    wire,
    world::World,
};
use crate::simulator::{device::Answer, refusal::Refusal, world::Call};
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::Value;

/// Nominal seconds until this array has done what it was told, and until its peer has.
const OWN: f64 = 5.0;
const PEER: f64 = 15.0;

type Outcome = Result<Answer, Refusal>;

#[derive(Deserialize)]
struct Reference {
    #[serde(rename = "ref")]
    path: String,
}

impl Reference {
    fn id(&self, parent: &str) -> Result<u64, Refusal> {
        let id = self.path.strip_prefix(parent).and_then(|id| id.parse().ok());
        id.ok_or_else(|| Refusal::malformed(format!("{} is no reference to {parent}N.", self.path)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Modification {
    name: Option<String>,
    state: Option<String>,
    rpo: Option<Value>,
    target_exposure: Option<String>,
    #[serde(rename = "retention_policy")]
    _retention_policy: Option<Reference>,
    #[serde(rename = "external_retention_policy")]
    _external_retention_policy: Option<Reference>,
    #[serde(rename = "snapshot_wwn")]
    _snapshot_wwn: Option<String>,
    #[serde(rename = "offline_initial_sync")]
    _offline_initial_sync: Option<Value>,
    #[serde(rename = "restored_snapshot")]
    _restored_snapshot: Option<Reference>,
}

/// `PATCH`: another state, or other settings.
pub(crate) fn modify(world: &mut World, call: &Call<'_>, id: u64) -> Outcome {
    let body: Modification = call.body()?;
    let pace = world.site.pace;
    let rpo = body.rpo.as_ref().map(objective).transpose()?;
    let it = world.session(call.array, id)?;
    if let Some(state) = &body.state {
        let delays = [OWN, PEER].map(|nominal| pace.seconds(nominal));
        transition(it, call.array, state, delays)?;
    }
    if let Some(rpo) = rpo {
        it.rpo = cast::shortened(pace.seconds(rpo));
    }
    if let Some(name) = body.name {
        it.names[call.array] = name;
    }
    it.exposure = body.target_exposure.unwrap_or_else(|| it.exposure.clone());
    let it = it.clone();
    Ok(Answer::json(StatusCode::OK, &wire::session(world, call.array, &it)))
}

fn transition(it: &mut super::session::Session, array: usize, word: &str, delays: [f64; 2]) -> Result<(), Refusal> {
    let [own, peer] = delays;
    let state = it.states[array];
    if it.settles[array].is_some() {
        return Err(Refusal::malformed(
            "MC_ERR_INPROGRESS: The session is changing its state.",
        ));
    }
    let refuse = || {
        Err(Refusal::malformed(format!(
            "Cannot change the state from {} to {word}.",
            state.word()
        )))
    };
    match (word, state) {
        ("suspended", State::InSync) => {
            it.settle_in(array, own, Change::To(State::Suspended, Suspend::User));
            it.settle_in(1 - array, peer, Change::To(State::Suspended, Suspend::User));
        }
        ("in_sync", State::Suspended | State::Idle) if it.states[1 - array] != State::FailedOver => {
            it.settle_in(array, own, Change::To(State::InSync, Suspend::None));
            it.settle_in(1 - array, peer, Change::To(State::InSync, Suspend::None));
        }
        // The failed-over side becomes the source.
        ("in_sync", State::FailedOver) => it.settle_in(array, peer, Change::Reversed),
        ("idle", State::Suspended) => {
            it.settle_in(array, own, Change::To(State::Idle, Suspend::None));
            it.settle_in(1 - array, peer, Change::To(State::Idle, Suspend::None));
        }
        ("failed_over", State::InSync | State::Suspended) if array == it.target() => {
            if it.finished.is_empty() {
                return Err(Refusal::malformed("There is no replicated snapshot to fail over to."));
            }
            it.settle_in(array, own, Change::To(State::FailedOver, Suspend::None));
            it.settle_in(1 - array, peer, Change::To(State::Suspended, Suspend::PeerFailedOver));
        }
        ("suspended" | "in_sync" | "idle" | "failed_over", _) => return refuse(),
        _ => return Err(Refusal::malformed("state is none of its values.")),
    }
    Ok(())
}

/// `POST`: a session from this array to its peer, idle until it is told to start.
pub(crate) fn create(world: &mut World, call: &Call<'_>) -> Outcome {
    #[derive(Deserialize)]
    struct Body {
        name: String,
        rpo: Value,
        local_volume_group: Reference,
        replication_peer_k2array: Reference,
        #[serde(rename = "retention_policy")]
        _retention_policy: Reference,
        #[serde(rename = "external_retention_policy")]
        _external_retention_policy: Reference,
        replication_peer_volume_group_name: Option<String>,
        remote_replication_session_name: Option<String>,
        target_exposure: Option<String>,
    }
    let body: Body = call.body()?;
    let (array, peer) = (call.array, 1 - call.array);
    if body.replication_peer_k2array.id("/replication/peer_k2arrays/")? != wire::PEER {
        return Err(Refusal::NotFound("Peer K2 array"));
    }
    let group = body.local_volume_group.id("/volume_groups/")?;
    let place = world.arrays[array].unprotected.iter().position(|it| it.id == group);
    let place =
        place.ok_or_else(|| Refusal::malformed("The volume group does not exist, or has a replication session."))?;
    let rpo = cast::shortened(world.site.pace.seconds(objective(&body.rpo)?));
    let group = world.arrays[array].unprotected.remove(place);
    let index = world.sessions.len() as u64;
    let mut it = cast::session(index, &body.name, rpo, world.site.now);
    it.ids = [0, 1].map(|array| 1 + world.sessions.iter().map(|it| it.ids[array]).max().unwrap_or(0));
    it.names[peer] = body
        .remote_replication_session_name
        .unwrap_or_else(|| format!("remote_{}", body.name));
    it.names[array] = body.name;
    it.volume_groups[peer] = VolumeGroup {
        id: 9000 + index,
        name: body
            .replication_peer_volume_group_name
            .unwrap_or_else(|| group.name.clone()),
    };
    it.volume_groups[array] = group;
    (it.source, it.primary) = (array, array);
    it.states = [State::Idle; 2];
    it.exposure = body.target_exposure.unwrap_or(it.exposure);
    world.sessions.push(it.clone());
    Ok(Answer::json(StatusCode::CREATED, &wire::session(world, array, &it)))
}

/// `DELETE`: only this side's; the peer keeps an orphan until it is deleted there too.
pub(crate) fn delete(world: &mut World, call: &Call<'_>, id: u64) -> Outcome {
    let it = world.session(call.array, id)?;
    if it.states[call.array] != State::Idle {
        return Err(Refusal::malformed("Only an idle replication session can be deleted."));
    }
    it.removed[call.array] = true;
    let group = it.volume_groups[call.array].clone();
    world.arrays[call.array].unprotected.push(group);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// Nominal seconds: 60 or a multiple of 300, as number or string.
fn objective(rpo: &Value) -> Result<f64, Refusal> {
    let text = rpo.as_str().map_or_else(|| rpo.to_string(), str::to_owned);
    match text.parse::<u32>() {
        Ok(seconds) if seconds == 60 || (seconds > 0 && seconds.is_multiple_of(300)) => Ok(f64::from(seconds)),
        _ => Err(Refusal::malformed("rpo must be 60 or a multiple of 300 seconds.")),
    }
}
