#!/usr/bin/env python3
"""Suspends and resumes replication, and fails over there and back, through the vendor's own client (PyPI `krest`).

Whether the simulated arrays are what that client expects is decided here, by somebody else's code. Reads the folder that
`replication_exporter simulate --config.out FOLDER/config.toml` writes: the URLs and the CA from `config.toml`, and the
password of the user `admin` from `NAME.admin-password`.

    python3 tests/vendor/krest_client.py --config FOLDER [--session NAME] [--timeout SECONDS]

Exit status: 0 all as expected, 1 a deviation (printed), 2 wrong usage. Choose a --speed of 60 or more, or be patient. With
--relationships 130 the array also cuts the list that is asked for without a limit.
"""

import argparse
import logging
import pathlib
import sys
import time
import tomllib
import urllib.parse

try:
    import krest
    import requests
except ImportError:
    sys.exit("the vendor's client is missing: pip install krest")

SESSIONS = "replication/sessions"


class Deviation(Exception):
    """The arrays did not do what the vendor's client expects of them."""


def expect(condition, message):
    if not condition:
        raise Deviation(message)


def read_arrays(folder):
    """Name, address, CA and admin password of each simulated array, in the order of the configuration."""
    with open(folder / "config.toml", "rb") as file:
        sections = tomllib.load(file).get("kaminario", [])
    arrays = []
    for section in sections:
        password = (folder / f"{section['name']}.admin-password").read_text().strip()
        arrays.append((section["name"], urllib.parse.urlsplit(section["url"]).netloc, section["ca_file"], password))
    return arrays


def connect(name, address, ca_file, password):
    endpoint = krest.EndPoint(address, "admin", password, ssl_validate=ca_file)
    # By default the client retries a 5xx for ten minutes.
    endpoint.retry_cfg.on_5xx_errors = endpoint.retry_cfg.on_connect_errors = False
    state = endpoint.search("system/state").hits[0]
    expect(state.system_name == name, f"{name}: system_name is {state.system_name!r}")
    expect(state.state == "ONLINE", f"{name}: state is {state.state!r}")
    expect(state.current_user_role == "admin", f"{name}: role is {state.current_user_role!r}")
    return endpoint


def refused(call, status, what):
    try:
        call()
    except requests.exceptions.HTTPError as error:
        expect(error.response.status_code == status, f"{what}: refused with {error.response.status_code}, not {status}")
        expect(error.response.json().get("error_msg"), f"{what}: the refusal has no error_msg")
        return
    raise Deviation(f"{what}: was not refused")


def every_session(endpoint):
    """All pages, as the vendor's own documentation says to read them."""
    unasked = endpoint.search(SESSIONS)
    total = unasked.total
    expect(len(unasked.hits) == min(total, 100), f"{len(unasked.hits)} of {total} sessions where no limit was asked for")
    found = endpoint.search(SESSIONS, __sort="id", __limit=max(1, total // 3))
    found.autofetch = True
    expect(len(found.hits) < total, "one page holds everything")
    sessions = list(found)
    ids = [session.id for session in sessions]
    expect(len(ids) == total, f"{len(ids)} sessions in the pages, but total is {total}")
    expect(ids == sorted(set(ids)), "the pages repeat a session or are not sorted")
    return sessions


def choose(sessions):
    """A source that replicates and has replicated."""
    for session in sessions:
        if session.state == "in_sync" and session.current_role == "source" and session.latest_replicated_snapshot:
            return session
    raise Deviation("no session is in_sync with a replicated snapshot")


def wait_for(session, test, what, timeout):
    deadline = time.monotonic() + timeout
    while True:
        session.refresh()
        if test(session):
            return
        expect(time.monotonic() < deadline, f"{session.name} is {session.state} as {session.current_role} after {timeout} s, not {what}")
        time.sleep(0.1)


def change(session, state, timeout):
    """Asks for a state and waits for it: transitions are asynchronous."""
    session.state = state
    session.save()
    wait_for(session, lambda it: it.state == state, state, timeout)


def suspend_and_resume(here, there, timeout):
    change(here, "suspended", timeout)
    expect(here.suspend_reason_code != "none", "suspended without a reason code")
    wait_for(there, lambda it: it.state == "suspended", "suspended", timeout)
    refused(lambda: change(here, "suspended", timeout), 400, "a second suspend")
    change(here, "in_sync", timeout)
    expect(here.suspend_reason_code == "none", "in_sync with a reason code")
    before = here.latest_replicated_snapshot.id
    wait_for(there, lambda it: it.state == "in_sync", "in_sync", timeout)
    wait_for(here, lambda it: it._get_raw("latest_replicated_snapshot").id != before, "replicated anew", timeout)


def fail_over_and_back(here, there, timeout):
    refused(lambda: change(here, "failed_over", timeout), 400, "a failover at the source")
    change(there, "failed_over", timeout)
    expect(there.current_role == "target", "the failed-over side changed its role before it was told to")
    wait_for(here, lambda it: it.state == "suspended", "suspended", timeout)
    change(there, "in_sync", timeout)
    expect(there.current_role == "source", "in_sync after the failover did not reverse the direction")
    wait_for(here, lambda it: it.current_role == "target" and it.state == "in_sync", "an in_sync target", timeout)
    generation = there.generation_number if hasattr(there, "generation_number") else 0
    wait_for(there, lambda it: it.generation_number > generation, "in a new round", timeout)


def stop_and_delete(endpoint, timeout):
    group = endpoint.search("volume_groups", name="unprotected").hits[0]
    peer = endpoint.search("replication/peer_k2arrays").hits[0]
    policies = endpoint.search("retention_policies", __sort="id").hits
    session = endpoint.new(
        SESSIONS,
        name="made-by-krest",
        rpo="1200",
        local_volume_group=group,
        replication_peer_k2array=peer,
        retention_policy=policies[0],
        external_retention_policy=policies[1],
    )
    session.save()
    expect(session.state == "idle", f"a new session is {session.state}")
    expect(isinstance(session.rpo, int), "rpo did not come back as a number")
    change(session, "in_sync", timeout)
    refused(session.delete, 400, "deleting a session that replicates")
    change(session, "suspended", timeout)
    change(session, "idle", timeout)
    session.delete()
    refused(session.refresh, 404, "a deleted session")


def check(folder, name, timeout):
    arrays = read_arrays(folder)
    expect(len(arrays) >= 2, f"config.toml has {len(arrays)} K2 arrays, not a pair")
    refused(lambda: connect(arrays[0][0], arrays[0][1], arrays[0][2], "wrong"), 401, "a wrong password")
    source, target = (connect(*array) for array in arrays[:2])

    sessions = every_session(source)
    here = choose([it for it in sessions if not name or it.name == name])
    there = target.search(SESSIONS, id=here.remote_replication_session_id).hits[0]
    expect(there.remote_replication_session_id == here.id, "the sides do not name each other")
    print(f"{len(sessions)} sessions; driving {here.name}, id {here.id} here and {there.id} there")

    snapshot = there.latest_replicated_snapshot
    expect(snapshot.data_creation_time < snapshot.creation_time, "the copy was made before its data")
    groups = source.search("volume_groups", id__in=f"{here.local_volume_group.id},0").hits
    expect([it.name for it in groups] == [here.local_volume_group.name], "id__in did not find the volume group")
    peer = source.search("replication/peer_volume_groups", **{"replication_session": here}).hits
    expect(len(peer) == 1, "the filter by reference did not find the peer's volume group")
    rounds = source.search("replication/rpo_history", session=here).hits
    expect(len(rounds) > 0, "no round of the session")

    suspend_and_resume(here, there, timeout)
    fail_over_and_back(here, there, timeout)
    stop_and_delete(source, timeout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=pathlib.Path, required=True, help="the folder that --config.out wrote to")
    parser.add_argument("--session", help="the name of the session to drive; default: the first that can be")
    parser.add_argument("--timeout", type=float, default=60, help="seconds to wait for each state")
    arguments = parser.parse_args()
    logging.getLogger("krest").setLevel(logging.CRITICAL)
    try:
        check(arguments.config, arguments.session, arguments.timeout)
    except (Deviation, requests.exceptions.RequestException, OSError, KeyError, AttributeError) as error:
        print(f"deviation: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print("the vendor's client found nothing to object to")
    return 0


if __name__ == "__main__":
    sys.exit(main())
