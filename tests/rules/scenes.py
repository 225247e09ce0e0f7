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
             "job_remaining_seconds": 9000}
    return qumulo(100, lag=growing(36000), counted=600, exempt=exempt, source={**wrong, **kw.pop("source", {})}, **kw)


def without_source_array(world, begin, array="nyc"):
    """The array is destroyed: its readings vanish, its facts stay."""
    for (metric, labels), samples in world.series.items():
        if ("array", array) not in labels:
            continue
        for index, minute in enumerate(world.minutes):
            if minute >= begin and metric == "storage_replication_health":
                samples[index] = None
            elif minute >= begin and metric == "storage_array_up":
                samples[index] = 0
    return world


def twins(end=55):
    """Two exporters, both sides, and everything of both is late; one of them is restarted every now and then."""
    world = World(end)
    for instance in ("a:10094", "b:10094"):
        for array, role in (("nyc", "source"), ("bos", "target")):
            world.array(array, instance=instance)
            world.side(array, role, QUMULO, instance, lag=growing(3300), result="failed")
        world.put("up", 1, instance).put("replication_exporter_build_info", 1, instance)
    return world.without(12, 15, "b:10094").without(20, 26, "a:10094").without(40, 44, "b:10094")


def one_exporter_is_cut_off(lag=900, exempt="none"):
    """It remembers the pair as failed and 10 hours old; the other one still reads it."""
    world = World(55)
    for array, role in (("nyc", "source"), ("bos", "target")):
        world.array(array, instance="a:10094", up=0).array(array, instance="b:10094")
        world.side(array, role, QUMULO, "a:10094", lag=growing(36000), result="failed", health=None, heard="failed", exempt=exempt)
        world.side(array, role, QUMULO, "b:10094", lag=lag, result="success")
    return world


def drill():
    """From minute 5 to 90 the target is written to; the source is suspended by the array. Then it is given back."""
    drilled = {"health": between(5, 90, "failed", "ok")}
    target = {"health": between(5, 90, "failed_over", "ok"), "exempt": between(5, 90, "failed_over", "none"),
              "target_writable": between(5, 90, 1, 0), "since": 300}
    lag = lambda minute: 60 * minute + 300 if minute < 95 else 60  # noqa: E731
    return k2(120, lag=lag, source={**drilled, "counted": lambda minute: min(lag(minute), 840)}, target={**target, "counted": 300})


def never_reached():
    world = World(30).array("nyc", system_id="", up=0, sections=[("system", 0), ("replication_source", 0)])
    return world.put("up", 1).put("replication_exporter_build_info", 1)


def veeam():
    world = World(55).array("em1", "veeam", array_data_timestamp_seconds=growing(-600))
    world.put("up", 1).put("replication_exporter_build_info", 1)
    return world.side("em1", "observer", VEEAM, lag=growing(1000), rpo=3600, result="failed")


def lost_state():
    """The exporter is restarted without its state file while the source is away: only the target still tells."""
    world = without_source_array(qumulo(55, lag=growing(3300), heard="ok", target={"rpo": 3600}), 10)
    for (metric, labels), samples in world.series.items():
        if ("array", "nyc") in labels and metric.startswith("storage_replication"):
            samples[20:] = [None] * (len(samples) - 20)
    return world


def exporter_gone():
    world = qumulo(60, lag=growing(0))
    world.put("up", until(10, 1, 0)).put("replication_exporter_build_info", until(10, 1))
    for (metric, _), samples in world.series.items():
        if metric != "up":
            samples[10:] = [None] * (len(samples) - 10)
    return world


BEHIND, FAILING = "ReplicationBehind", "ReplicationFailing"
ABSENT = ("ReplicationExporterAbsent", "critical")
ALIVE = {ABSENT: 1}  # worlds without an exporter's own series
# Where one of one relationships is late for an hour, so is the fleet.
FLEET = {("ReplicationBudgetBurnsFast", "critical"): 1}

SCENES = [
    Scene("all is well", qumulo(60).put("replication_exporter_build_info", 1).put("up", 1), {}),
    Scene("blackout, of which the target does not know", troubled("blackout", target={"exempt": "none"}), {**ALIVE, (FAILING, "warning"): 1}),
    Scene("paused: only the pause itself, once it lasts", troubled("paused"), {**ALIVE, ("ReplicationPauseForgotten", "warning"): 1}),
    Scene("ended remnant", troubled("ended"), ALIVE),
    Scene("ended remnant, of which the other side is gone",
          World(100).array("nyc").array("bos", sections=[("replication_target", 1)])
          .side("nyc", "source", lag=growing(36000), exempt="ended", health=None, heard="ended", peer="id-bos"), ALIVE),
    Scene("two exporters and two sides are one alert, which no restart ends", twins(), {(BEHIND, "warning"): 1}),
    Scene("an exporter that is cut off does not outvote the one that is not", one_exporter_is_cut_off(), ALIVE),
    Scene("nor does it keep it paused", one_exporter_is_cut_off(4000, "paused"), {**ALIVE, (BEHIND, "warning"): 1}),
    Scene("drill", drill(), {**ALIVE, ("ReplicationFailedOver", "info"): 1}),
    Scene("array never reached", never_reached(), {("StorageArrayDown", "critical"): 1}),
    Scene("source array destroyed: its lag alerts fire, and stay",
          without_source_array(qumulo(120, lag=growing(3300), heard="ok"), 10),
          {**ALIVE, **FLEET, (BEHIND, "warning"): 1, (BEHIND, "critical"): 1, ("StorageArrayDown", "critical"): 1}),
    Scene("target array destroyed",
          without_source_array(qumulo(120, lag=growing(3300), heard="ok"), 10, "bos"),
          {**ALIVE, **FLEET, (BEHIND, "warning"): 1, (BEHIND, "critical"): 1, ("StorageArrayDown", "critical"): 1}),
    Scene("state file lost while the source is away", lost_state(),
          {**ALIVE, (BEHIND, "warning"): 2, ("StorageArrayDown", "critical"): 1}),
    Scene("the only exporter dies: one page, and no array is down", exporter_gone(),
          {**ALIVE, ("ReplicationExporterDown", "warning"): 1}),
    Scene("Veeam: observer, seen once", veeam(), {(BEHIND, "warning"): 1, (FAILING, "warning"): 1}),
]
