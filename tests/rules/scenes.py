"""Scenes with every rule loaded: all the alerts that ever fire in them, and how many of each."""

from dataclasses import dataclass

from cases import k2, qumulo
from world import K2, QUMULO, VEEAM, World, between, growing, until


@dataclass
class Scene:
    name: str
    world: World
    fires: dict  # (alert, severity) -> how many


def troubled(exempt, **kw):
    """All that could be wrong with a pair whose recovery point is 10 hours old."""
    wrong = {"result": "failed", "queued_snapshots": 9, "job_start_timestamp_seconds": -3600, "job_progress_ratio": 0.4,
             "job_remaining_seconds": 9000, "has_recovery_point": 1}
    return qumulo(100, lag=growing(36000), exempt=exempt, source=wrong, **kw)


def without_source_array(world, begin, role="source", array="nyc"):
    """The array is destroyed: its readings vanish, its facts stay."""
    for (metric, labels), samples in world.series.items():
        if ("array", array) not in labels:
            continue
        for minute in range(begin, len(samples)):
            if metric in ("storage_replication_health", "storage_replication_state") or "_job_" in metric:
                samples[minute] = None
            elif metric == "storage_array_up":
                samples[minute] = 0
    return world


def twins(end=55):
    """Two exporters, both sides, and everything of both is late; one of them is restarted every now and then."""
    world = World(end)
    for instance in ("a:10094", "b:10094"):
        for array, role in (("nyc", "source"), ("bos", "target")):
            world.array(array, instance=instance)
            world.side(array, role, QUMULO, instance, lag=growing(3300), result="failed",
                       recovery_point_timestamp_seconds=-3300)
        world.put("up", 1, instance).put("replication_exporter_build_info", 1, instance)
    return world.without(12, 15, "b:10094").without(20, 26, "a:10094").without(40, 44, "b:10094")


def one_exporter_is_cut_off(lag=900, exempt="none"):
    """It remembers the pair as failed and 10 hours old; the other one still reads it."""
    world = World(55)
    for array, role in (("nyc", "source"), ("bos", "target")):
        world.array(array, instance="a:10094", up=0).array(array, instance="b:10094")
        world.side(array, role, QUMULO, "a:10094", lag=growing(36000), result="failed", health=None, exempt=exempt)
        world.side(array, role, QUMULO, "b:10094", lag=lag, result="success")
    return world


def drill():
    """From minute 5 to 90 the target is written to; the source is suspended by the array. Then it is given back."""
    drilled = {"state": between(5, 90, "suspended", "in_sync"), "health": between(5, 90, "failed", "ok")}
    target = {"state": between(5, 90, "failed_over", "in_sync"), "health": between(5, 90, "failed_over", "ok"),
              "exempt": between(5, 90, "failed_over", "none"), "target_writable": between(5, 90, 1, 0)}
    lag = lambda minute: 60 * minute + 300 if minute < 95 else 60  # noqa: E731
    return k2(120, lag=lag, source=drilled, target=target)


def nights(days):
    """A blackout from 8 to 18 o'clock every day, an objective of a day; it breaks in the first night."""
    world = World(days * 1440, 5).array("nyc")
    blackout = lambda minute: "blackout" if 480 <= minute % 1440 < 1080 else "none"  # noqa: E731
    return world.side("nyc", "source", lag=growing(0), rpo=86400, exempt=blackout)


def never_reached():
    world = World(30).array("nyc", system_name="", up=0, sections=[("system", 0), ("replication_source", 0)])
    return world.put("up", 1).put("replication_exporter_build_info", 1)


def veeam():
    world = World(55).array("em1", "veeam", array_data_timestamp_seconds=growing(-600))
    world.put("up", 1).put("replication_exporter_build_info", 1)
    return world.side("em1", "observer", VEEAM, lag=growing(1000), rpo=3600, result="failed", has_recovery_point=1)


def lost_state():
    """The exporter is restarted without its state file while the source is away: only the target still tells."""
    world = without_source_array(qumulo(55, lag=growing(3300), target={"rpo": 3600}), 10)
    for (metric, labels), samples in world.series.items():
        if ("array", "nyc") in labels and metric.startswith("storage_replication"):
            samples[20:] = [None] * (len(samples) - 20)
    return world


def exporter_gone():
    world = qumulo(60, lag=growing(0))
    return world.put("up", until(10, 1, 0)).put("replication_exporter_build_info", until(10, 1)).without(10, 11)


def only_up_is_left():
    world = exporter_gone()
    for (metric, _), samples in world.series.items():
        if metric != "up":
            samples[10:] = ["stale"] + [None] * (len(samples) - 11)
    return world


LAG, FAILED = "ReplicationLagOverObjective", "ReplicationJobFailed"
ABSENT = ("ReplicationExporterAbsent", "critical")
ALIVE = {ABSENT: 1}  # worlds without an exporter's own series
# Where one of one relationships is late for an hour, so is the fleet.
FLEET = {("ReplicationBudgetBurnsFast", "critical"): 1}

SCENES = [
    Scene("all is well", qumulo(60).put("replication_exporter_build_info", 1).put("up", 1), {}),
    Scene("blackout", troubled("blackout"), ALIVE),
    Scene("blackout, of which the target does not know", troubled("blackout", target={"exempt": "none"}), ALIVE),
    Scene("paused: only the pause itself, once it lasts", troubled("paused"), {**ALIVE, ("ReplicationDisabled", "warning"): 1}),
    Scene("ended remnant", troubled("ended"), ALIVE),
    Scene("ended remnant, of which the other side is gone",
          World(100).array("nyc").array("bos").side("nyc", "source", lag=growing(36000), exempt="ended", health=None)
          .put("storage_replication_relationships", 0, array="bos", role="target"), ALIVE),
    Scene("two exporters and two sides are one alert", twins(),
          {(LAG, "warning"): 1, (FAILED, "warning"): 1}),
    Scene("an exporter that is cut off does not outvote the one that is not", one_exporter_is_cut_off(), ALIVE),
    Scene("nor does it keep it paused", one_exporter_is_cut_off(4000, "paused"), {**ALIVE, (LAG, "warning"): 1}),
    Scene("drill", drill(), ALIVE),
    Scene("array never reached", never_reached(), {("StorageArrayDown", "critical"): 1}),
    Scene("source array destroyed: its lag alerts fire, and stay",
          without_source_array(qumulo(120, lag=growing(3300)), 10),
          {**ALIVE, **FLEET, (LAG, "warning"): 1, (LAG, "critical"): 1, ("StorageArrayDown", "critical"): 1}),
    Scene("target array destroyed",
          without_source_array(qumulo(120, lag=growing(3300)), 10, "target", "bos"),
          {**ALIVE, **FLEET, (LAG, "warning"): 1, (LAG, "critical"): 1, ("StorageArrayDown", "critical"): 1}),
    Scene("state file lost while the source is away", lost_state(),
          {**ALIVE, (LAG, "warning"): 2, ("StorageArrayDown", "critical"): 1}),
    Scene("the only exporter dies: one alert of each, and no array is down", only_up_is_left(),
          {**ALIVE, ("ReplicationExporterDown", "warning"): 1, ("StorageArrayUnwatched", "critical"): 2}),
    Scene("a blackout every day does not hide what is broken", nights(2),
          {**ALIVE, **FLEET, (LAG, "warning"): 1}),
    Scene("Veeam: observer, seen once", veeam(),
          {(LAG, "warning"): 1, (FAILED, "warning"): 1}),
]
