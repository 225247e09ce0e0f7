"""What a pair is when its sides, or two exporters, say different things or nothing: the contract's paragraph on the pair, scene by
scene, with every rule loaded. `stands` says what the pair is at a minute (None: nothing), `fires` which severities of an alert
there are then."""

from dataclasses import dataclass, field

from world import World, between, growing, until

END, STEP = 40, 0.5
BEHIND, DOWN = "ReplicationBehind", "StorageArrayDown"
READ = [("replication_source", 1), ("replication_target", 1)]
FRESH = 600  # a recovery point that is always 10 minutes old
SILENT = {"health": None, "heard": "ok"}


@dataclass
class Pair:
    name: str
    world: World
    stands: dict = field(default_factory=dict)
    fires: list = field(default_factory=list)  # (minute, alert, severities)
    pair: str = "6b1c"


SCENES = []


def scene(name, world, stands=None, *fires, pair="6b1c"):
    SCENES.append(Pair(name, world, stands or {}, list(fires), pair))


def both(source=None, target=None, up=(1, 1), end=END, **each):
    """The pair of nyc and bos; `each` is what both say."""
    world = World(end, STEP)
    for array, role, said, heard in (("nyc", "source", source, up[0]), ("bos", "target", target, up[1])):
        world.array(array, up=heard, sections=[(name, heard) for name, _ in READ])
        peer = "id-bos" if array == "nyc" else "id-nyc"
        world.side(array, role, **{"result": "success", "peer": peer, **each, **(said or {})})
    return world


def lone(array="nyc", role="source", up=1, **said):
    return World(END, STEP).array(array, up=up, sections=READ).side(array, role, **{"result": "success", **said})


def gone(minute, healths="ok"):
    """Its array is lost at that minute: readings end."""
    return {"health": until(minute, healths), "heard": healths}


PAUSED = {"exempt": "paused", "health": "paused", "counted": 600}
OVER = {"exempt": "failed_over", "health": "failed_over"}

scene("healthy", both(lag=FRESH), {10: "protected"}, (30, BEHIND, ""))
scene("behind on both sides", both(lag=growing(3000)), {5: "protected", 12: "behind"}, (20, BEHIND, "warning"))
scene("behind at twice the objective", both(lag=growing(7000)), {}, (20, BEHIND, "critical warning"))
scene("source lost, its facts frozen; the target is heard and stands still",
      both(lag=growing(600), source=gone(5), up=(until(5, 1, 0), 1), end=60), {6: "protected", 52: "behind"},
      (10, DOWN, "critical"), (58, BEHIND, "warning"))
scene("source lost while paused; the target does not know of the pause (K2)",
      both(lag=growing(600), source={**PAUSED, **gone(5, "paused")}, up=(until(5, 1, 0), 1), end=60),
      {3: "stopped", 20: "protected", 52: "behind"})
scene("both lost while paused: the pause stays",
      both(lag=growing(600), **{**PAUSED, **gone(5, "paused")}, up=(until(5, 1, 0), until(5, 1, 0)), end=60), {50: "stopped"},
      (20, "ReplicationPauseForgotten", ""), (50, "ReplicationPauseForgotten", ""))
scene("failover of Qumulo: the source fails, the target is disconnected",
      both(lag=growing(100), source={"result": "failed", "health": "failed"}, target={**OVER, "since": 60}), {10: "stopped"},
      (5, "ReplicationFailedOver", ""), (10, "ReplicationFailedOver", "info"), (30, "ReplicationFailing", ""),
      (30, "ReplicationSidesDisagree", ""))
scene("failed over for 9 hours, and the target's array is away for 10 minutes",
      both(lag=growing(40000), source={"result": None, "health": "failed"},
           target={**OVER, "health": between(10, 20, None, "failed_over"), "heard": "failed_over", "since": -32400, "counted": 100},
           up=(1, between(10, 20, 0, 1))), {5: "stopped", 18: "stopped"},
      (5, "ReplicationFailedOver", "info warning"), (19, "ReplicationFailedOver", "info warning"), (19, BEHIND, ""),
      (39, "ReplicationFailedOver", "info warning"))
scene("failover of K2: the source is suspended by its array", both(
    lag=growing(100), rpo=600, result=None, source={"health": "failed"}, target={**OVER, "since": 0}), {30: "stopped"},
      (30, BEHIND, ""), (30, "ReplicationFailedOver", "info"))
scene("first copy never works", both(
    never=-3500, source={"result": "failed", "health": "failed"}, target={"result": None, "health": "initializing"}),
      {10: "no_copy"}, (1, "ReplicationNoCopy", ""), (10, "ReplicationNoCopy", "critical warning"))
scene("blackout longer than the objective, of which the target does not know",
      both(lag=growing(7200), source={"counted": 600, "exempt": "blackout"}), {10: "protected"}, (30, BEHIND, ""))
scene("the same, and for 6 minutes only the target is heard", both(
    lag=growing(7200), source={"counted": 600, "exempt": "blackout", "health": between(10, 16, None, "ok"), "heard": "ok"},
    up=(between(10, 16, 0, 1), 1)), {5: "protected", 14: "protected"}, (15, BEHIND, ""))
scene("restart: nothing is scraped twice, then there are facts, and no array is up yet", both(
    lag=growing(3700), health=between(11, 12, None, "ok"), heard="ok", up=(between(11, 12, 0, 1),) * 2).without(10, 11),
      {9: "behind", 10: "behind", 10.5: "behind", 11: "behind", 11.5: "behind", 20: "behind"},
      (11, BEHIND, "warning"), (13, BEHIND, "warning"))


def restart_without_state():
    world = both(lag=growing(3700), up=(between(10, 13, 0, 1),) * 2)
    for (metric, _), samples in world.series.items():
        if "replication_" in metric:
            samples[20:26] = [None] * 6
    return world.without(10, 11)


scene("restart without a state file: relationships are missing for 3 minutes while no array is up", restart_without_state(),
      {9: "behind", 10: "behind", 12: "behind", 14: "behind"}, (13, BEHIND, "warning"))
scene("scrape gap of 4 minutes while paused", both(lag=growing(600), **PAUSED).without(10, 14), {12: "stopped", 20: "stopped"},
      (13, "ReplicationPauseForgotten", ""))


def two_exporters(cut_off=None, **reads):
    """The second exporter, on b, says `cut_off` of the source; everything else is fresh."""
    world = World(END, STEP)
    for instance, said in (("a:10094", {"lag": FRESH}), ("b:10094", cut_off)):
        world.array("nyc", instance=instance, **({} if instance[0] == "a" else reads)).array("bos", instance=instance)
        world.side("nyc", "source", instance=instance, **said)
        world.side("bos", "target", instance=instance, lag=FRESH)
    return world


scene("two exporters, of which one cannot reach the source for an hour", two_exporters({"lag": growing(4000), **SILENT}, up=0),
      {10: "protected"}, (20, DOWN, ""), (20, BEHIND, ""))
scene("other objectives: the stricter counts", both(lag=growing(7200), target={"rpo": 14400}), {10: "behind"})
scene("target without an objective, both heard", both(lag=growing(7200), target={"rpo": None}), {10: "behind"})
scene("target without an objective, source lost",
      both(lag=growing(3300), source=SILENT, target={"rpo": None}, up=(0, 1)), {2: "protected", 10: "behind"},
      (15, BEHIND, "warning"))


def swapped():
    world = World(END, STEP).array("nyc", sections=READ).array("bos", sections=READ)
    for array, roles, minute in (("nyc", ("source", "target"), 15), ("bos", ("target", "source"), 15.5)):
        world.side(array, until(minute, *roles), lag=until(minute, growing(100), FRESH), result="success",
                   exempt=until(minute, "failed_over", "none"), health=until(minute, "failed_over", "ok"),
                   peer="id-bos" if array == "nyc" else "id-nyc")
    return world


scene("roles are swapped by a failback", swapped(), {10: "stopped", 15: "stopped", 16: "protected"},
      (38, "ReplicationSidesDisagree", ""), (38, "ReplicationOneSideOnly", ""))
VM = {"relationship": "j/bad", "pair": "j/bad", "source_system": "vbr", "source_object": "bad", "target_system": "", "target_object": ""}
OTHER = {**VM, "relationship": "j/ok", "pair": "j/ok", "source_object": "ok"}
veeam = World(END, STEP).array("em1", "veeam", sections=[("tasks", 1)])
veeam.side("em1", "observer", OTHER, lag=FRESH, result="success")
veeam.side("em1", "observer", VM, lag=growing(1000), result="failed", health="failed")
scene("Veeam: one machine of two has failed", veeam, {10: "failing"},
      (20, "ReplicationFailing", "warning"), (20, "ReplicationOneSideOnly", ""), pair="j/bad")
scene("Veeam: the other one is fine", veeam, {10: "protected"}, pair="j/ok")
scene("a copy to S3 that ran once, two years ago, without an objective",
      lone(lag=growing(63072000), rpo=None, said="protected"), {10: "protected"}, (20, BEHIND, ""), (20, "ReplicationOneSideOnly", ""))
scene("the source's clock is 10 minutes fast, and only the target is polled",
      lone("bos", "target", lag=growing(-600), said=until(10, "unknown")), {5: "unknown", 15: "protected"},
      (20, "ReplicationStandingUnknown", ""))
scene("an array leaves the configuration, the target has no objective",
      both(lag=growing(3700), target={"rpo": None}).without(10, array="nyc"), {5: "behind", 12: "behind", 25: "unjudged"})


def removed():
    world = both(lag=growing(3700))
    for (metric, _), samples in world.series.items():
        if "replication_" in metric:
            samples[20:] = [None] * len(samples[20:])
    return world


scene("a relationship is removed on both arrays", removed(), {9: "behind", 10: None}, (10.5, BEHIND, "warning"), (20, BEHIND, ""))
scene("first start, without a state file, while the source hangs; the target knows nothing",
      World(END, STEP).array("nyc", up=0, sections=[("replication_source", 0)]).array("bos", sections=READ)
      .side("bos", "target", health="unknown", peer="id-nyc"), {10: "unknown"},
      (20, "ReplicationStandingUnknown", "warning"), (35, "ReplicationOneSideOnly", ""), (20, DOWN, "critical"))
scene("the source's list cannot be read since it was paused; it was unpaused since, and is late",
      both(lag=growing(7200), source={**PAUSED, "health": None, "heard": "paused"}), {10: "behind"},
      (20, BEHIND, "critical warning"))
scene("one of two exporters lost a right on the source, and remembers a failure that is over",
      two_exporters({"lag": growing(1000), "result": "failed", "health": None, "heard": "failed"}), {10: "protected"})
scene("far behind, then paused by a person",
      both(lag=growing(40000), exempt=until(10, "none", "paused"), health=until(10, "ok", "paused"),
           counted=until(10, growing(40000), 40600), since=600), {5: "behind", 20: "stopped"},
      (5, BEHIND, "critical warning"), (25, BEHIND, ""), (35, "ReplicationPauseForgotten", "warning"))
scene("awaiting authorization after a reversal, with an old copy",
      both(lag=growing(400000), exempt="pending", health="pending", counted=300), {10: "stopped"})
scene("one side only: the target is up, and lists nothing",
      lone(lag=FRESH, peer="id-bos").array("bos", sections=READ), {10: "protected"}, (35, "ReplicationOneSideOnly", "warning"))
scene("the target holds less than the source believes", both(source={"lag": FRESH}, target={"lag": growing(9000)}),
      {10: "protected"}, (30, "ReplicationSidesDisagree", "warning"))
scene("data at risk, then the array is lost",
      World(END, STEP).array("nyc", up=until(10, 1, 0), protection_data_at_risk_since_timestamp_seconds=0), {},
      (5, "StorageDataAtRisk", "critical"), (35, "StorageDataAtRisk", "critical"))
scene("in transition, within the objective", both(lag=growing(600), health="transition"), {30: "protected"})
scene("after a reset the source has no copy; the target still holds one within its objective",
      both(source={"never": -7200, "result": None, "health": "initializing"}, target={"lag": FRESH}), {10: "protected"})
scene("paused, and replicated by hand", both(lag=FRESH, exempt="paused", health="paused", since=-9000000), {10: "stopped"},
      (35, "ReplicationPauseForgotten", ""))
scene("paused before its first copy, two days ago",
      both(never=-172800, exempt="paused", health="paused", since=-172800, result=None), {10: "stopped"},
      (5, "ReplicationNoCopy", ""), (35, "ReplicationPauseForgotten", "warning"))
scene("first seen in a blackout, and counted from the lag on",
      both(lag=growing(7300), source={"exempt": "blackout"}), {10: "behind"}, (10, BEHIND, "critical warning"))
scene("first seen in a blackout, and counted from 0 on",
      both(lag=growing(7300), source={"counted": 0, "exempt": "blackout"}), {10: "protected"}, (10, BEHIND, ""))
scene("K2 with an objective of a minute that is met: lag peaks at 70 s between two polls",
      both(lag=lambda minute: 26 if int(2 * minute) % 2 == 0 else 70, rpo=60, result=None), {10: "protected", 10.5: "behind"},
      (20, BEHIND, ""))
scene("the sides disagree, but it is a drill", both(
    result=None, source={"lag": FRESH, "health": "failed"}, target={"lag": growing(9000), **OVER, "since": 0}), {10: "stopped"},
      (30, "ReplicationSidesDisagree", ""))
scene("an unknown word on the source, the target is protected", both(lag=FRESH, source={"health": "unknown"}), {10: "protected"})


def half_lost():
    """Two exporters; at minute 10 b dies, and with it the target's array."""
    world = World(END, STEP)
    for instance in ("a:10094", "b:10094"):
        world.array("nyc", instance=instance, sections=READ)
        world.array("bos", instance=instance, up=until(10, 1, 0), sections=[(name, until(10, 1, 0)) for name, _ in READ])
        world.side("nyc", "source", instance=instance, lag=growing(1000), peer="id-bos")
        world.side("bos", "target", instance=instance, lag=growing(1000), peer="id-nyc", **gone(10))
    return world.without(10, instance="b:10094")


scene("one exporter and the target's array are lost at once", half_lost(), {11: "protected", 35: "protected"},
      (30, DOWN, "critical"), (35, "ReplicationOneSideOnly", ""))
scene("a queue: the source knows that the job shipped an old snapshot, the target only when it began",
      both(rpo=7200, source={"lag": growing(36000)}, target={"lag": growing(3600)}), {10: "behind"},
      (20, BEHIND, "critical warning"), (30, "ReplicationSidesDisagree", "warning"))
scene("the same, and both know", both(rpo=7200, lag=growing(36000)), {10: "behind"}, (20, BEHIND, "critical warning"))
scene("a copy to S3 with an objective that was meant for others", lone(lag=growing(63072000)), {10: "behind"},
      (20, BEHIND, "critical warning"))


def split(lost):
    """Each side has an exporter of its own; that of `lost` is not scraped for 3 minutes, in a blackout that the target does not know."""
    world = World(END, STEP).array("nyc", instance="a:10094", sections=READ).array("bos", instance="b:10094", sections=READ)
    world.side("nyc", "source", instance="a:10094", lag=growing(7200), counted=600, exempt="blackout", peer="id-bos")
    world.side("bos", "target", instance="b:10094", lag=growing(7200), peer="id-nyc")
    other = {**VM, "pair": "plain", "relationship": "plain"}
    world.side("nyc", "source", other, instance="a:10094", lag=FRESH).side("bos", "target", other, instance="b:10094", lag=FRESH)
    return world.without(10, 13, instance=lost)


for gap, which in (("a:10094", "source"), ("b:10094", "target")):
    scene(f"the {which}'s exporter is not scraped, in a blackout", split(gap), {9: "protected", 12: "protected", 14: "protected"}, (16, BEHIND, ""))
    scene("the same, a pair that is well", split(gap), {9: "protected", 12: "protected", 14: "protected"}, pair="plain")
scene("an exporter is gone for good: its pairs are known for 5 minutes", both(lag=FRESH).without(10), {12: "protected", 16: None})
scene("the objective is taken away", both(lag=growing(3700), rpo=until(10, 3600)), {9: "behind", 10: "unjudged"})
