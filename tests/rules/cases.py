"""The tests of each alert and severity. Every case is a world that makes the alert fire at a certain minute, and near
misses: the same world with one thing changed, in which it never fires. `also` are other ways in which it fires, `lasts` those
in which it still does. That it survives a scrape gap and a restart is made from the first world by run.py.
"""

from dataclasses import dataclass, field
from typing import Callable

from world import K2, QUMULO, VEEAM, World, between, growing, until

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
    gap: int = None  # where the first scrape gap begins that it survives; else 5 scrapes before it fires
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
    world.side("fra", "target", {**K2, "relationship_id": "9"}, **{"lag": lag, "rpo": 900, **both, **(target or {})})
    return world


EXEMPT_NEAR = {
    "in a blackout, of which the target does not know": {"source": {"exempt": "blackout"}},
    "paused": {"exempt": "paused"},
    "an ended remnant": {"exempt": "ended"},
    "failed over": {"exempt": "failed_over"},
    "not accepted yet": {"exempt": "pending"},
    "paused, and the array has gone away": {"exempt": "paused", "health": until(3, "paused"), "bos_up": until(3, 1, 0)},
}

# --- Recovery points ---------------------------------------------------------------------------------------------------

case(
    "ReplicationLagOverObjective", "warning", 8,  # over an hour from minute 6 on, for 2 minutes
    lambda end, step, lag=growing(3300), **kw: qumulo(end, step, lag, **kw),
    near={
        "the objective exactly": {"lag": 3600},
        "over it for a minute": {"lag": until(8, growing(3300), 60)},
        "no objective": {"rpo": None, "source": {"rpo": None}},
        "a day is the objective": {"rpo": 86400},
        "the other side knows a newer recovery point": {"source": {"lag": 600}},
        "a blackout had begun before Prometheus came, and has just ended": {
            "lag": growing(36000), "source": {"exempt": until(5, "blackout", "none")}},
        "blackout of 2 hours that has just ended: its time does not count": {
            "lag": growing(1800), "source": {"exempt": until(10, "blackout", "none")}},
        **EXEMPT_NEAR,
    },
    also={
        "the objectives of the sides differ": ({"target": {"rpo": 7200}}, 8),
        "the arrays are out of reach": ({"health": until(3, "ok"), "bos_up": 0}, 8),
        "it was paused, but the source's array has gone away and the target says otherwise": (
            {"source": {"exempt": "paused", "health": None}}, 8),
        "the part before the blackout and the part after it make the objective": (
            {"lag": growing(3300), "source": {"exempt": between(2, 12, "blackout", "none")}}, 18),
    },
)
case(
    "ReplicationLagOverObjective", "warning", 18,  # 10 minutes of its lag are a blackout's
    lambda end, step, lag=growing(3300), **kw: qumulo(
        end, step, lag, source={"exempt": between(2, 12, "blackout", "none")}, **kw),
    near={"all of it is": {"lag": growing(2000)}},
    what="after a blackout",
)
case(
    "ReplicationLagOverObjective", "warning", 8,
    lambda end, step, lag=growing(3300): World(end, step).array("em1", "veeam").side("em1", "observer", VEEAM, lag=lag, rpo=3600),
    near={"the objective exactly": {"lag": 3600}},
    what="where no target is named",
)
case(
    "ReplicationLagOverObjective", "critical", 8,
    lambda end, step, lag=growing(6900), **kw: qumulo(end, step, lag, **kw),
    near={
        "twice the objective exactly": {"lag": 7200},
        "over it for a minute": {"lag": until(8, growing(6900), 60)},
        **EXEMPT_NEAR,
    },
)
case(
    "ReplicationLagWillPassObjective", "warning", 6,  # from minute 1 on there is a trend, for 5 minutes
    lambda end, step, lag=growing(1800), remaining=2400, **kw: qumulo(
        end, step, lag, source={"job_remaining_seconds": remaining, **kw.pop("source", {})}, **kw),
    near={
        "it ends in time": {"remaining": 600},
        "it is catching up": {"remaining": lambda minute: 4000 - 130 * minute},
        "it catches up by 6.3 seconds a minute": {"remaining": lambda minute: 2400 - 66.3 * minute},
        "it has passed already": {"lag": 3660},
        "for 4 minutes": {"remaining": until(5, 2400, 0)},
        "paused": {"exempt": "paused"},
        "most of the lag is from the blackout before": {
            "lag": until(3, growing(9000)), "target": {"lag": growing(9000)}, "remaining": 2400,
            "source": {"exempt": until(3, "blackout", "none")}},
    },
    also={
        "it catches up, but by 5.7 seconds a minute": ({"remaining": lambda minute: 2400 - 65.7 * minute}, 6),
        "shortly before it passes": ({"lag": growing(3200)}, 6),
        "from the progress, where the array gives no estimate: 30% in 30 minutes, so 70 remain": (
            {"source": {"job_remaining_seconds": None, "job_start_timestamp_seconds": -1800, "job_progress_ratio": 0.3}}, 6),
    },
)
case(
    "ReplicationNoRecoveryPoint", "warning", 6 * HOUR + 20,  # 24 times 15 minutes, and for 15 minutes
    lambda end, step, has=0, rpo=900, **kw: qumulo(end, step, None, rpo=rpo, has_recovery_point=has, **kw),
    near={
        "within 24 objectives": {"rpo": 1200},
        "it has one after 6 hours": {"has": until(6 * HOUR, 0, 1)},
        "the target has one": {"target": {"has_recovery_point": 1}},
        "in a blackout": {"exempt": "blackout"},
        "a blackout has just ended": {"exempt": until(6 * HOUR + 10, "blackout", "none"), "has": until(6 * HOUR + 20, 0, 1)},
        "nobody has accepted it": {"exempt": "pending"},
        "accepted an hour ago": {"exempt": until(6 * HOUR, "pending", "none")},
        "no objective, and not a day yet": {"rpo": None},
    },
    also={
        "an objective of a minute: 4 hours": ({"rpo": 60}, 4 * HOUR + 20),
        "no objective: a day": ({"rpo": None}, DAY + 20),
        "an objective of a day: a week": ({"rpo": 86400}, 7 * DAY + 20),
        "a blackout does not begin it anew": ({"exempt": between(60, 120, "blackout", "none")}, 6 * HOUR + 20),
        "paused before its first copy": ({"exempt": "paused"}, 6 * HOUR + 20),
    },
    step=5,
)
case(
    "ReplicationDisabled", "warning", 19,  # over twice the objective from minute 4 on, for 15 minutes
    lambda end, step, lag=growing(7000), exempt="paused", **kw: qumulo(end, step, lag, exempt=exempt, **kw),
    near={
        "twice the objective exactly": {"lag": 7200},
        "for 14 minutes": {"exempt": until(18, "paused", "none")},
        "a blackout": {"exempt": "blackout"},
        "ended": {"exempt": "ended"},
        "no objective, and not a day yet": {"rpo": None},
        "over a day, which is the objective": {"rpo": 86400, "lag": growing(90000)},
    },
    also={
        "no objective: a day": ({"rpo": None, "lag": growing(86300)}, 17),
        "its array is out of reach": ({"health": None}, 19),
    },
)


def fleet(end, step, pairs=1, over=until(0, False, False), exempt=False):
    """Some relationships of which the first is over its objective at times."""
    world = World(end, step).array("nyc")
    for number in range(pairs):
        lag = (lambda minute: 4000 if over(minute) else 60) if number == 0 else 60
        name = f"r{number}"
        world.side("nyc", "source", {**QUMULO, "relationship_id": name, "pair": name, "relationship": name}, lag=lag,
                   exempt="paused" if exempt else "none")
    return world


case(
    "ReplicationBudgetBurnsFast", "critical", 368,  # 9 of the last 61 evaluations, which is over 14.4%
    lambda end, step, over=until(360, False, True), **kw: fleet(end, step, over=over, **kw),
    near={
        "8 minutes": {"over": between(360, 368, True, False)},
        "one of seven relationships, which is 14.3%": {"pairs": 7},
        "paused": {"exempt": True},
        "Prometheus is new": {"over": until(30, True, False)},
    },
    what="an hour",
)
case(
    "ReplicationBudgetBurnsFast", "critical", 515,  # 10% for 44 of the last 73 evaluations, which is over 6%
    lambda end, step, over=until(300, False, True), pairs=10: fleet(end, step, pairs, over),
    near={
        "one of twenty, which is 5%": {"pairs": 20},
        "it was over for 215 minutes": {"over": between(300, 515, True, False)},
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
    },
    step=5,
)

# --- Relationships -----------------------------------------------------------------------------------------------------


def job(end, step, progress=0.4, start=-3600, moved=10e9, unchanged=0, files=5000, unchanged_files=0, deleted_files=0,
        exempt="none", of=qumulo, target=None):
    running = {"job_start_timestamp_seconds": start, "job_progress_ratio": progress, "exempt": exempt}
    if of is qumulo:
        running |= {"job_transferred_bytes": moved, "job_unchanged_bytes": unchanged, "job_transferred_files": files,
                    "job_unchanged_files": unchanged_files, "job_deleted_files": deleted_files}
    return of(end, step, source=running, target=target)


case(
    "ReplicationJobStalled", "warning", 35,  # as 30 minutes ago, for 5 minutes
    job,
    near={
        "bytes move": {"moved": lambda minute: 10e9 + minute},
        "bytes that did not change are passed": {"unchanged": lambda minute: minute},
        "files move": {"files": lambda minute: 5000 + minute},
        "files that did not change are passed": {"unchanged_files": lambda minute: minute},
        "files are deleted": {"deleted_files": lambda minute: minute},
        "the percentage moves": {"progress": lambda minute: 0.4 + minute / 1000},
        "another job since minute 20": {"start": until(20, -3600, 1200)},
        "a blackout stopped it until minute 20": {"exempt": until(20, "blackout", "none")},
        "it goes on after 33 minutes": {"moved": until(34, 10e9, 11e9)},
        "there is no job": {"start": None, "progress": None},
    },
    also={"K2, which counts no bytes": ({"of": k2}, 35)},
)
case(
    "ReplicationJobFailed", "warning", 16,  # over half of the objective from minute 6 on, for 10 minutes
    lambda end, step, lag=growing(1500), result="failed", **kw: qumulo(end, step, lag, result=result, **kw),
    near={
        "half of the objective exactly": {"lag": 1800},
        "the last job succeeded": {"result": "success"},
        "it succeeds after 9 minutes": {"result": until(15, "failed", "success")},
        "the target said so before it went away, the source says otherwise": {
            "result": "success", "target": {"result": "failed", "health": None}},
        "no objective, and not a day yet": {"source": {"rpo": None}},
        "no objective, over a day, but paused": {
            "lag": growing(90000), "source": {"rpo": None}, "exempt": "paused", "target": {"rpo": None}},
        "over a day, of an objective of four": {"lag": growing(90000), "source": {"rpo": 4 * 86400}},
        **EXEMPT_NEAR,
    },
    also={
        "one side says so": ({"result": "success", "target": {"result": "failed"}}, 16),
        "the array of both has gone away": ({"health": None}, 16),
        "K2, where the health says so": ({"result": None, "source": {"health": "failed"}}, 16),
        "no objective: a day": ({"lag": growing(86340), "source": {"rpo": None}}, 12),
    },
)
case(
    "ReplicationSuspended", "warning", 10,
    lambda end, step, state="suspended", source=None, **kw: k2(
        end, step, source={"state": state, "health": "failed", **(source or {})}, **{"target": {"state": "in_sync"}, **kw}),
    near={
        "for 9 minutes": {"state": until(10, "suspended", "in_sync")},
        "by a user": {"source": {"exempt": "paused", "health": "paused"}},
        "a drill: the pair is failed over": {
            "target": {"state": "failed_over", "health": "failed_over", "exempt": "failed_over"}},
    },
)
case(
    "ReplicationStuckInTransition", "warning", HOUR,
    lambda end, step, health="transition", **kw: qumulo(end, step, source={"health": health, **kw.pop("source", {})}, **kw),
    near={
        "for 59 minutes": {"health": until(60, "transition", "ok")},
        "the other side has ended it": {"target": {"exempt": "ended"}},
    },
)
case(
    "ReplicationNotAuthorized", "warning", DAY,
    lambda end, step, exempt="pending": qumulo(end, step, None, exempt=exempt),
    near={"accepted 5 minutes before": {"exempt": until(DAY, "pending", "none")}},
    step=5,
)


def failed_over(end, step, exempt="failed_over", writable=1, source=None):
    return k2(end, step, source={"state": "suspended", **(source or {})},
              target={"exempt": exempt, "health": "failed_over", "target_writable": writable})


for severity, minutes in (("warning", 8 * HOUR), ("critical", 3 * DAY)):
    drill_ends = {"exempt": until(minutes, "failed_over", "none"), "writable": until(minutes, 1, 0)}
    more = severity == "warning"  # the same expression, so the long world need not show it again
    case(
        "ReplicationFailedOver", severity, minutes,
        failed_over,
        near={
            "a drill that ends 5 minutes before": drill_ends,
            **({"not accepted yet": {"exempt": "pending"}, "ended": {"exempt": "ended"}} if more else {}),
        },
        also={
            "writable without a failover": ({"exempt": "none"}, minutes),
            "its array has gone away": ({"writable": until(60, 1)}, minutes),
        } if more else {},
        step=5,
    )


def disagree(end, step, target_point=-1500, roles=("source", "target"), **kw):
    """The source's recovery point is always now, the target's stands still."""
    world = World(end, step).array("nyc").array("bos")
    source, target = kw.pop("source", {}), kw.pop("target", {})
    world.side("nyc", roles[0], recovery_point_timestamp_seconds=growing(0), **{**kw, **source})
    world.side("bos", roles[1], recovery_point_timestamp_seconds=target_point, **{**kw, **target})
    return world


case(
    "ReplicationSidesDisagree", "warning", 21,  # by half an hour from minute 6 on, for 15 minutes
    disagree,
    near={
        "by half the objective exactly": {"target_point": growing(-1800)},
        "for 14 minutes": {"target_point": until(20, -1500, growing(0))},
        "5 minutes, with an objective of one": {"rpo": 60, "target_point": growing(-300)},
        "no objective, and not an hour": {"rpo": None},
        "2 hours, with an objective of a day": {"rpo": 86400, "target_point": growing(-7200)},
        "the target is not read": {"target": {"health": None}},
        "ended": {"target": {"exempt": "ended"}},
        "failed over": {"target": {"exempt": "failed_over"}},
        "both are targets, of an ended source": {"target_point": growing(0), "roles": ("target", "target")},
    },
    also={
        "no objective: an hour": ({"rpo": None, "target_point": -3600}, 16),
        "an objective of a minute: 5 minutes": ({"rpo": 60, "target_point": 0}, 21),
    },
)
case(
    "ReplicationSidesDisagree", "warning", 15,
    lambda end, step, roles=("source", "source"): disagree(end, step, growing(0), roles),
    near={"they agree on who is the source": {"roles": ("source", "target")}},
    shown=False,  # which of the two speaks for the pair is decided by the order in which Prometheus met them
    what="two sources",
)


def one_side(end, step, role="source", listed=0, up=1, success=1, system_name=None, appears=None, namesake=False, **kw):
    here, there, other = ("nyc", "bos", "target") if role == "source" else ("bos", "nyc", "source")
    world = World(end, step).array(here)
    world.array(there, up=up, system_name=system_name, sections=[("replication_source", success), ("system", 1)])
    world.side(here, role, **kw)
    world.put("storage_replication_relationships", listed, array=there, role=other)
    if appears:
        world.put("storage_replication_relationship_info", until(appears, None, 1),
                  **{**QUMULO, "array": there, "role": other, "mode": ""})
    if namesake:
        world.array("elsewhere", system_name=there)
        world.put("storage_replication_relationships", listed, array="elsewhere", role=other)
    return world


ONE_SIDE_NEAR = {
    "both are there": {"appears": 1},
    "for 29 minutes": {"appears": 30},
    "the other array is out of reach": {"up": 0},
    "the other array is not monitored": {"system_name": "elsewhere"},
    "the other array's list cannot be read": {"success": 0},
    "the other array's relationships of that role are not polled": {"listed": None},
    "not accepted yet": {"exempt": "pending"},
    "an ended remnant": {"exempt": "ended"},
}
case(
    "ReplicationOneSideOnly", "warning", 30,
    one_side,
    near=ONE_SIDE_NEAR,
    also={"two arrays have the name of the other side": ({"namesake": True}, 30)},
)
case(
    "ReplicationOneSideOnly", "warning", 30,
    lambda end, step, **kw: one_side(end, step, **{"role": "target", **kw}),
    near=ONE_SIDE_NEAR,
    what="the target",
)
case(
    "ReplicationSnapshotsQueueing", "warning", 65,  # for an hour, and 5 minutes
    lambda end, step, queued=3, **kw: qumulo(end, step, source={"queued_snapshots": queued, **kw}),
    near={
        "2": {"queued": 2},
        "it shrinks": {"queued": lambda minute: 20 - minute // 10},
        "it was at 2 half an hour ago": {"queued": until(35, 2, 3)},
        "for an hour and 4 minutes": {"queued": until(65, 3, 0)},
        "a blackout": {"exempt": "blackout"},
    },
)

# --- Arrays ------------------------------------------------------------------------------------------------------------


def protection(end, step, risk=until(5, 0, 1), nodes=1, drives=2, max_nodes=1, max_drives=2, success=1, up=1):
    return World(end, step).array(
        "nyc", up=up, sections=[("restriper", success), ("protection", success)], protection_data_at_risk=risk,
        protection_remaining_node_failures=nodes, protection_remaining_drive_failures=drives,
        protection_max_node_failures=max_nodes, protection_max_drive_failures=max_drives)


case(
    "StorageDataAtRisk", "warning", 5,
    protection,
    near={"it is not": {"risk": 0}, "nothing is known": {"risk": None}},
)
case(
    "StorageDataAtRisk", "critical", 67,  # for an hour, and 2 minutes
    protection,
    near={
        "for 61 minutes": {"risk": between(5, 67, 1, 0)},
        "it was fine for a moment": {"risk": lambda minute: 0 if minute < 5 or minute == 30 else 1},
        "it never tolerates a node": {"nodes": 0, "max_nodes": 0, "risk": between(5, 60, 1, 0)},
        "it never tolerates a drive": {"drives": 0, "max_drives": 0, "risk": between(5, 60, 1, 0)},
        "nothing is at risk": {"risk": 0, "nodes": 0, "drives": 0},
    },
    also={
        "no further node": ({"nodes": 0}, 7),
        "no further drive": ({"drives": 0}, 7),
        "the array has gone out of reach": (
            {"risk": between(5, 10, 1), "nodes": until(10, 1), "drives": until(10, 2), "success": until(10, 1, 0),
             "up": until(10, 1, 0)}, 67),
        "it answers, but not to that": ({"risk": between(5, 10, 1), "success": until(10, 1, 0)}, 67),
    },
    lasts={
        f"no further {what}, and the array has gone out of reach": (
            {"risk": between(5, 10, 1), what + "s": until(10, 0), "success": until(10, 1, 0), "up": until(10, 1, 0)}, 30)
        for what in ("node", "drive")
    },
)


def restriper(end, step, state="running", phase=None, progress=None):
    words = ("not_started", "running", "finished", "blocked")
    world = World(end, step).array("nyc", restriper_progress_ratio=progress)
    world.stateset("storage_restriper_state", "state", words, state, array="nyc")
    phases = ("none", "planning", "reprotect", "rebalance", "transcode")
    return world.stateset("storage_restriper_phase", "phase", phases, phase, array="nyc")


case(
    "StorageRestriperBlocked", "warning", 10,
    lambda end, step, state=until(5, "running", "blocked"): restriper(end, step, state),
    near={"for 4 minutes": {"state": between(5, 10, "blocked", "running")}, "finished": {"state": "finished"}},
    gap=6,
)
case(
    "StorageRestriperStalled", "warning", 65,  # an hour, and 5 minutes
    lambda end, step, phase="reprotect", progress=0.3: restriper(end, step, "running", phase, progress),
    near={
        "rebalancing has a day": {"phase": "rebalance"},
        "it moves": {"progress": lambda minute: 0.3 + minute / 1000},
        "it moved a little and began anew": {"progress": lambda minute: 0.31 if minute == 30 else 0.3},
        "this phase has just begun": {"phase": until(30, "planning", "reprotect")},
        "it moves after 64 minutes": {"progress": until(65, 0.3, 0.4)},
        "it does not run": {"progress": None, "phase": "none"},
    },
)
case(
    "StorageRestriperStalled", "warning", DAY + 5,
    lambda end, step, phase="rebalance", progress=0.3: restriper(end, step, "running", phase, progress),
    near={
        "it moves": {"progress": lambda minute: 0.3 + minute / 10000},
        "this phase has just begun": {"phase": until(300, "transcode", "rebalance")},
        "no phase": {"phase": "none"},
    },
    what="rebalancing",
    step=5,
)


def arrays(end, step, up=until(5, 1, 0), twin=None, gone=None, back=10**9):
    world = World(end, step).array("nyc", up=up)
    if twin is not None:
        world.array("nyc", up=twin, instance="b:10094")
    return world.without(gone, back) if gone else world


case(
    "StorageArrayDown", "critical", 10,  # not heard for 3 minutes from minute 8 on, for 2 minutes
    arrays,
    near={
        "for 4 minutes": {"up": between(5, 9, 0, 1)},
        "another exporter reaches it": {"twin": 1},
        "it is the exporter that is gone": {"up": 1, "gone": 5},
    },
    also={
        "it was never reached": ({"up": 0}, 2),
        "and nothing is scraped for 5 minutes": ({"up": until(8, 1, 0), "gone": 9, "back": 14}, 13),
    },
)


def section(end, step, success=until(5, 1, 0), up=1, twin=None, name="protection", reason="forbidden", last_success=None):
    world = World(end, step).array("nyc", up=up, sections=[(name, success), ("system", 1)])
    world.put("storage_poll_failures_total", lambda minute: max(0, minute - 4), array="nyc", section=name, reason=reason)
    world.put("storage_poll_last_success_timestamp_seconds", last_success, array="nyc", section=name)
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
        "Veeam's jobs, which this user never could read": {"name": "jobs"},
    },
    also={
        "Veeam's jobs, for another reason": ({"name": "jobs", "reason": "parse"}, 20),
        "Veeam's jobs, which it could read once": ({"name": "jobs", "last_success": 0}, 20),
    },
)


def stale(end, step, success=0, up=1):
    world = World(end, step).array("nyc", up=up, poll_stale_after_seconds=90, sections=[("protection", 0)])
    return world.put("storage_poll_last_success_timestamp_seconds", success, array="nyc", section="protection")


case(
    "StorageReadingsStale", "warning", 28,  # over 10 times 90 seconds from minute 16 on, for 12 minutes
    stale,
    near={
        "10 times stale_after exactly": {"success": growing(-900)},
        "read again after 11 minutes": {"success": until(27, 0, growing(0))},
        "the array is out of reach": {"up": 0},
    },
    lasts={"a restarted exporter does not know when it was last read": ({"success": until(30, 0)}, 42)},
)


def collection(end, step, collected=0, rpo=3600, up=1):
    world = World(end, step).array("em1", "veeam", up=up, array_data_timestamp_seconds=collected)
    return world.side("em1", "observer", VEEAM, lag=60, rpo=rpo)


case(
    "StorageReadingsStale", "warning", 140,  # over 2 hours from minute 125 on, for 12 minutes, in steps of 5
    collection,
    near={
        "2 hours exactly": {"collected": growing(-7200)},
        "a day is the least objective": {"rpo": 86400},
        "no objective, and not a day yet": {"rpo": None},
        "the manager is out of reach": {"up": 0},
    },
    also={
        "no objective: a day": ({"rpo": None}, DAY + 5 + 15),
        "an objective of 3 hours": ({"rpo": 10800}, 185 + 15),
    },
    what="collection",
    step=5,
)


def counter(family, begin, end=10**9, **labels):
    def world(last, step, begin=begin, end=end, each=1):
        rises = lambda minute: each * max(0, min(minute, end) - begin)  # noqa: E731
        return World(last, step).array("nyc").put(f"storage_{family}", rises, array="nyc", **labels)

    return world


def refused(end, step, heals=10**9, reason="auth", twin=False):
    """Refused in minute 5 and each 17 minutes after, until it heals. The section that needs no credentials goes on."""
    refusals = lambda minute: 0 if minute < 5 else 1 + (min(minute, heals - 1) - 5) // 17  # noqa: E731
    world = World(end, step).array(
        "nyc", sections=[("system", 1), ("restriper", lambda minute: 0 if 5 <= minute < heals else 1)])
    world.put("storage_poll_failures_total", refusals, array="nyc", section="restriper", reason=reason)
    return world.array("nyc", instance="b:10094", sections=[("restriper", 1)]) if twin else world


case(
    "StorageLoginFailing", "warning", 25,  # for 20 minutes
    refused,
    near={"a single poll was refused": {"heals": 22}, "another reason": {"reason": "timeout"}},
    also={"another exporter is not refused": ({"twin": True}, 25)},
)
case(
    "StorageLoginFailing", "warning", 28,  # the third in an hour is seen in minute 8
    counter("login_failures_total", 5),
    near={"two in an hour": {"end": 7}},
    what="a session is refused",
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
    )
case(
    "StorageTlsVerificationDisabled", "info", HOUR,
    lambda end, step, disabled=1: World(end, step).array("nyc", array_tls_verification_disabled=disabled),
    near={"it is verified": {"disabled": 0}, "for 59 minutes": {"disabled": until(HOUR, 1, 0)}},
)
case(
    "StorageSeriesDropped", "warning", 15,
    lambda end, step, dropped=1200: World(end, step).array("nyc", series_dropped=dropped),
    near={"none": {"dropped": 0}, "for 14 minutes": {"dropped": until(15, 1200, 0)}},
)
case(
    "StorageUnknownValues", "warning", 21,
    counter("unknown_values_total", 5, field="state"),
    near={"none": {"begin": 10**8}, "many, but before Prometheus came": {"begin": -10**4, "end": 0}},
    also={"a single one": ({"end": 6}, 21)},
)

# --- The exporter itself -----------------------------------------------------------------------------------------------

case(
    "ReplicationExporterReloadFailed", "warning", 10,
    lambda end, step, success=until(5, 1, 0): World(end, step)
    .put("replication_exporter_config_last_reload_successful", success)
    .put("replication_exporter_config_last_reload_successful", success, "b:10094"),
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
    "ReplicationExporterAbsent", "critical", 15,  # bridged for 5 minutes, for 5 minutes
    lambda end, step, build=until(5, 1): World(end, step)
    .put("replication_exporter_build_info", build, version="1.0.0", revision="abc", rustc="1.80"),
    near={"for 9 minutes": {"build": between(5, 14, None, 1)}, "there is one": {"build": 1}},
)


def unwatched(end, step, down=0, twin=False, back=10**9):
    world = World(end, step).array("nyc").put("up", until(20, 1, down))
    world.put("storage_array_info", lambda minute: 1 if minute < 20 or minute >= back else None, array="nyc",
              vendor="qumulo", system_name="nyc", system_id="nyc", version="7")
    if twin:
        world.array("nyc", instance="b:10094").put("up", 1, "b:10094")
    return world


case(
    "StorageArrayUnwatched", "critical", 35,  # bridged for 10 minutes, for 5 minutes
    unwatched,
    near={
        "another exporter watches it": {"twin": True},
        "it was taken out of the configuration": {"down": 1},
        "back after 14 minutes": {"back": 34},
    },
)
