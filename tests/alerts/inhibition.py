#!/usr/bin/env python3
"""What the example mutes, and what is one message: alerts are handed to a real Alertmanager, which says what it would send.

    inhibition.py CONFIG
"""

import json
import sys
import tempfile
from collections import Counter

from stack import Stack, get_json, post_json

CONFIG = sys.argv[1]


def array(name, alertname="StorageArrayDown", severity="critical"):
    return {"alertname": alertname, "severity": severity, "scope": "array", "array": name}


def pair(name, on, severity="warning", alertname="ReplicationBehind"):
    ids = {"pair": name, "relationship": f"/{name}"}
    return {"alertname": alertname, "severity": severity, "scope": "relationship", "array": on, **ids}


def exporter(alertname, severity, **labels):
    return {"alertname": alertname, "severity": severity, "scope": "exporter", **labels}


def fleet(alertname, severity):
    return {"alertname": alertname, "severity": severity, "scope": "fleet"}


FAST, SLOWLY = fleet("ReplicationBudgetBurnsFast", "critical"), fleet("ReplicationBudgetBurnsSlowly", "warning")

# Comes last in each case: once it is muted, all that came before has been looked at.
CANARY = [array("canary")], [pair("canary", "canary")]

# Rule: (what is heard, what is muted).
CASES = {
    "an array out of reach mutes its relationships, critical ones too": (
        [array("nyc")],
        [pair("a", "nyc"), pair("b", "nyc", "critical"), pair("c", "nyc", "warning", "ReplicationFailing")],
    ),
    "an array out of reach mutes no other array's relationships": (
        [array("nyc"), pair("a", "sfo"), pair("b", "sfo", "critical")],
        [],
    ),
    "an array out of reach mutes neither why it is so nor what it said last": (
        [array("nyc"), array("nyc", "StorageLoginFailing", "warning"), array("nyc", "StorageDataAtRisk")],
        [],
    ),
    "another alert of an array mutes none of its relationships": (
        [array("nyc", "StorageDataAtRisk"), pair("a", "nyc"), pair("b", "nyc", "critical")],
        [],
    ),
    "a pair that pages has no ticket beside it": (
        [pair("a", "nyc", "critical"), pair("b", "nyc")],
        [pair("a", "nyc"), pair("a", "nyc", "warning", "ReplicationJobStalled")],
    ),
    "an array's critical alert mutes the warning of the same name": (
        [array("nyc", "StorageCertificateExpiring"), array("sfo", "StorageCertificateExpiring", "warning")],
        [array("nyc", "StorageCertificateExpiring", "warning")],
    ),
    "a failover that is a ticket mutes its record": (
        [pair("a", "nyc", "warning", "ReplicationFailedOver"), pair("b", "nyc", "info", "ReplicationFailedOver")],
        [pair("a", "nyc", "info", "ReplicationFailedOver")],
    ),
    "a fast burn mutes the slow one": ([FAST], [SLOWLY]),
    "a slow burn is heard alone, and no pair mutes it": ([SLOWLY, pair("a", "nyc", "critical")], []),
    "alerts about exporters mute nothing": (
        [
            exporter("ReplicationExporterDown", "warning", job="replication_exporter"),
            exporter("ReplicationExporterAbsent", "critical"),
            exporter("StorageArrayUnwatched", "critical", array="nyc"),
            exporter("ReplicationExporterReloadFailed", "warning", job="replication_exporter", instance="a:10094"),
            array("nyc"),
            pair("a", "sfo"),
            SLOWLY,
        ],
        [],
    ),
    "nobody else's alerts are touched": (
        [array("nyc"), {"alertname": "NodeDown", "severity": "warning", "array": "nyc"}],
        [],
    ),
}

# Rule: (alerts, how many messages go where).
SITE = ["nyc-prod", "nyc-archive", "k2-nyc"]
MESSAGES = {
    "the loss of a site is one page": (
        [array(name) for name in SITE]
        + [pair(f"{name}-{index}", name, severity) for name in SITE for index in range(50) for severity in ("warning", "critical")],
        {"pager": 1},
    ),
    "fifty relationships over twice their objective are one page": (
        [pair(f"{index}", "nyc", severity) for index in range(50) for severity in ("warning", "critical")],
        {"pager": 1},
    ),
    "a warning is a ticket per kind and array, and info is no message": (
        [pair("a", "nyc"), pair("b", "nyc"), pair("c", "sfo"), array("nyc", "StorageTlsVerificationDisabled", "info")],
        {"tickets": 2, "record": 1},
    ),
}


def key(labels):
    return json.dumps(labels, sort_keys=True)


def run(name, labels, judge):
    """Hands the alerts to a new Alertmanager and waits until it judges as it should."""
    with tempfile.TemporaryDirectory() as folder, Stack(folder) as stack:
        url = stack.alertmanager(CONFIG)
        # One by one: it looks at them in this order.
        for one in labels:
            post_json(f"{url}/api/v2/alerts", [{"labels": one}])
        seen = {}

        def as_expected():
            seen["last"] = judge(url)
            return seen["last"] is None

        try:
            stack.wait(name, as_expected, 30)
        except Exception:
            print(f"{name}: {seen.get('last')}")
            raise
    print(f"ok: {name}")


def muted_are(heard, muted):
    def judge(url):
        alerts = get_json(f"{url}/api/v2/alerts")
        states = {key(one["labels"]): one["status"]["state"] for one in alerts}
        expected = {key(one): "active" for one in heard} | {key(one): "suppressed" for one in muted}
        wrong = {labels: states.get(labels) for labels, state in expected.items() if states.get(labels) != state}
        return wrong or None

    return judge


def messages_are(count, expected):
    def judge(url):
        if len(get_json(f"{url}/api/v2/alerts")) != count:
            return "not all alerts are there"
        groups = get_json(f"{url}/api/v2/alerts/groups?silenced=false&inhibited=false")
        sent = dict(Counter(group["receiver"]["name"] for group in groups))
        return None if sent == expected else f"{sent}, not {expected}"

    return judge


for name, (heard, muted) in CASES.items():
    run(name, [*heard, *muted, *CANARY[0], *CANARY[1]], muted_are(heard + CANARY[0], muted + CANARY[1]))
for name, (alerts, expected) in MESSAGES.items():
    run(name, alerts, messages_are(len(alerts), expected))
