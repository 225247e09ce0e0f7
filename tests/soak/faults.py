"""Twenty arrays, each with another fault, beside a healthy one: gaps in its series, the latency of its scrape, memory.

    python3 tests/soak/faults.py [--minutes 10] [--binary target/release/replication_exporter]
"""

import argparse
import time

from world import World

FAULTS = [
    "down", "hang", "slow=1900ms", "stale", "cut", "cut=0", "expiring-certificate=30s", "redirect", "auth", "http-500",
    "quotes", "html", "throttle=1", "unavailable=soon", "busy", "clock-skew=-24h", "unknown-words", "endless-pages",
    "duplicates", "huge-list=3000",
]  # fmt: skip
# Series of these are there at every scrape, whatever the world does.
STEADY = ("storage_array_up{", "storage_poll_success{", "storage_replication_lag_seconds{", "storage_replication_relationship_info{")
PER_VENDOR = 10


def series(text):
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if line.startswith(STEADY))
    return {name: value for name, value in lines}


def watch(world, name, seconds):
    """Scrapes of the healthy array: its gaps, its latencies in order, and the memory of the exporter."""
    gaps, latencies, memory = [], [], []
    path = f"/metrics?array={name}"
    expected = series(world.text(path))
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        before = time.monotonic()
        found = series(world.text(path))
        latencies.append(time.monotonic() - before)
        gaps += [each for each in expected if each not in found]
        gaps += [each for each, value in found.items() if each.startswith(STEADY[:2]) and value != "1"]
        memory.append(world.memory_mib())
        time.sleep(0.5)
    return gaps, sorted(latencies), memory


def slow(latencies):
    """What 95 of 100 stay below."""
    return latencies[int(len(latencies) * 0.95)]


def told(when, latencies, memory):
    milliseconds = [1000 * latencies[len(latencies) // 2], 1000 * slow(latencies)]
    print(
        f"{when}: scrape {milliseconds[0]:.1f} ms in the middle, {milliseconds[1]:.1f} ms for 95 of 100; "
        f"memory {memory[0]:.0f} MiB at first, {max(memory):.0f} at most, {memory[-1]:.0f} at last"
    )


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=10)
    arguments.add_argument("--binary", default="target/release/replication_exporter")
    arguments = arguments.parse_args()
    world_flags = ["--arrays", str(PER_VENDOR), "--relationships", "8"]
    with World(arguments.binary, world_flags, "10s") as world:
        world.wait_until_ready()
        time.sleep(10)
        # The first two of the first vendor are a pair; nothing happens to them.
        healthy = world.arrays[0][1]
        others = [name for _, name in world.arrays[2:]]
        idle_gaps, idle, memory = watch(world, healthy, 60)
        told("idle", idle, memory)
    # K2 alone is ever busy, and has pages.
    k2 = [name for vendor, name in world.arrays if vendor == "kaminario"]
    placed = {fault: k2[number] for number, fault in enumerate(["busy", "endless-pages"])}
    rest = [name for name in others if name not in placed.values()]
    for fault in FAULTS:
        if fault not in placed:
            placed[fault] = rest.pop(0)
    faults = [word for fault, name in placed.items() for word in ("--fault", f"{fault}:{name}")]
    with World(arguments.binary, world_flags + faults, "10s") as world:
        world.wait_until_ready()
        time.sleep(10)
        gaps, latencies, memory = watch(world, healthy, arguments.minutes * 60)
        told(f"{len(placed)} faults, {arguments.minutes:g} minutes", latencies, memory)
        print(f"gaps in {healthy}: {len(gaps)} in {len(latencies)} scrapes")
        for gap in sorted(set(gaps))[:5]:
            print(f"    {gap}")
        for line in world.log.read_text().splitlines():
            if gaps and f"array={healthy}" in line and "level=info" not in line:
                print(f"    {line}")
        if "panicked" in world.log.read_text():
            raise SystemExit("a panic")
    if gaps or idle_gaps:
        raise SystemExit("the healthy array has gaps")
    if slow(latencies) > 3 * slow(idle):
        raise SystemExit("its scrape takes more than three times as long")


main()
