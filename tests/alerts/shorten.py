#!/usr/bin/env python3
"""Makes the rules of the mixin 60 times as fast, for the end to end test: every `for`, `keep_firing_for`, range selector and
offset, in expressions and in the queries of annotations, is divided by 60, and so are the thresholds of the mixin that are
times. Objectives stay: they are what the arrays say, and the simulator shortens that. No range is rounded or has a floor: the
shortest is 3m, which becomes 3s, three scrapes at the 1 s of the test.

It checks itself: whatever looks like a duration is found, the shortened rules multiplied by 60 are those of the mixin again,
nothing else changed, and promtool accepts the result.

    shorten.py OUT_DIRECTORY
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import yaml

FACTOR = 60
MIXIN = Path(__file__).resolve().parents[2] / "deploy" / "mixin"
# Of _config.threshold: what is a time, but for what no simulated world shortens.
TIMES = ("noCopyAtLeast", "noCopyWithoutObjective", "noCopyCritical", "notAuthorized", "pauseWithoutObjective", "failedOverInfo",
         "failedOverWarning", "stuckInTransition", "sidesAtLeast", "sidesWithoutObjective", "dataAtRisk", "collectionAtLeast",
         "collectionWithoutObjective")
SHORTEST_RANGE_MS = 2000  # two scrapes
UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000}
DURATION = r"(?:\d+(?:ms|[smhdwy]))+"
# `[5m]`, the halves of `[1h:5m]`, `offset 30m`, and the argument of nothing else.
IN_EXPRESSION = re.compile(rf"(?P<before>\[|:|\boffset\s+-?)(?P<duration>{DURATION})(?=[\]:\s)]|$)")
QUERY = re.compile(r"`[^`]*`")  # in an annotation's template


def milliseconds(duration):
    return sum(int(number) * UNITS_MS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhdwy])", duration))


def spelled(ms):
    """The one spelling of a duration that this script writes."""
    assert ms == int(ms) and ms > 0, f"{ms} ms"
    for unit in ("d", "h", "m", "s"):
        if ms % UNITS_MS[unit] == 0:
            return f"{int(ms // UNITS_MS[unit])}{unit}"
    return f"{int(ms)}ms"


def scaled_expression(text, factor):
    """The expression with every duration times `factor`."""
    return IN_EXPRESSION.sub(lambda it: it["before"] + spelled(milliseconds(it["duration"]) * factor), text)


def scaled_rule(rule, factor):
    rule = dict(rule, expr=scaled_expression(rule["expr"], factor))
    for key in ("for", "keep_firing_for"):
        if key in rule:
            rule[key] = spelled(milliseconds(rule[key]) * factor)
    if "annotations" in rule:
        rule["annotations"] = {
            name: QUERY.sub(lambda query: scaled_expression(query[0], factor), text)
            for name, text in rule["annotations"].items()
        }
    return rule


def scaled(rules, factor):
    assert set(rules) == {"groups"}, f"unknown keys: {set(rules)}"
    groups = []
    for group in rules["groups"]:
        # A limit would have to be thought about here. The interval is left out: the test's own, of 1 s, is that of all.
        assert set(group) <= {"name", "rules", "interval"}, f"unknown keys in group {group['name']}: {set(group)}"
        for rule in group["rules"]:
            strange = set(rule) - {"record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"}
            assert not strange, f"unknown keys in {rule}: {strange}"
        groups.append({"name": group["name"], "rules": [scaled_rule(rule, factor) for rule in group["rules"]]})
    return {"groups": groups}


def every_rule(rules):
    return [rule for group in rules["groups"] for rule in group["rules"]]


def without_strings(text):
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)


def check_all_found(rule):
    """Counts durations in another way than the substitution does: by the brackets and the word offset."""
    annotations = rule.get("annotations", {}).values()
    for text in annotations:
        assert not re.search(rf"\[{DURATION}[\]:]", QUERY.sub("", text)), f"a query that is not between backticks: {text}"
    queries = [query for text in annotations for query in QUERY.findall(text)]
    for text in [rule["expr"], *queries]:
        bare = without_strings(text)
        expected = bare.count("[") + len(re.findall(r"\boffset\b", bare)) + len(re.findall(r"\[[^]]*:\s*\d", bare))
        found = list(IN_EXPRESSION.finditer(text))
        assert len(found) == expected, f"{len(found)} durations found, {expected} there: {text}"
        for one in found:
            short = milliseconds(one["duration"]) / FACTOR
            assert short >= SHORTEST_RANGE_MS or "[" not in one["before"], f"{one['duration']} is too short: {text}"


def check(shipped, short):
    before, after = every_rule(shipped), every_rule(short)
    assert len(before) == len(after) > 0
    for rule in before:
        check_all_found(rule)
    # Both in the one spelling; else `1d` and `24h` would differ.
    assert scaled(short, FACTOR) == scaled(shipped, 1), "the shortened rules times 60 are not the shipped ones"
    durations = sum(rule.get("for") is not None for rule in before)
    assert durations == sum(a.get("for") != b.get("for") for a, b in zip(before, after)), "a `for` was left alone"
    return len(before), durations


def of_the_mixin():
    """Its rules, by file, with the thresholds divided."""
    thresholds = ", ".join(f"{name}: super.{name} / {FACTOR}" for name in TIMES)
    program = "local mixin = (import 'mixin.libsonnet') + { _config+:: { threshold+: { %s } } }; " % thresholds
    program += "{ 'recording.rules.yml': mixin.prometheusRules, 'alerts.rules.yml': mixin.prometheusAlerts }"
    said = subprocess.run(["jsonnet", "-J", MIXIN, "-e", program], check=True, capture_output=True, text=True).stdout
    return json.loads(said)


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    for name, rules in of_the_mixin().items():
        short = scaled(rules, 1 / FACTOR)
        target = out / name
        target.write_text(yaml.safe_dump(short, sort_keys=False, width=10_000))
        count, durations = check(rules, yaml.safe_load(target.read_text()))
        print(f"{name}: {count} rules, {durations} with `for`, all durations divided by {FACTOR}")
    subprocess.run(["promtool", "check", "rules", *sorted(out.glob("*.yml"))], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
