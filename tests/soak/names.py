"""600 arrays whose names are never resolved, one whose name does not exist, and one that moves: /metrics with gzip does not
notice, and the array is followed. In namespaces of its own, where it is the resolver; the kernel must allow them.

    python3 tests/soak/names.py [--binary target/debug/replication_exporter]
"""

import argparse
import gzip
import os
import socket
import subprocess
import sys
import threading
import time

from cluster import SECTIONS, Cluster
from world import Exporter, new_folder

HANGING = 600
BEFORE, AFTER = "127.0.0.1", "127.0.0.2"
WATCHED = 25  # seconds
PATIENCE = 10  # seconds for a scrape, which takes milliseconds
NAMESPACES = ["unshare", "--user", "--map-root-user", "--mount", "--net"]


class Resolver(threading.Thread):
    """Answers for one name with the address that it has now, says of another that it does not exist, and is silent else."""

    def __init__(self):
        super().__init__(daemon=True)
        self.address = BEFORE
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))

    def run(self):
        while True:
            query, client = self.socket.recvfrom(1024)
            name, at = [], 12
            while length := query[at]:
                name.append(query[at + 1 : at + 1 + length].decode())
                at += 1 + length
            question, is_a = query[12 : at + 5], query[at + 1 : at + 3] == b"\0\1"
            if name[0] == "nowhere":
                answer = b"\x81\x83\0\1\0\0\0\0\0\0" + question
            elif name[0] == "moves" and is_a:
                record = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton(self.address)
                answer = b"\x81\x80\0\1\0\1\0\0\0\0" + question + record
            elif name[0] == "moves":
                answer = b"\x81\x80\0\1\0\0\0\0\0\0" + question
            else:
                continue
            self.socket.sendto(query[:2] + answer, client)


def until(what, condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise SystemExit(f"never: {what}")


def look_ups():
    """How many are under way: sockets that wait for the resolver."""
    return sum(line.split()[2].endswith(":0035") for line in open("/proc/self/net/udp"))


def watch(exporter):
    """The latencies of scrapes with gzip, in order, and the most look-ups at once meanwhile."""
    latencies, most = [], 0
    begin = time.monotonic()
    while time.monotonic() - begin < WATCHED:
        before = time.monotonic()
        gzip.decompress(exporter.get("/metrics", PATIENCE, **{"Accept-Encoding": "gzip"}))
        latencies.append(time.monotonic() - before)
        most = max(most, look_ups())
        time.sleep(0.25)
    return sorted(latencies), most


def inside(binary):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    folder = new_folder()
    # A look-up then hangs for two minutes, longer than all of this.
    for file, text in [("resolv.conf", "nameserver 127.0.0.1\noptions timeout:30 attempts:4\n"), ("nsswitch.conf", "hosts: files dns\n")]:
        (folder / file).write_text(text)
        subprocess.run(["mount", "--bind", folder / file, f"/etc/{file}"], check=True)
    resolver = Resolver()
    resolver.start()
    old = Cluster(BEFORE)
    new = Cluster(AFTER, old.server_port)
    names = ["moves", "nowhere", *(f"hangs{number}" for number in range(HANGING))]
    config = '[poll]\ninterval = "3s"\ntimeout = "2s"\n' + "".join(
        f'[[qumulo]]\nname = "{name}"\nurl = "http://{name}.test:{old.server_port}"\nallow_plaintext = true\n'
        f'token = "x"\nsections = {SECTIONS}\n'
        for name in names
    )
    with Exporter(binary, config, folder) as exporter:
        says = lambda array, line: line in exporter.text(f"/metrics?array={array}")
        until("moves is up", lambda: says("moves", 'storage_array_up{array="moves"} 1'))
        failure = 'storage_poll_last_failure{{array="{}",section="system",reason="{}"}} 1'
        until("nowhere is connect", lambda: says("nowhere", failure.format("nowhere", "connect")))
        until("the last one hangs", lambda: says(names[-1], failure.format(names[-1], "timeout")))
        latencies, most = watch(exporter)
        resolver.address = AFTER
        old.switch_off()
        until("moves is followed", lambda: new.asked)
        until("moves is up again", lambda: says("moves", 'storage_array_up{array="moves"} 1'))
        print(
            f"{HANGING} names hang: {len(latencies)} scrapes with gzip took {1000 * latencies[len(latencies) // 2]:.0f} ms in the "
            f"middle, {1000 * latencies[-1]:.0f} ms at most; {most} look-ups at once; the array that moved was followed"
        )
        # Each holds a thread, so one that hangs is not begun once more beside it.
        if most > len(names):
            raise SystemExit("there are more look-ups than names")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", default="target/debug/replication_exporter")
    arguments.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = arguments.parse_args()
    if arguments.inside:
        return inside(arguments.binary)
    if subprocess.run([*NAMESPACES, "true"]).returncode:
        print("skipped: the kernel allows no namespaces")
        raise SystemExit(77)
    os.execvp("unshare", [*NAMESPACES, sys.executable, __file__, "--inside", "--binary", arguments.binary])


main()
