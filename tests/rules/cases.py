"""The tests of each alert and severity. Every case is a world that makes the alert fire at a certain minute, and near
misses: the same world with one thing changed, in which it never fires. `also` are other ways in which it fires, `lasts` those
in which it still does. That it survives a scrape gap and a restart is made from the first world by run.py.
"""

from dataclasses import dataclass, field
from typing import Callable

from world import K2, QUMULO, VEEAM, World, at, between, growing, until

HOUR, DAY = 60, 1440  # minutes


@dataclass
class Case:
    alert: str
    severity: str
    fires: int  # the first minute in which it fires
    world: Callable  # of the last minute, the step and what a near miss changes
    near: dict  # why it does not fire -> what is changed
    also: dict = field(default_factory=dict)  # why it fires -> (what is changed, the first minute)
    lasts: dict = field(default_factory=dict)  # why it still fires -> (what is changed, a later minute)
    step: int = 1  # minutes between two scrapes, and two evaluations
    gap: int = None  # where the first scrape gap begins that it survives; else 5 scrapes before it fires; -1: none before it fires
    shown: bool = True  # what the operator is shown is compared with texts.yml
    what: str = ""  # tells cases of the same alert and severity apart

    @property
    def title(self):
        return f"{self.alert} {self.severity}{self.what and ', ' + self.what}"

    @property
    def end(self):
        return self.fires + 14 * self.step


CASES = []


def case(*args, **kwargs):
    CASES.append(Case(*args, **kwargs))


def qumulo(end, step=1, lag=600, source=None, target=None, bos_up=1, **both):
    """One pair: nyc replicates to bos. What is given without a side is what both say."""
    world = World(end, step).array("nyc").array("bos", up=bos_up)
    world.side("nyc", "source", QUMULO, **{"lag": lag, **both, **(source or {})})
    world.side("bos", "target", QUMULO, **{"lag": lag, "rpo": None, **both, **(target or {})})
    return world


def k2(end, step=1, lag=300, source=None, target=None, **both):
    """One pair: ams replicates to fra; the array gives the objective."""
    world = World(end, step).array("ams", "kaminario").array("fra", "kaminario")
    world.side("ams", "source", K2, **{"lag": lag, "rpo": 900, **both, **(source or {})})
    world.side("fra", "target", K2, **{"lag": lag, "rpo": 900, **both, **(target or {})})
    return world


STOPPED_NEAR = {
    "paused": {"exempt": "paused"},
    "an ended remnant": {"exempt": "ended"},
    "failed over": {"exempt": "failed_over"},
    "not accepted yet": {"exempt": "pending"},
}

# --- Recovery points ---------------------------------------------------------------------------------------------------

case(
    "ReplicationBehind", "warning", 8,  # over an hour from minute 6 on, for 2 minutes
    lambda end, step, lag=growing(3300), **kw: qumulo(end, step, lag, **kw),
    near={
        "the objective exactly": {"lag": 3600},
        "over it for a minute": {"lag": until(8, growing(3300), 60)},
        "no objective": {"rpo": None, "source": {"rpo": None}},
        "a day is the objective": {"rpo": 86400},
        "the source knows a newer recovery point": {"source": {"lag": 600}},
        "most of it was a blackout, of which the target does not know": {"source": {"counted": 1200}},
        "paused, and the array has gone away": {"exempt": "paused", "health": until(3, "paused"), "heard": "paused", "bos_up": until(3, 1, 0)},
        **STOPPED_NEAR,
    },
    also={
        "the objectives of the sides differ": ({"target": {"rpo": 7200}}, 8),
        "the arrays are out of reach": ({"health": until(3, "ok"), "heard": "ok", "bos_up": 0}, 8),
        "it was paused, but the source's array has gone away and the target says otherwise": (
            {"source": {"exempt": "paused", "health": None, "heard": "paused"}}, 8),
    },
)
case(
    "ReplicationBehind", "warning", 18,  # 10 minutes of its lag are a blackout's
    lambda end, step, lag=growing(3300), **kw: qumulo(
        end, step, lag, source={"counted": growing(2700)}, **kw),
    near={"all of it is": {"rpo": 7200}},
    what="after a blackout",
)
case(
    "ReplicationBehind", "warning", 8,
    lambda end, step, lag=growing(3300): World(end, step).array("em1", "veeam").side("em1", "observer", VEEAM, lag=lag, rpo=3600),
    near={"the objective exactly": {"lag": 3600}},
    what="where no target is named",
)

def left_behind(end, step=1, lag=None, state="retired", rpo=3600, **both):
    world = World(end, step).array("em1", "veeam")
    world.side("em1", "observer", VEEAM, lag=lag, rpo=rpo, **both)
    return world.word("storage_replication_state", "state", state, array="em1", pair=VEEAM["pair"],
                      relationship=VEEAM["relationship"], role="observer", instance="a:10094")


case(
    "ReplicationBehind", "warning", 8,
    lambda end, step, lag=growing(3300), **kw: left_behind(end, step, lag, **kw),
    near={"the objective exactly": {"lag": 3600}},
    what="of a VM that its job has left behind",
)
case(
    "ReplicationBehind", "critical", 8,
    lambda end, step, lag=growing(6900), **kw: left_behind(end, step, lag, **{"state": "completed", **kw}),
    near={"its job has left it behind": {"state": "retired"}},
    what="of a VM that its job still has",
)
case(
    "ReplicationBehind", "critical", 8,
    lambda end, step, lag=growing(6900), **kw: qumulo(end, step, lag, **kw),
    near={
        "twice the objective exactly": {"lag": 7200},
        "over it for a minute": {"lag": until(8, growing(6900), 60)},
        **STOPPED_NEAR,
    },
)


def no_copy(end, step, never=0, rpo=900, source=None, target=None, **both):
    return qumulo(end, step, None, rpo=rpo, **{"never": never, "health": "initializing", **both}, source=source, target=target)


case(
    "ReplicationNoCopy", "warning", 31,  # half an hour, for that is more than the objective
    no_copy,
    near={
        "the objective has not passed": {"rpo": 7200},
        "no objective, and not a day yet": {"rpo": None},
        "it has one": {"never": None, "said": "protected"},
        "the target has one": {"target": {"never": None, "said": "protected"}},
        "first seen 20 minutes ago": {"never": 1200},
        "paused": {"exempt": "paused"},
        "nobody has accepted it": {"exempt": "pending"},
    },
    also={
        "an objective of an hour": ({"rpo": 3600}, 61),
        "no objective: a day": ({"rpo": None, "never": -86400}, 1),
        "nobody is heard": ({"health": None, "heard": "initializing"}, 31),
    },
)
case(
    "ReplicationNoCopy", "critical", 31,
    lambda end, step, result="failed", **kw: no_copy(end, step, source={"result": result}, **kw),
    near={"no job has failed": {"result": "none"}, "the objective has not passed": {"rpo": 7200}, "paused": {"exempt": "paused"}},
    also={"the array says that it fails": ({"result": None, "health": "failed"}, 31)},
)
case(
    "ReplicationNoCopy", "critical", 6,
    lambda end, step, never=-86100, start=None: no_copy(end, step, never, source={"job_start_timestamp_seconds": start}),
    near={"a job runs": {"start": 60}, "not a day yet": {"never": -85000}},
    what="for a day, and no job runs",
)
case(
    "ReplicationNoCopy", "critical", 31,
    lambda end, step, state="completed", **kw: left_behind(end, step, None, state, 900, never=0, **{"result": "failed", **kw}),
    near={"its job has left it behind": {"state": "retired"}},
    what="of a VM that its job still has",
)
case(
    "ReplicationNoCopy", "critical", 6,
    lambda end, step, state="completed": left_behind(end, step, None, state, 900, never=-86100),
    near={"its job has left it behind": {"state": "retired"}},
    what="of a VM that its job still has, for a day",
)
case(
    "ReplicationStandingUnknown", "warning", 20,
    lambda end, step, health=until(5, "ok", "unknown"), **kw: qumulo(end, step, health=health, **kw),
    near={"for 14 minutes": {"health": between(5, 20, "unknown", "ok")}, "the other side knows": {"target": {"health": "ok", "rpo": 3600}}},
    gap=12,  # within 5 minutes of a change a gap has both words
)
case(
    "ReplicationFailing", "warning", 20,
    lambda end, step, result=until(5, "success", "failed"), lag=growing(300), **kw: qumulo(end, step, lag, result=result, **kw),
    near={
        "it succeeds after 14 minutes": {"result": between(5, 20, "failed", "success")},
        "behind, which says more": {"lag": growing(3700)},
        "the target said so before it went away, the source says otherwise": {
            "result": "success", "target": {"result": "failed", "health": None, "heard": "ok"}},
        **STOPPED_NEAR,
    },
    also={
        "one side says so": ({"result": "success", "target": {"result": "failed"}}, 15),
        "K2, where the health says so": ({"result": None, "source": {"health": "failed"}}, 15),
    },
    gap=8,
)
case(
    "ReplicationLagWillPassObjective", "warning", 5,
    lambda end, step, lag=growing(1800), remaining=2400, **kw: qumulo(
        end, step, lag, source={"job_remaining_seconds": remaining, **kw.pop("source", {})}, **kw),
    near={
        "it ends in time": {"remaining": 600},
        "it is catching up": {"remaining": lambda minute: 4000 - 130 * minute},
        "it catches up by 6.3 seconds a minute": {"remaining": lambda minute: 2400 - 66.3 * minute},
        "it has passed already": {"lag": growing(3660)},
        "for 4 minutes": {"remaining": until(4, 2400, 0)},
        "paused": {"exempt": "paused"},
        "most of the lag is from a blackout": {"lag": growing(9000), "source": {"counted": 300}},
    },
    also={
        "it catches up, but by 5.7 seconds a minute": ({"remaining": lambda minute: 2400 - 65.7 * minute}, 5),
        "shortly before it passes": ({"lag": growing(2900)}, 5),
        "from the progress, where the array gives no estimate: 30% in 30 minutes, so 70 remain": (
            {"source": {"job_remaining_seconds": None, "job_start_timestamp_seconds": -1800, "job_progress_ratio": 0.3}}, 5),
    },
)
case(
    "ReplicationPauseForgotten", "warning", 19,  # over twice the objective from minute 4 on, for 15 minutes
    lambda end, step, lag=growing(7000), exempt="paused", **kw: qumulo(end, step, lag, exempt=exempt, **{"counted": 600, **kw}),
    near={
        "twice the objective exactly": {"lag": 7200},
        "for 14 minutes": {"exempt": until(18, "paused", "none")},
        "a blackout": {"exempt": "blackout"},
        "ended": {"exempt": "ended"},
        "no objective, and not a day yet": {"rpo": None, "source": {"rpo": None}},
        "over a day, which is the objective": {"rpo": 86400, "lag": growing(90000)},
        "no copy, and paused for an hour": {"lag": None, "counted": None, "since": -3600},
    },
    also={
        "no objective: a day": ({"rpo": None, "source": {"rpo": None}, "lag": growing(86300)}, 17),
        "its array is out of reach": ({"health": None, "heard": "paused"}, 19),
        "no copy, and paused for 2 hours": ({"lag": None, "never": 0, "since": -7300}, 15),
    },
    gap=-1,
)


def fleet(end, step, pairs=1, over=until(0, False, False), exempt=False, late=4000):
    """Some relationships of which the first is over its objective at times."""
    world = World(end, step).array("nyc")
    for number in range(pairs):
        lag = (lambda minute: at(late, minute) if over(minute) else 60) if number == 0 else 60
        name = f"r{number}"
        world.side("nyc", "source", {**QUMULO, "pair": name, "relationship": name}, lag=lag, exempt="paused" if exempt else "none")
    return world


case(
    "ReplicationBudgetBurnsFast", "critical", 368,  # 9 of the last 61 evaluations, which is over 14.4%
    lambda end, step, over=until(360, False, True), **kw: fleet(end, step, over=over, **kw),
    near={
        "8 minutes": {"over": between(360, 368, True, False)},
        "one of seven relationships, which is 14.3%": {"pairs": 7},
        "paused": {"exempt": True},
        "over 5 objectives, which has its own page": {"late": 18001},
        "Prometheus is new": {"over": until(30, True, False)},
        "it burns as it did for 6 hours": {"over": until(360, True, True)},
    },
    what="an hour",
)
case(
    "ReplicationBudgetBurnsFast", "critical", 515,  # 10% for 44 of the last 73 evaluations, which is over 6%
    lambda end, step, over=until(300, False, True), pairs=10, **kw: fleet(end, step, pairs, over, **kw),
    near={
        "one of twenty, which is 5%": {"pairs": 20},
        "it was over for 215 minutes": {"over": between(300, 515, True, False)},
        "it burns as it always did": {"over": until(0, True, True)},
    },
    what="6 hours",
    step=5,
)
case(
    "ReplicationBudgetBurnsSlowly", "warning", 3 * DAY + 40,  # 9 of the last 865 evaluations, which is over 1%
    lambda end, step, over=until(3 * DAY, False, True), **kw: fleet(end, step, over=over, **kw),
    near={
        "for 35 minutes": {"over": between(3 * DAY, 3 * DAY + 40, True, False)},
        "Prometheus is new": {"over": until(720, True, False)},
        "one of ten is late for ever, which has its own page": {"over": until(0, True, True), "pairs": 10, "late": growing(20000)},
    },
    step=5,
)

# --- Relationships -----------------------------------------------------------------------------------------------------


def job(end, step, progress=0.4, start=-3600, left=10e9, files=5000, deleted_files=0, exempt="none", of=qumulo, target=None):
    running = {"job_start_timestamp_seconds": start, "job_progress_ratio": progress, "exempt": exempt}
    if of is qumulo:
        running |= {"job_remaining_bytes": left, "job_remaining_files": files, "job_deleted_files": deleted_files}
    return of(end, step, source=running, target=target)


case(
    "ReplicationJobStalled", "warning", 30,
    job,
    near={
        "bytes move": {"left": lambda minute: 10e9 - minute},
        "files move": {"files": lambda minute: 5000 - minute},
        "files are deleted": {"deleted_files": lambda minute: minute},
        "the percentage moves": {"progress": lambda minute: 0.4 + minute / 1000},
        "another job since minute 20": {"start": until(20, -3600, 1200)},
        "a blackout stopped it until minute 20": {"exempt": until(20, "blackout", "none")},
        "it goes on after 28 minutes": {"left": until(29, 10e9, 9e9)},
        "there is no job": {"start": None, "progress": None},
    },
    also={"K2, which counts no bytes": ({"of": k2}, 30)},
    gap=15,
)
case(
    "ReplicationStuckInTransition", "warning", 61,
    lambda end, step, health="transition", since=0, **kw: qumulo(
        end, step, source={"health": health, "health_since_timestamp_seconds": since, **kw.pop("source", {})}, **kw),
    near={
        "for 59 minutes": {"health": until(60, "transition", "ok")},
        "it began anew": {"since": until(30, 0, 1800)},
        "the other side has ended it": {"target": {"exempt": "ended"}},
    },
)
case(
    "ReplicationNotAuthorized", "warning", 6,
    lambda end, step, exempt="pending", since=-86100: qumulo(end, step, None, exempt=exempt, since=since),
    near={"accepted before": {"exempt": until(5, "pending", "none")}, "not a day yet": {"since": -80000}},
)


def failed_over(end, step, exempt="failed_over", since=0, **kw):
    return k2(end, step, source={"health": "failed"},
              target={"exempt": exempt, "health": "failed_over" if exempt == "failed_over" else "ok", "since": since, **kw})


for severity, since in (("info", 0), ("warning", 300 - 8 * 3600)):
    case(
        "ReplicationFailedOver", severity, 6,
        lambda end, step, since=since, **kw: failed_over(end, step, since=since, **kw),
        near={
            "given back before": {"exempt": until(5, "failed_over", "none")},
            "not accepted yet": {"exempt": "pending"},
            "not for as long": {"since": since + 1200},
        },
        also={"its array has gone away": ({"health": None, "heard": "failed_over"}, 6)},
    )
case(
    "ReplicationTargetWritable", "warning", 60,
    lambda end, step, writable=1, **kw: qumulo(end, step, target={"target_writable": writable, **kw}),
    near={
        "for 59 minutes": {"writable": until(60, 1, 0)}, "it is not": {"writable": 0},
        "failed over": {"exempt": "failed_over"}, "ended": {"exempt": "ended"}, "not accepted yet": {"exempt": "pending"},
    },
    gap=-1,
)


def disagree(end, step, target_lag=growing(1500), roles=("source", "target"), **kw):
    """The source's recovery point is always now, the target's stands still."""
    world = World(end, step).array("nyc").array("bos")
    source, target = kw.pop("source", {}), kw.pop("target", {})
    world.side("nyc", roles[0], **{"lag": 0, **kw, **source})
    world.side("bos", roles[1], **{"lag": target_lag, **kw, **target})
    return world


case(
    "ReplicationSidesDisagree", "warning", 21,  # by half an hour from minute 6 on, for 15 minutes
    disagree,
    near={
        "by half the objective exactly": {"target_lag": 1800},
        "for 14 minutes": {"target_lag": until(20, growing(1500), 0)},
        "5 minutes, with an objective of one": {"rpo": 60, "target_lag": 300},
        "no objective, and not an hour": {"rpo": None},
        "2 hours, with an objective of a day": {"rpo": 86400, "target_lag": 7200},
        "the target is not read": {"target": {"health": None, "heard": "ok"}},
        "the source is not read": {"source": {"health": None, "heard": "ok"}},
        "ended": {"target": {"exempt": "ended"}},
        "failed over": {"target": {"exempt": "failed_over"}},
        "both are targets, of an ended source": {"target_lag": 0, "roles": ("target", "target")},
    },
    also={
        "no objective: an hour": ({"rpo": None, "target_lag": growing(3600)}, 16),
        "an objective of a minute: 5 minutes": ({"rpo": 60, "target_lag": growing(0)}, 21),
        "the target holds more": ({"source": {"lag": growing(1500)}, "target_lag": 0}, 21),
    },
    gap=-1,
)
case(
    "ReplicationSidesDisagree", "warning", 15,
    lambda end, step, roles=("source", "source"): disagree(end, step, 0, roles),
    near={"they agree on who is the source": {"roles": ("source", "target")}},
    shown=False,  # which of the two speaks for the pair is decided by the order in which Prometheus met them
    what="two sources",
    gap=-1,
)


def one_side(end, step, role="source", up=1, success=1, system_id=None, appears=None, lists=("source", "target"), **kw):
    here, there, other = ("nyc", "bos", "target") if role == "source" else ("bos", "nyc", "source")
    world = World(end, step).array(here)
    world.array(there, up=up, system_id=system_id, sections=[("here", 1), ("there", success)], lists=lists)
    world.side(here, role, **{"lag": 600, "peer": f"id-{there}", **kw})
    return world.side(there, until(appears, None, other), lag=600) if appears else world


def one_side_near(role):
    return {
        "both are there": {"appears": 1},
        "for 29 minutes": {"appears": 30},
        "the other array is out of reach": {"up": 0},
        "the other array is not monitored": {"system_id": "elsewhere"},
        "the other array's system is not known": {"peer": ""},
        "the other array cannot be read to the end": {"success": 0},
        "the other array's relationships of that role were never listed": {"lists": [role]},
        "not accepted yet": {"exempt": "pending"},
        "an ended remnant": {"exempt": "ended"},
    }


for role in ("source", "target"):
    case(
        "ReplicationOneSideOnly", "warning", 30,
        lambda end, step, role=role, **kw: one_side(end, step, role, **kw),
        near=one_side_near(role),
        what=f"the {role}",
        gap=-1,
    )
case(
    "ReplicationSnapshotsQueueing", "warning", 31,
    lambda end, step, queued=3, **kw: qumulo(end, step, source={"queued_snapshots": queued, **kw}),
    near={
        "2": {"queued": 2},
        "it shrinks": {"queued": lambda minute: 20 - minute // 10},
        "it was at 2 a while ago": {"queued": until(20, 2, 3)},
        "for 29 minutes": {"queued": until(30, 3, 0)},
        "a blackout": {"exempt": "blackout"},
    },
    gap=-1,
)


def unjudged(end, step, rpo=None):
    return qumulo(end, step, source={"rpo": rpo})


case("ReplicationUnjudged", "info", HOUR, unjudged, near={"it has an objective": {"rpo": 3600}, "it gets one": {"rpo": until(HOUR, None, 3600)}}, gap=10)

case(
    "ReplicationObjectsUnreplicated", "info", HOUR,
    lambda end, step, groups=3: World(end, step).array("ams", "kaminario", replication_unreplicated_objects=groups),
    near={"none": {"groups": 0}, "for 59 minutes": {"groups": until(HOUR, 3, 0)}},
    gap=10,
)

# --- Arrays ------------------------------------------------------------------------------------------------------------

case(
    "StorageDataAtRisk", "critical", 7,
    lambda end, step, since=until(5, None, 300), up=1, **kw: World(end, step).array(
        "nyc", up=up, protection_data_at_risk_since_timestamp_seconds=since, protection_remaining_node_failures=0,
        protection_remaining_drive_failures=1),
    near={"it is not": {"since": None}, "for a minute": {"since": between(5, 7, 300)}},
    also={"the array is out of reach": ({"up": 0}, 7)},
)


def restriper(end, step, state="running", phase=None, progress=None, elapsed=growing(7200), after="finished"):
    world = World(end, step).array("nyc", restriper_progress_ratio=progress, restriper_elapsed_seconds=elapsed)
    world.word("storage_restriper_state", "state", state, array="nyc")
    return world.word("storage_restriper_phase", "phase", phase, array="nyc")


case(
    "StorageRestriperBlocked", "warning", 10,
    lambda end, step, state=until(5, "running", "blocked"): restriper(end, step, state),
    near={"for 4 minutes": {"state": between(5, 10, "blocked", "running")}, "finished": {"state": "finished"}},
    gap=6,
)
case(
    "StorageRestriperStalled", "warning", 6,
    lambda end, step, phase="reprotect", progress=0.3, elapsed=growing(7200): restriper(end, step, "running", phase, progress, elapsed),
    near={
        "rebalancing has a day": {"phase": "rebalance"},
        "it moves": {"progress": lambda minute: 0.3 + minute / 1000},
        "this phase has just begun": {"elapsed": growing(1200)},
        "it moves after 4 minutes": {"progress": until(5, 0.3, 0.4)},
        "it does not run": {"progress": None, "phase": "none", "elapsed": None},
    },
    gap=-1,
)
case(
    "StorageRestriperStalled", "warning", 6,
    lambda end, step, progress=0.3, elapsed=growing(90000): restriper(end, step, "running", "rebalance", progress, elapsed),
    near={
        "it moves": {"progress": lambda minute: 0.3 + minute / 10000},
        "this phase has just begun": {"elapsed": growing(60000)},
    },
    what="rebalancing",
    gap=-1,
)


def arrays(end, step, up=until(5, 1, 0), twin=None, gone=None, back=10**9):
    reason = ("system", "connect")
    world = World(end, step).array("nyc", up=up, sections=[("system", up)], failure=reason,
                                   )
    world.put("storage_poll_last_success_timestamp_seconds", until(5, growing(0), 240), array="nyc", section="system")
    if twin is not None:
        world.array("nyc", up=twin, instance="b:10094")
    return world.without(gone, back) if gone else world


case(
    "StorageArrayDown", "critical", 8,
    arrays,
    near={
        "for 2 minutes": {"up": between(5, 8, 0, 1)},
        "another exporter reaches it": {"twin": 1},
        "it is the exporter that is gone": {"up": 1, "gone": 5},
    },
    also={
        "it was never reached": ({"up": 0}, 3),
        "and nothing is scraped for 4 minutes": ({"gone": 9, "back": 13}, 8),
    },
    gap=-1,
)


def section(end, step, success=until(5, 1, 0), up=1, twin=None, name="protection", reason="forbidden"):
    world = World(end, step).array("nyc", up=up, sections=[(name, success), ("system", 1)], failure=(name, reason))
    if twin is not None:
        world.array("nyc", instance="b:10094", sections=[(name, twin)])
    return world


case(
    "StorageSectionFailing", "warning", 20,
    section,
    near={
        "for 14 minutes": {"success": between(5, 20, 0, 1)},
        "the array is out of reach": {"up": 0},
        "another exporter reads it": {"twin": 1},
    },
    gap=-1,
)


def stale(end, step, success=1, up=1):
    world = World(end, step).array("nyc", up=up, poll_stale_after_seconds=90, sections=[("protection", 0)])
    return world.put("storage_poll_last_success_timestamp_seconds", success, array="nyc", section="protection")


case(
    "StorageReadingsStale", "warning", 31,  # over 10 times 90 seconds from minute 16 on, for 15 minutes
    stale,
    near={
        "10 times stale_after exactly": {"success": growing(-900)},
        "read again after 14 minutes": {"success": until(30, 1, growing(0))},
        "the array is out of reach": {"up": 0},
    },
    gap=5,
)


def collection(end, step, collected=0, rpo=3600, up=1):
    world = World(end, step).array("em1", "veeam", up=up, array_data_timestamp_seconds=collected)
    return world.side("em1", "observer", VEEAM, lag=60, rpo=rpo)


case(
    "StorageReadingsStale", "warning", 140,  # over 2 hours from minute 125 on, for 15 minutes, in steps of 5
    collection,
    near={
        "2 hours exactly": {"collected": growing(-7200)},
        "a day is the least objective": {"rpo": 86400},
        "no objective, and not a day yet": {"rpo": None},
        "the manager is out of reach": {"up": 0},
    },
    also={"no objective: a day": ({"rpo": None}, DAY + 5 + 15), "an objective of 3 hours": ({"rpo": 10800}, 185 + 15)},
    what="collection",
    step=5,
    gap=100,
)


def refused(end, step, success=until(5, 1, 0), reason="auth"):
    """The section that needs no credentials goes on."""
    world = World(end, step).array("nyc", sections=[("system", 1), ("restriper", success)], failure=("restriper", reason),
                                   poll_next_timestamp_seconds=3600)
    return world.array("nyc", instance="b:10094", sections=[("restriper", 1)])


case(
    "StorageLoginFailing", "warning", 25,
    refused,
    near={"the next attempt was fine": {"success": between(5, 24, 0, 1)}, "another reason": {"reason": "timeout"}},
    gap=6,
)
case(
    "StorageClockSkew", "warning", 15,
    lambda end, step, skew=40: World(end, step).array("nyc", array_clock_skew_seconds=skew),
    near={
        "30 seconds exactly": {"skew": 30}, "30 seconds behind exactly": {"skew": -30},
        "for 14 minutes": {"skew": until(15, 40, 0)},
    },
    also={"31 seconds": ({"skew": 31}, 15), "31 seconds behind": ({"skew": -31}, 15)},
)
for severity, days in (("warning", 21), ("critical", 3)):
    case(
        "StorageCertificateExpiring", severity, 21,  # from minute 6 on, for 15 minutes
        lambda end, step, expiry=days * 86400 + 300, up=1: World(end, step).array(
            "nyc", up=up, array_tls_certificate_expiry_timestamp_seconds=expiry),
        near={
            "not yet": {"expiry": growing(days * 86400)},
            "renewed after 14 minutes": {"expiry": until(20, days * 86400 + 300, 10**8)},
        },
        also={"it has expired, and every poll fails": ({"expiry": -1, "up": 0}, 15)},
        gap=8,
    )
case(
    "StorageTlsVerificationDisabled", "info", HOUR,
    lambda end, step, disabled=1: World(end, step).array("nyc", array_tls_verification_disabled=disabled),
    near={"it is verified": {"disabled": 0}, "for 59 minutes": {"disabled": until(HOUR, 1, 0)}},
    gap=10,
)
case(
    "StorageSeriesDropped", "warning", 15,
    lambda end, step, dropped=1200: World(end, step).array("nyc", series_dropped=dropped),
    near={"none": {"dropped": 0}, "for 14 minutes": {"dropped": until(15, 1200, 0)}},
    gap=-1,
)


def unknown(end, step, begin=5, last=10**9):
    rises = lambda minute: max(0, min(minute, last) - begin)  # noqa: E731
    seen = lambda minute: rises(minute) or None  # noqa: E731
    return World(end, step).array("nyc", unknown_values_total=rises).put("storage_unknown_value_fields_total", seen, array="nyc", field="state")


case(
    "StorageUnknownValues", "warning", 21,
    unknown,
    near={"none": {"begin": 10**8}, "many, but before Prometheus came": {"begin": -10**4, "last": 0}},
    also={"a single one": ({"last": 6}, 21)},
)

# --- The exporter itself -----------------------------------------------------------------------------------------------

for alert, family in (
    ("ReplicationExporterReloadFailed", "config_last_reload_successful"),
    ("ReplicationExporterWebConfigRefused", "web_config_last_reload_successful"),
    ("ReplicationStateFileNotWritten", "state_file_last_write_successful"),
):
    case(
        alert, "warning", 10,
        lambda end, step, success=until(5, 1, 0), family=family: World(end, step)
        .put(f"replication_exporter_{family}", success)
        .put(f"replication_exporter_{family}", success, "b:10094"),
        near={"mended after 4 minutes": {"success": between(5, 10, 0, 1)}},
        gap=6,
    )
case(
    "ReplicationExporterDown", "warning", 10,
    lambda end, step, up=until(5, 1, 0), job="replication_exporter": World(end, step)
    .put("up", up, job=job).put("up", 1, "b:10094", job=job),
    near={"for 4 minutes": {"up": between(5, 10, 0, 1)}, "something else is down": {"job": "node"}},
    also={"under its name in Kubernetes": ({"job": "monitoring/replication-exporter"}, 10)},
    gap=6,
)
case(
    "ReplicationExporterAbsent", "critical", 10,
    lambda end, step, up=until(5, 1, 0), twin=None, build=None: World(end, step).put("up", up).put("up", twin, "b:10094")
    .put("replication_exporter_build_info", build),
    near={"for 4 minutes": {"up": between(5, 10, 0, 1)}, "another one is up": {"twin": 1}},
    also={"it is no target any more": ({"up": until(5, 1), "build": until(5, 1)}, 15)},
    gap=-1,
)


def shards(end, step, second=until(5, 1), configured=40, down=0):
    world = World(end, step)
    for index, instance, there in ((0, "a:10094", 1), (1, "b:10094", second)):
        present = lambda minute, value, there=there: value if at(there, minute) else None  # noqa: E731
        world.put("up", lambda minute, there=there: 1 if at(there, minute) else down, instance)
        world.put("replication_exporter_shard_info", lambda minute: present(minute, 1), instance, index=str(index), count="2")
        world.put("replication_exporter_arrays_configured", lambda minute: present(minute, configured), instance)
        world.put("replication_exporter_arrays_assigned", lambda minute: present(minute, 20), instance)
    return world


case(
    "StorageArrayUnwatched", "critical", 10,
    shards,
    near={"both shards are there": {"second": 1}, "for 4 minutes": {"second": between(5, 10, None, 1)}},
    also={"a shard has an older file": ({"second": 1, "configured": 41}, 5)},
    what="a shard",
    gap=-1,
)


def targets(end, step, up=until(5, 1, 0), twin=None):
    there = lambda minute: 1 if at(up, minute) else None  # noqa: E731
    world = World(end, step).put("up", up, "a:10094/nyc").put("up", 1, "a:10094/_exporter")
    for instance, shown in (("a:10094/nyc", there), ("b:10094/nyc", twin)):
        world.put("storage_array_info", shown, instance, array="nyc", vendor="qumulo", system_name="nyc", system_id="x", version="7")
    return world


case(
    "StorageArrayUnwatched", "critical", 15,  # bridged for 5 minutes, for 5 minutes
    targets,
    near={"another exporter shows it": {"twin": 1}, "for 4 minutes": {"up": between(5, 13, 0, 1)}, "it is up": {"up": 1}},
    what="a target of service discovery",
    gap=-1,
)
