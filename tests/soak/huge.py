"""One array that lists very much beside a healthy one: the latency of the healthy one's scrape and of /-/healthy, and memory.

    python3 tests/soak/huge.py [--relationships 10000] [--seconds 60] [--binary target/release/replication_exporter]
"""

import argparse
import time

from world import World

PACE = 0.05


def latencies(world, path, seconds):
    """In milliseconds, in order."""
    found, begin = [], time.monotonic()
    while time.monotonic() - begin < seconds:
        before = time.monotonic()
        world.get(path)
        found.append(1000 * (time.monotonic() - before))
        time.sleep(PACE)
    return sorted(found)


def listed(world, name):
    lines = world.text(f"/metrics?array={name}").splitlines()
    return max(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("storage_replication_relationships{"))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--relationships", type=int, default=10_000)
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--binary", default="target/release/replication_exporter")
    arguments = arguments.parse_args()
    middles = []
    for is_huge in (False, True):
        flags = ["--arrays", "3", "--relationships", "8"]
        if is_huge:
            flags += ["--fault", f"huge-list={arguments.relationships}:{world.arrays[2][1]}"]
        with World(arguments.binary, flags, "10s") as world:
            world.wait_until_ready()
            if is_huge and listed(world, world.arrays[2][1]) < arguments.relationships:
                raise SystemExit("the huge list was not read: is it above max_body, or slower than the timeout?")
            middle = {}
            for path in (f"/metrics?array={world.arrays[0][1]}", "/-/healthy"):
                found = latencies(world, path, arguments.seconds / 2)
                middle[path] = found[len(found) // 2]
                print(
                    f"{'beside a huge list' if is_huge else 'idle'}: {path} {middle[path]:.1f} ms in the middle, "
                    f"{found[len(found) * 95 // 100]:.1f} ms for 95 of 100, {found[-1]:.1f} ms at most; "
                    f"memory {world.memory_mib():.0f} MiB"
                )
            middles.append(middle)
    if any(middles[1][path] > 3 * middles[0][path] for path in middles[0]):
        raise SystemExit("more than three times as long")


main()
