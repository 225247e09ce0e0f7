#!/usr/bin/env python3
"""The stories of the simulator, from the array to the text that wakes somebody: simulated arrays, the exporter, Prometheus with
the rules, Alertmanager with the shipped example, and an inbox. Rules and routes run 60 times as fast (shorten.py), as
the simulated world does; the real durations are proved by the rules' own tests. All stories run at once. What arrived is printed.

    end_to_end.py BINARY [SCENARIO...]
"""

import re
import signal
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

import shorten
from lab import FACTOR, PATIENCE, STALE_AFTER, Lab
from stack import stop

# As replication.tmpl has them.
DOCUMENTS = "https://git.example.com/storage/replication_exporter/src/branch/main/"
GRAFANA = "https://grafana.example.com"
MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
DURATION = r"(?:(?:\d+d )?(?:\d+h )?(?:\d+m )?\d+(?:\.\d+)?s)"


def expect_text(alert, summary, description):
    """Both have to match whole."""
    annotations = alert["annotations"]
    for name, pattern in (("summary", summary), ("description", description)):
        text = " ".join(annotations[name].split())
        assert re.fullmatch(pattern, text), f"{name} is {text!r}, not {pattern!r}"


def pages(lab, what, seconds, status, since=0.0, **labels):
    """Waits for a page and returns the alert."""
    return lab.wait(what, lambda: lab.inbox.paged(status, since, **labels), seconds)[0]


def mailed(lab, alert):
    """Waits for the mail to those on call with this alert, shows it, and checks that it says all and links where it should."""
    annotations = alert["annotations"]
    subject, text = lab.wait(
        "the mail", lambda: lab.inbox.mail_to("storage-on-call@", f"{annotations['summary']}\n{annotations['description']}"), PATIENCE
    )
    lab.say(f"mail: {subject}")
    lab.say(*text.splitlines(), sep="\n    ")
    for name, base in (("runbook_url", DOCUMENTS), ("dashboard", GRAFANA)):
        if name in annotations:
            assert base + annotations[name] in text, f"no link to {annotations[name]}"


def muted(lab, **labels):
    """Waits until there are alerts with these labels and every one is muted by another."""

    def all_are():
        found = lab.status_of(**labels)
        return found and all(status["inhibitedBy"] for status in found)

    lab.wait(f"muted: {labels}", all_are, PATIENCE)


def only_pages(lab, allowed):
    """Nothing but this has paged. `allowed` says so of an alert's labels."""
    strange = [alert["labels"] for _, alert in lab.inbox.alerts() if not allowed(alert["labels"])]
    assert not strange, f"paged, and should not: {strange}"


def lagging(lab):
    """Jobs take forty times as long, so the recovery points of both pairs of arrays are over twice their objective."""
    lab.begin("lagging")
    lag = {"alertname": "ReplicationBehind", "severity": "critical", "scope": "relationship"}
    home = "nyc-prod:/home->sfo-dr:/replicas/home"
    for relationship, array, source, target in (
        (home, "nyc-prod", "nyc-prod /home/?", "sfo-dr /replicas/home/?"),
        ("mail", "k2-ams", r"k2-ams mail-vg", r"k2-fra mail-vg"),
    ):
        _, alert = pages(lab, f"a page for {relationship}", PATIENCE, "firing", relationship=relationship, array=array, **lag)
        assert alert["labels"]["pair"]
        name = re.escape(relationship)
        expect_text(
            alert,
            f"{name}: behind by over 2 objectives",
            rf"The recovery point of {name} is {DURATION} old(, {DURATION} of which do not count [^;]*)?; its objective is {DURATION}\. "
            rf"Behind since {MOMENT}\. Seen by {array}\. Source {source}\. Target {target}\.",
        )
    # A pair pages once: nobody has a ticket for it beside the page.
    pair = pages(lab, "the page", 1, "firing", relationship=home, **lag)[1]["labels"]["pair"]
    muted(lab, alertname=lag["alertname"], severity="warning", pair=pair)
    mailed(lab, alert)
    # Of all relationships, and so of none; Enterprise Manager's are within their objective.
    only_pages(lab, lambda it: it["alertname"] == "ReplicationBudgetBurnsFast" or (
        it["alertname"] == lag["alertname"] and it["array"] in ("nyc-prod", "k2-ams")))

    since = time.time()
    lab.resimulate("default")
    pages(lab, "the end of it", PATIENCE, "resolved", since, relationship=home, **lag)


def data_at_risk(lab):
    """A drive of the second cluster has failed; protection is restored after 21 minutes."""
    lab.begin("data-at-risk")
    risk = {"alertname": "StorageDataAtRisk", "array": "sfo-dr", "scope": "array"}
    _, alert = pages(lab, "a page for sfo-dr", PATIENCE, "firing", severity="critical", **risk)
    expect_text(
        alert,
        "sfo-dr: data at risk",
        rf"sfo-dr \(qumulo\) says that some of its data is not fully protected, for {DURATION} \(since {MOMENT}\)\. "
        r"It still tolerates 1 drive and 0 node failures\..*",
    )
    mailed(lab, alert)
    pages(lab, "the end of it", PATIENCE, "resolved", severity="critical", **risk)
    lab.wait("a mail that says so", lambda: lab.inbox.mail_to("storage-on-call@", "Resolved:", "sfo-dr"), PATIENCE)
    only_pages(lab, lambda it: it["alertname"] == "StorageDataAtRisk" and it["array"] == "sfo-dr")


def source_lost(lab):
    """The first array of each pair goes away after 5 minutes. It pages, and keeps paging until the array is back."""
    # After a restart Enterprise Manager is heard later than these fast rules allow.
    lab.without_veeam = True
    lab.begin("source-lost")
    lost = ("nyc-prod", "k2-ams")
    down = {"alertname": "StorageArrayDown", "severity": "critical", "scope": "array"}
    fault = 5 * 60 / FACTOR
    # As the rules say: stale_after, 3 minutes of `for`, half a minute of group_wait.
    expected = fault + STALE_AFTER + (3 * 60 + 30) / FACTOR
    for array, vendor in zip(lost, ("qumulo", "kaminario")):
        at, alert = pages(lab, f"a page for {array}", expected + PATIENCE, "firing", array=array, **down)
        took = at - lab.started
        lab.say(f"{array} was lost after {fault:.0f} s; the page came after {took:.0f} s, about {expected:.1f} s were expected")
        assert at > lab.started + fault, f"{array} was paged before it was lost"
        assert at < lab.simulated + expected + PATIENCE / 2, f"the page for {array} is late"
        expect_text(
            alert,
            f"{array}: out of reach",
            rf"No exporter reaches {array} \({vendor}\); the reason of the last failure: (connect|timeout)\. Last word from it: {MOMENT}\. "
            r"Of the relationships that it speaks for, (\d+|none) are behind their objective; "
            r"their lag keeps growing from the last known recovery points\.",
        )

    # The exporter crashes, and knows the array only from its state file.
    first_page, first = lab.inbox.paged("firing", array="nyc-prod", **down)[0]
    lab.wait("the facts are on disk", lambda: (lab.folder / "facts.json").exists(), PATIENCE)
    lab.kill("exporter")
    lab.until_it_is_noticed()
    lab.export()
    restarted = time.time()
    # Longer than anything that bridges a gap, which is 5 minutes twice, and one `for`.
    forgotten = restarted + (5 + 5 + 3) * 60 / FACTOR
    lab.wait("what bridges a gap is over", lambda: time.time() > forgotten, PATIENCE)
    repeat = 3600 / FACTOR
    at, alert = pages(lab, "the page again", repeat + PATIENCE, "firing", forgotten, array="nyc-prod", **down)
    assert alert["startsAt"] == first["startsAt"], "it is another alert: the first one had ended"
    lab.say(f"the exporter was restarted {restarted - first_page:.0f} s after the page, which came again after {at - first_page:.0f} s")

    # By now the recovery points are over the objective, which the page says, and which has no page of its own.
    def says_how_many():
        found = lab.inbox.paged("firing", restarted, array="nyc-prod", **down)
        return [alert for _, alert in found if re.search(r"speaks for, [1-9]", alert["annotations"]["description"])]

    mailed(lab, lab.wait("the page says how many relationships are over their objective", says_how_many, repeat + PATIENCE)[0])
    muted(lab, alertname="ReplicationBehind", array="nyc-prod")
    assert not lab.inbox.paged("resolved", **down), "called over while the array was away"
    # Of all relationships, and so of none.
    only_pages(lab, lambda it: it["alertname"] == "ReplicationBudgetBurnsFast" or (
        it["alertname"] == "StorageArrayDown" and it["array"] in lost))

    lab.resimulate("default")
    for array in lost:
        pages(lab, f"the end of it for {array}", PATIENCE, "resolved", array=array, **down)


def show(lab, say):
    """Every alert that arrived at the webhook, as it first did."""
    shown = set()
    for at, alert in lab.inbox.alerts():
        labels = alert["labels"]
        key = (alert["status"], labels["alertname"], labels["severity"], labels.get("array"), labels.get("pair"))
        if key in shown:
            continue
        shown.add(key)
        names = " ".join(f"{name}={labels[name]}" for name in ("severity", "scope", "array", "relationship") if name in labels)
        say(f"webhook, after {at - lab.begun:.0f} s: {alert['status']} {labels['alertname']} {names}")
        if alert["status"] == "firing":
            say(f"    {alert['annotations']['summary']}")
            say(f"    {alert['annotations']['description']}")


SCENARIOS = {"lagging": lagging, "data-at-risk": data_at_risk, "source-lost": source_lost}


class Run(threading.Thread):
    """One story, in a thread of its own; says at once what happens, and everything at the end."""

    def __init__(self, name, binary, folder, rules):
        super().__init__(name=name)
        self.arguments = (folder / name, binary, rules)
        self.failed = None

    def say(self, *words, sep=" "):
        for line in sep.join(str(word) for word in words).splitlines():
            print(f"{self.name}: {line}", flush=True)

    def run(self):
        try:
            with Lab(*self.arguments, self.say) as lab:
                lab.begun = time.time()
                try:
                    SCENARIOS[self.name](lab)
                finally:
                    show(lab, self.say)
                self.say(f"passed, {time.time() - lab.begun:.0f} s")
        # Whatever it is: nobody else would hear of it.
        except Exception as error:
            self.failed = error
            self.say(*traceback.format_exc().splitlines(), f"FAILED: {type(error).__name__} {error}", sep="\n")


def main(binary, names):
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, lambda *_: stop.set())
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        shorten.main(folder / "rules")
        runs = [Run(name, binary, folder, folder / "rules") for name in names]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        return any(run.failed for run in runs)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2:] or list(SCENARIOS)))
