#!/usr/bin/env python3
"""Drives a failover there and back through the vendor's own client (PyPI `qumulo-api`).

Whether the simulated clusters are what that client expects is decided here, by somebody else's code. Reads the folder that
`replication_exporter simulate --config.out FOLDER/config.toml` writes: the URLs and the CA from `config.toml`, and the
password of the user `admin` from `NAME.admin-password`.

    python3 tests/vendor/qumulo_client.py --config FOLDER [--relationship ID] [--timeout SECONDS]

Exit status: 0 all as expected, 1 a deviation (printed), 2 wrong usage. Choose a --speed of 60 or more, or be patient.
"""

import argparse
import pathlib
import socket
import ssl
import sys
import time
import tomllib
import urllib.parse

try:
    from qumulo.lib.request import RequestError
    from qumulo.rest_client import RestClient
except ImportError:
    sys.exit("the vendor's client is missing: pip install qumulo-api")


class Deviation(Exception):
    """The clusters did not do what the vendor's client expects of them."""


def expect(condition, message):
    if not condition:
        raise Deviation(message)


def read_clusters(folder):
    """Name, host, port, CA and admin password of each simulated cluster, in the order of the configuration."""
    with open(folder / "config.toml", "rb") as file:
        sections = tomllib.load(file).get("qumulo", [])
    clusters = []
    for section in sections:
        url = urllib.parse.urlsplit(section["url"])
        password = (folder / f"{section['name']}.admin-password").read_text().strip()
        clusters.append((section["name"], url.hostname, url.port, section["ca_file"], password))
    return clusters


def connect(name, host, port, ca_file, password):
    # The vendor's client does not verify certificates, so the chain is checked here first.
    context = ssl.create_default_context(cafile=ca_file)
    with socket.create_connection((host, port), timeout=10) as raw, context.wrap_socket(raw, server_hostname=host):
        pass
    client = RestClient(host, port, timeout=10)
    version = client.version.version()
    expect(version["revision_id"].startswith("Qumulo Core "), f"{name}: revision_id is {version['revision_id']!r}")
    client.login("admin", password)
    expect(client.auth.who_am_i()["name"] == "admin", f"{name}: who-am-i does not say admin")
    return client


def choose(sources, targets):
    """A relationship that can be failed over: both sides list it, it is established and has a recovery point."""
    listed = {it["id"] for it in targets}
    for it in sources:
        if it["id"] in listed and it["state"] == "ESTABLISHED" and it["recovery_point"] and it["replication_enabled"]:
            return it["id"]
    raise Deviation("no relationship is established with a recovery point on both sides")


def wait_for(target, relationship, state, timeout, through):
    """Waits until the target says `state`; on the way it may say only what is in `through`."""
    deadline = time.monotonic() + timeout
    while True:
        status = target.replication.get_target_relationship_status(relationship)
        if status["state"] == state:
            return status
        expect(status["state"] in through, f"{status['state']} on the way to {state}")
        expect(time.monotonic() < deadline, f"still {status['state']} after {timeout} s, not {state}")
        time.sleep(0.1)


def refused(call, status, what):
    try:
        call()
    except RequestError as error:
        expect(error.status_code == status, f"{what}: refused with {error.status_code}, not {status}")
        expect(error.error_class != "unknown", f"{what}: the refusal has no error_class")
        return
    raise Deviation(f"{what}: was not refused")


def check(folder, relationship, timeout):
    clusters = read_clusters(folder)
    expect(len(clusters) >= 2, f"config.toml has {len(clusters)} Qumulo clusters, not a pair")
    name, host, port, _, _ = clusters[0]
    refused(lambda: RestClient(host, port, timeout=10).login("admin", "wrong"), 401, f"{name}: a wrong password")
    refused(lambda: RestClient(host, port, timeout=10).replication.list_source_relationship_statuses(), 401, f"{name}: no log-in")
    source, target = (connect(*cluster) for cluster in clusters[:2])

    sources = source.replication.list_source_relationship_statuses()
    targets = target.replication.list_target_relationship_statuses()
    expect(sources and targets, "an empty list of relationships")
    relationship = relationship or choose(sources, targets)
    print(f"{len(sources)} source and {len(targets)} target relationships; failing over {relationship}")
    configured = {it["id"] for it in source.replication.list_source_relationships()}
    expect(relationship in configured, "the list of configurations lacks the relationship")

    status = target.replication.make_target_writable(relationship)
    expect(status["state"] in ("DISCONNECTING", "DISCONNECTED"), f"make-writable answered {status['state']}")
    status = wait_for(target, relationship, "DISCONNECTED", timeout, ("DISCONNECTING",))
    expect(status["target_root_read_only"] is False, "DISCONNECTED, but the target is read-only")
    expect(status["recovery_point"] != "", "DISCONNECTED, but without a recovery point")
    seen = source.replication.get_source_relationship_status(relationship)
    expect(seen["state"] == "DISCONNECTED", f"the source says {seen['state']}")

    target.replication.reconnect_target_relationship(relationship)
    status = wait_for(target, relationship, "ESTABLISHED", timeout, ("RECONNECTING", "REESTABLISHING"))
    expect(status["target_root_read_only"] is True, "ESTABLISHED, but the target is writable")

    source.replication.modify_source_relationship(relationship, replication_enabled=False)
    seen = source.replication.get_source_relationship_status(relationship)
    expect(seen["replication_enabled"] is False, "replication could not be disabled")
    source.replication.modify_source_relationship(relationship, replication_enabled=True)
    source.replication.replicate(relationship)
    seen = source.replication.get_source_relationship_status(relationship)
    expect(seen["job_state"] == "REPLICATION_RUNNING", "replicate did not start a job")

    state = source.cluster.get_restriper_status()
    expect(isinstance(state["data_at_risk"], bool), "data_at_risk is no boolean")
    protection = source.cluster.get_protection_status()
    expect(protection["remaining_node_failures"] is not None, "no remaining_node_failures")
    expect(len(source.cluster.list_nodes()) > 0, "no nodes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=pathlib.Path, required=True, help="the folder that --config.out wrote to")
    parser.add_argument("--relationship", help="the id to fail over; default: the first that can be")
    parser.add_argument("--timeout", type=float, default=60, help="seconds to wait for each state")
    arguments = parser.parse_args()
    try:
        check(arguments.config, arguments.relationship, arguments.timeout)
    except (Deviation, RequestError, OSError, KeyError) as error:
        print(f"deviation: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print("the vendor's client found nothing to object to")
    return 0


if __name__ == "__main__":
    sys.exit(main())
