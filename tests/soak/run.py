"""Half an hour of a world at 100 times its speed: the exporter's memory, threads and descriptors stay where they are.

    python3 tests/soak/run.py [--minutes 30] [--binary target/release/replication_exporter]
"""

import argparse
import time

from world import World, memory_mib

WARM_UP = 0.5  # of the time: caches, pools and the allocator find their size


def slope(points):
    """The slope of a line through the points, by least squares."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=30)
    arguments.add_argument("--speed", default="100")
    arguments.add_argument("--binary", default="target/release/replication_exporter")
    arguments = arguments.parse_args()
    seconds = arguments.minutes * 60
    with World(arguments.binary, ["--speed", arguments.speed]) as world:
        world.wait_until_ready()
        begin = time.monotonic()
        memory, simulation, threads, descriptors = [], [], [], []
        told = 0
        while (elapsed := time.monotonic() - begin) < seconds:
            world.text("/metrics")
            world.text("/")
            now = (world.memory_mib(), memory_mib(world.simulation))
            if elapsed >= told * 120:
                print(f"after {elapsed / 60:.0f} minutes: exporter {now[0]:.1f} MiB, simulation {now[1]:.1f} MiB", flush=True)
                told += 1
            if elapsed > WARM_UP * seconds:
                memory.append((elapsed / 600, now[0]))
                simulation.append((elapsed / 600, now[1]))
                threads.append(world.threads())
                descriptors.append(world.descriptors())
            time.sleep(2)
        per_ten_minutes = slope(memory)
        growth = memory[-1][1] - memory[0][1]
        print(
            f"{arguments.minutes:g} minutes at {arguments.speed} times the speed: memory {memory[-1][1]:.1f} MiB, "
            f"{growth:+.2f} MiB after the warm-up, {per_ten_minutes:+.2f} MiB in 10 minutes; "
            f"threads {min(threads)} to {max(threads)}, descriptors {min(descriptors)} to {max(descriptors)}; "
            f"the simulation {slope(simulation):+.2f} MiB in 10 minutes"
        )
        # A short run is all warm-up (a minute of a debug build grew by 7 MiB), so it only finds what grows fast.
        grows = per_ten_minutes > 1 if arguments.minutes >= 10 else growth > 16
        # A poll has two connections at most, and so have the scrapes.
        if grows or max(descriptors) - min(descriptors) > 2 * len(world.arrays) + 4:
            raise SystemExit("it grows")


main()
