//! What an administrator can do to a relationship, so that a failover can be driven by hand. Each function is one POST, PUT,
//! PATCH or DELETE of the API; `routes.rs` calls them after it has checked the right.

use super::{
    relationship::{Relationship, State},
    wire,
    world::World,
};
use crate::simulator::{device::Answer, refusal::Refusal, world::Call};
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

/// Nominal seconds that reverting the target takes, when it is made writable and when it is reconnected.
const REVERT: f64 = 120.0;
const RECONNECT: f64 = 180.0;

/// What an operation answers.
pub(crate) type Outcome = Result<Answer, Refusal>;

pub(crate) fn authorize(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    let it = world.target(call.array, id)?;
    require(it, &[State::AwaitingAuthorization], "authorize")?;
    it.state = State::Established;
    it.idle_since = it.now;
    target(world, call, id)
}

/// Reverts the target to its recovery point and makes it writable. Without a recovery point there is nothing to revert to.
pub(crate) fn make_writable(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    let seconds = world.site.pace.seconds(REVERT);
    let it = world.target(call.array, id)?;
    require(it, &[State::Established], "make writable")?;
    if it.recovery.is_none() {
        return Err(Refusal::conflict(
            "The target cannot be made writable: initial replication has not completed.",
        ));
    }
    it.job = None;
    it.queue.clear();
    it.settle_in(State::Disconnecting, State::Disconnected, seconds);
    target(world, call, id)
}

/// What was written to the target since it was disconnected is reverted.
pub(crate) fn reconnect(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    let seconds = world.site.pace.seconds(RECONNECT);
    let it = world.target(call.array, id)?;
    require(it, &[State::Disconnected], "reconnect")?;
    // No document tells RECONNECTING from REESTABLISHING; by its name the latter follows a reversal.
    let via = if it.reversed {
        State::Reestablishing
    } else {
        State::Reconnecting
    };
    it.settle_in(via, State::Established, seconds);
    target(world, call, id)
}

/// Source and target change places; the id stays. Asked of the present target.
pub(crate) fn reverse(world: &mut World, call: &Call<'_>, _id: &str) -> Outcome {
    #[derive(Deserialize)]
    struct Body {
        target_relationship_id: String,
        source_address: String,
    }
    let body: Body = call.body()?;
    if body.source_address.is_empty() {
        return Err(Refusal::malformed("source_address must not be empty."));
    }
    let it = world.target(call.array, &body.target_relationship_id)?;
    require(it, &[State::Disconnected], "reverse")?;
    it.source = it.target();
    it.source_read_only = false;
    it.reversed = !it.reversed;
    let it = it.clone();
    Ok(ok(&wire::source_relationship(world, &it)))
}

/// Changes what the body names; a blackout can be lifted but not set.
pub(crate) fn modify(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    #[derive(Deserialize)]
    struct Body {
        replication_enabled: Option<bool>,
        source_root_read_only: Option<bool>,
        map_local_ids_to_nfs_ids: Option<bool>,
        replication_mode: Option<String>,
        blackout_windows: Option<Vec<Value>>,
    }
    let body: Body = call.body()?;
    let policy_seconds = world.site.pace.seconds(1800.0);
    let it = world.source(call.array, id)?;
    let mode = match body.replication_mode.as_deref() {
        None => (it.plan.continuous, it.plan.policy_seconds),
        Some("REPLICATION_CONTINUOUS") => (true, None),
        Some("REPLICATION_SNAPSHOT_POLICY") => (false, Some(policy_seconds)),
        Some("REPLICATION_SNAPSHOT_POLICY_WITH_CONTINUOUS") => (true, Some(policy_seconds)),
        Some(_) => return Err(Refusal::malformed("replication_mode is none of its three values.")),
    };
    if body.blackout_windows.is_some_and(|windows| windows.is_empty()) {
        it.plan.blackout = None;
    }
    if it.plan.policy_seconds != mode.1 {
        it.next_fire = it.now;
        it.queue.clear();
    }
    (it.plan.continuous, it.plan.policy_seconds) = mode;
    it.enabled = body.replication_enabled.unwrap_or(it.enabled);
    it.source_read_only = body.source_root_read_only.unwrap_or(it.source_read_only);
    it.map_local_ids = body.map_local_ids_to_nfs_ids.unwrap_or(it.map_local_ids);
    let it = it.clone();
    Ok(ok(&wire::source_relationship(world, &it)))
}

/// The target keeps a remnant until it is deleted there.
pub(crate) fn delete_source(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    let it = world.source(call.array, id)?;
    let gone = end(it, call.array, "The relationship was deleted on the source cluster.");
    Ok(forget(world, id, gone))
}

pub(crate) fn delete_target(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    let it = world.target(call.array, id)?;
    let gone = end(it, call.array, "The relationship was deleted on the target cluster.");
    Ok(forget(world, id, gone))
}

/// Starts a job now, also where automatic replication is off.
pub(crate) fn replicate(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    let dice = world.site.dice;
    let it = world.source(call.array, id)?;
    require(it, &[State::Established], "replicate")?;
    if it.job.is_none() {
        it.start_job(it.now, dice);
    }
    Ok(Answer::json(
        StatusCode::ACCEPTED,
        &json!({ "monitor_uri": call.request.path.trim_end_matches("replicate") }),
    ))
}

pub(crate) fn abort(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    let it = world.source(call.array, id)?;
    let skip = call
        .request
        .query
        .split('&')
        .any(|pair| pair == "skip-active-policy-snapshot=true");
    it.stop_job("The job was aborted.", it.now, !skip);
    Ok(Answer::empty(StatusCode::OK))
}

pub(crate) fn dismiss_source_error(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    let it = world.source(call.array, id)?;
    it.errors[call.array].clear();
    Ok(Answer::empty(StatusCode::OK))
}

pub(crate) fn dismiss_target_error(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    let it = world.target(call.array, id)?;
    it.errors[call.array].clear();
    Ok(Answer::empty(StatusCode::OK))
}

/// Ends the relationship on `cluster`. True if the other side had ended it before, so that nothing is left of it.
fn end(it: &mut Relationship, cluster: usize, reason: &str) -> bool {
    if it.state == State::Ended {
        return true;
    }
    it.job = None;
    it.queue.clear();
    it.settles = None;
    it.state = State::Ended;
    reason.clone_into(&mut it.end_reason);
    it.removed_from = Some(cluster);
    false
}

fn forget(world: &mut World, id: &str, gone: bool) -> Answer {
    if gone {
        world.relationships.retain(|it| it.id != id);
    }
    Answer::empty(StatusCode::OK)
}

fn require(it: &Relationship, states: &[State], what: &str) -> Result<(), Refusal> {
    if states.contains(&it.state) {
        return Ok(());
    }
    let state = it.state.word();
    Err(Refusal::conflict(format!(
        "Cannot {what} a relationship that is {state}."
    )))
}

/// The status of the relationship, as the target that was asked tells it.
fn target(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    let it = world.target(call.array, id)?.clone();
    Ok(ok(&wire::target_status(world, &it)))
}

fn ok(document: &Value) -> Answer {
    Answer::json(StatusCode::OK, document)
}
