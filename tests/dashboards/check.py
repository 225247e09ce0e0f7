#!/usr/bin/env python3
"""Checks rules and dashboards on a simulated day in a real Prometheus: that page and rules agree (`verdict.py`); the dashboards
as files (`lint.py`), and by asking every query of every panel, annotation and variable. An error fails, and so does an answer
that stays empty, unless it is explained below.

Needs target/tmp/day, which the test `a_day_of_incidents` writes, and prometheus and promtool.
"""

import re
import sys

import dashboard as boards
import lint
import rules
import verdict
from prometheus import BEGIN, END, Prometheus, QueryError

HOUR = 3600
# "Now" in the middle of each incident, and at the end of the day.
MOMENTS = [BEGIN + int(hours * HOUR) for hours in (0.5, 4.8, 7.5, 10.8, 15.9, 17.9, 19.5)] + [END]

# Dashboard, panel and refId of a query that may stay empty, and why.
EXPLAINED = {
    ("exporter", "Duration of polls", "B"): "no poll takes longer than its interval",
    ("exporter", "Configuration and state", "C"): "this exporter has no state file",
    ("overview", "Restriper", "B"): "no restriper is blocked on that day",
}

# What somebody picks. None is All. The pairs are looked up by the relationship's name.
ARRAYS = ["em1", "k2-ams", "k2-fra", "nyc-prod", "sfo-dr"]
EVERYTHING = {"array": None, "standing": None, "relationship": None, "section": None, "instance": None}
CHOICES = {
    "overview": [
        EVERYTHING,
        EVERYTHING | {"array": ["k2-ams", "em1"], "standing": ["protected", "stopped"]},
        EVERYTHING | {"relationship": ['Önskejobb – Malmö_clone1 /Ünï "the first"']},
    ],
    "relationship": [
        EVERYTHING | {"name": name}
        for name in (
            "nyc-prod:/home->sfo-dr:/replicas/home",
            "nyc-prod:/nightly->sfo-dr:/replicas/nightly",
            "nyc-prod:/projects->sfo-dr:/replicas/projects",
            "far-away",
            'Önskejobb – Malmö_clone1 /Ünï "the first"',
        )
    ],
    "readiness": [EVERYTHING, EVERYTHING | {"array": ["k2-ams"]}],
    "exporter": [EVERYTHING, EVERYTHING | {"array": ["k2-fra"], "section": ["replication", "rounds"]}],
}

# What must be read at an hour of the day: in which panel, and the labels or the value of one of its series.
TOLD = [
    (0.5, "overview", "Arrays that need somebody", {"array": "sfo-dr", "what": "data at risk since"}),
    (0.5, "overview", "Arrays", {"legend": "at risk", "value": 1}),
    (4.8, "overview", "Relationships by standing", {"legend": "no copy", "value": 2}),
    (4.8, "overview", "Relationships by standing", {"legend": "behind", "value": 1}),
    (7.5, "overview", "Relationships, worst first", {"reason": "failed_over"}),
    (10.8, "overview", "Arrays", {"legend": "down", "value": 1}),
    (10.8, "overview", "Arrays that need somebody", {"array": "nyc-prod", "what": "down, last heard", "why": "connect"}),
    (10.8, "overview", "Alerts that fire", {"alertname": "StorageArrayDown", "array": "nyc-prod"}),
    (17.9, "overview", "Arrays that need somebody", {"array": "k2-fra", "what": "down, last heard", "why": "auth"}),
    (19.5, "overview", "Arrays that need somebody", {"array": "k2-ams", "what": "clock is wrong, now"}),
    (23.9, "readiness", "Without a copy now", {"value": 2}),
]


class Failures(list):
    used = set()

    def add(self, *words):
        failure = ": ".join(words)
        if failure not in self:
            self.append(failure)
            print("FAILED", failure)


def main():
    sys.stdout.reconfigure(line_buffering=True)
    failures = Failures()
    for finding in lint.findings():
        failures.add(finding)
    with Prometheus() as prometheus:
        rules.live(prometheus)
        differences, compared = verdict.findings(prometheus)
        for difference in differences[:20]:
            failures.add(difference)
        asked = sum(check(prometheus, name, failures) for name in boards.NAMES)
        for hours, name, title, wanted in TOLD:
            told = list(read(prometheus, name, title, BEGIN + int(hours * HOUR)))
            if not any(wanted.items() <= each.items() for each in told):
                failures.add(name, title, f"at {hours} h: no {wanted} in {told}")
    for explained in EXPLAINED.keys() - Failures.used:
        failures.add(*explained, "is explained, but not empty")
    print(f"{compared} verdicts, {len(differences)} differ; {asked} queries; {len(failures)} failures")
    sys.exit(bool(failures))


def read(prometheus, name, title, at):
    """Labels, legend and value of each series in a panel."""
    for panel in boards.panels(boards.load(name)):
        if panel["title"] == title:
            for target in panel["targets"]:
                for labels, value in prometheus.instant(boards.fill_in(target["expr"], EVERYTHING), at):
                    yield labels | {"legend": target["legendFormat"], "value": value}


def check(prometheus, name, failures):
    dashboard = boards.load(name)
    choices = [choose(prometheus, dashboard, choice, failures) for choice in CHOICES[name]]
    allowed = [picked(prometheus, choice) for choice in choices]
    asked = 0
    for panel in boards.panels(dashboard):
        fields = set()
        for target in panel["targets"]:
            where = (name, panel["title"], target["refId"])
            found, labels = 0, set()
            for choice, pairs in zip(choices, allowed):
                answer = ask(prometheus, target, choice, where, failures)
                found += len(answer)
                labels |= {label for series in answer for label in series}
                # What the choice does not leave must not be there. A relationship has another array on its other side.
                outside = {series.get("pair") for series in answer} - pairs - {None}
                if name == "exporter":
                    outside |= {series.get("array") for series in answer} - {None, *(choice["array"] or ARRAYS)}
                if not target["instant"]:
                    for twice in drawn_twice(target, answer):
                        failures.add(*where, f"two lines are called {twice}")
                if outside:
                    failures.add(*where, f"not picked, but there: {sorted(outside)}")
                asked += 1
            expect(where, found, failures)
            fields |= labels | {"Value", f"Value #{target['refId']}"}
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                if found and label not in labels:
                    failures.add(*where, f"the legend's {label} is no label of any series")
        for wanted in columns(panel):
            if wanted not in fields:
                failures.add(name, panel["title"], f"the column {wanted} is in no answer")
    for annotation in boards.annotations(dashboard):
        where = (name, "annotation", annotation["name"])
        target = {"expr": annotation["expr"], "instant": False}
        found = sum(len(ask(prometheus, target, choice, where, failures)) for choice in choices)
        asked += len(choices)
        expect(where, found, failures)
    return asked


def ask(prometheus, target, choice, where, failures):
    """The labels of each series of the answers."""
    try:
        query = boards.fill_in(target["expr"], choice)
        if target["instant"]:
            return [labels for at in MOMENTS for labels, _ in prometheus.instant(query, at)]
        return [labels for labels, _ in prometheus.range(query, BEGIN, END, boards.STEP)]
    except (QueryError, KeyError) as error:
        failures.add(*where, str(error))
        return []


def expect(where, found, failures):
    if found:
        return
    if where in EXPLAINED:
        Failures.used.add(where)
    else:
        failures.add(*where, "the answer is always empty")


def drawn_twice(target, answer):
    """Names of more than one series, unless they are of different relationships."""
    seen = set()
    for labels in answer:
        name = boards.shown_name(target, labels)
        if (name, labels.get("pair")) in seen:
            yield name
        seen.add((name, labels.get("pair")))


def columns(panel):
    """The fields that a table picks."""
    for each in panel.get("transformations", []):
        if each["id"] == "filterFieldsByName":
            yield from each["options"]["include"]["names"]


def picked(prometheus, choice):
    """The pairs that a choice leaves."""
    query = "last_over_time(storage_replication_relationship_info{array=~`${array:regex}`}[5m])"
    for label in {"relationship", "pair"} & choice.keys():
        query += f" and on (pair) pair:storage_replication_relationship_info:topk{{{label}=~`${{{label}:regex}}`}}"
    query = boards.fill_in(query, choice)
    return {labels["pair"] for at in MOMENTS for labels, _ in prometheus.instant(query, at)}


def choose(prometheus, dashboard, choice, failures):
    """What is picked, after every variable has shown that it offers it."""
    choice = dict(choice)
    for variable in boards.variables(dashboard):
        name, title = variable["name"], dashboard["title"]
        offered = boards.values_of(prometheus, variable, choice, END)
        if not offered:
            failures.add(title, f"variable {name}", "offers nothing")
        if name == "pair":
            wanted = [value for text, value in offered if text == choice["name"]]
            if len(wanted) != 1:
                failures.add(title, f"variable {name}", f"offers {choice['name']} {len(wanted)} times: {offered}")
            choice[name] = wanted[:1]
        elif missing := set(choice.get(name) or []) - {value for _, value in offered}:
            failures.add(title, f"variable {name}", f"does not offer {missing}")
    return choice


if __name__ == "__main__":
    main()
