#!/usr/bin/env python3
"""The cross-check of alert rules, tests, runbooks, dashboards and the catalogue. Lists everything that it finds at once:

- alerts without a label, an annotation, a runbook or one of the three tests; runbooks and tests of no alert;
- rules that remember: that read their own output, look back over more than 5 minutes but for rates and the windows of the
  budget, or wait for more than an hour by `for`;
- what of the mixin's configuration does not reach every rule;
- names in rules and dashboards that are neither in the catalogue nor recorded;
- recorded series and families of the catalogue that nothing uses.

Needs PyYAML and the exporter's binary (--binary).
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from cases import CASES
from run import ROOT, TEXTS, load_rules

# What Prometheus itself adds, and what every exporter has.
BUILT_IN = re.compile(r"up|ALERTS|ALERTS_FOR_STATE|scrape_\w+|process_\w+")

# Families that neither an alert nor a dashboard uses, and why they are exposed all the same.
UNUSED = {
    "replication_exporter_http_requests_total": "who asks the exporter's own port for what, for queries of one's own",
    "replication_exporter_http_request_duration_seconds": "how slow its own port is; Prometheus has scrape_duration_seconds",
    "storage_replication_job_deleted_bytes": "the files deleted tell whether the job moves; bytes complete the families",
    "storage_replication_snapshot_lock": "a setting of the target, for reports on compliance",
    "storage_restriper_coordinator_node": "names the node whose log to read; no graph of it says anything",
    "storage_poll_interval_seconds": "what stale_after and the age of a reading are compared with by hand",
    "storage_replication_has_recovery_point": "the standing no_copy says it; for queries of one's own",
}

SEVERITIES, SCOPES = ("critical", "warning", "info"), ("relationship", "array", "fleet", "exporter")
KEYWORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan", "atan2", "on", "ignoring", "by", "without",
            "group_left", "group_right"}


def names_in(promql):
    """The series that a PromQL expression selects."""
    text = re.sub(r"\$\{[^}]*\}|\$\w+", " ", promql)  # Grafana's variables
    text = re.sub(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'', " ", text)
    text = re.sub(r"\{[^{}]*\}|\[[^\]]*\]|#.*", " ", text)
    text = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", text)
    text = re.sub(r"\boffset\s+-?\w+", " ", text)
    found = re.findall(r"(?<![\w:.])([a-zA-Z_:][\w:]*)(?![\w:])(?!\s*\()", text)
    return {name for name in found if name.lower() not in KEYWORDS}


def names_in_template(text):
    """Those of the queries in an annotation."""
    return {name for query in re.findall(r"`([^`]*)`", text) for name in names_in(query)}


def names_in_dashboard(node, key=""):
    """Those of every expression and variable of a dashboard, wherever they stand."""
    if isinstance(node, dict):
        return set().union(*(names_in_dashboard(value, name) for name, value in node.items()))
    if isinstance(node, list):
        return set().union(*(names_in_dashboard(value, key) for value in node))
    if not isinstance(node, str):
        return set()
    if key == "expr":
        return names_in(node)
    asked = re.fullmatch(r"\s*(?:label_values|query_result)\((.*?)(?:,\s*\w+\s*)?\)\s*", node, re.DOTALL)
    return names_in(asked[1]) if asked and key in ("query", "definition", "expr") else set()


def alerts_are_complete(alerts):
    tested = {}
    for case in CASES:
        tested.setdefault((case.alert, case.severity), []).append(case)
    for rule in alerts:
        name, labels, annotations = rule["alert"], rule.get("labels", {}), rule.get("annotations", {})
        where = f"{name} {labels.get('severity')}"
        if labels.get("severity") not in SEVERITIES:
            yield f"{where}: severity is none of {', '.join(SEVERITIES)}"
        if labels.get("scope") not in SCOPES:
            yield f"{where}: scope is none of {', '.join(SCOPES)}"
        for annotation in ("summary", "description", "runbook_url", "dashboard"):
            if not annotations.get(annotation):
                yield f"{where}: no {annotation}"
        if annotations.get("runbook_url") != f"docs/runbooks/{name}.md":
            yield f"{where}: runbook_url is not docs/runbooks/{name}.md"
        cases = tested.pop((name, labels.get("severity")), [])
        if not any(case.shown for case in cases):  # each case with one is also a test that it survives
            yield f"{where}: no test that it fires and survives"
        if not any(case.near for case in cases):
            yield f"{where}: no near miss"
    for alert, severity in tested:
        yield f"tests of {alert} {severity}, which is no alert"
    titles, texts = {case.title for case in CASES if case.shown}, yaml.safe_load(TEXTS.read_text())
    for title in titles ^ set(texts):
        yield f"{TEXTS.name} and cases.py differ about {title}"
    for title, shown in texts.items():
        if not shown:
            yield f"{TEXTS.name}: nothing is shown for {title}"


def runbooks_fit(alerts):
    have = {path.stem for path in (ROOT / "docs/runbooks").glob("*.md")} - {"README"}
    want = {rule["alert"] for rule in alerts}
    yield from (f"no docs/runbooks/{name}.md" for name in sorted(want - have))
    yield from (f"docs/runbooks/{name}.md is of no alert" for name in sorted(have - want))


def names_fit(rules, catalogue):
    uses = {}  # name -> where
    for rule in rules:
        where = rule.get("record") or rule["alert"]
        used = names_in(rule["expr"])
        for text in rule.get("annotations", {}).values():
            used |= names_in_template(text)
        for name in used - {rule.get("record")}:
            uses.setdefault(name, where)
    for path in sorted((ROOT / "deploy/grafana").glob("*.json")):
        for name in names_in_dashboard(json.loads(path.read_text())):
            uses.setdefault(name, path.name)
    recorded = {rule["record"] for rule in rules if "record" in rule}
    for name, where in sorted(uses.items()):
        if name not in catalogue and name not in recorded and not BUILT_IN.fullmatch(name):
            yield f"{where}: {name} is neither in the catalogue nor recorded"
    yield from (f"{name} is recorded, but nothing uses it" for name in sorted(recorded - set(uses)))
    unused = catalogue - set(uses)
    yield from (f"{name} is exposed, but nothing uses it" for name in sorted(unused - set(UNUSED)) if not BUILT_IN.fullmatch(name))
    yield from (f"{name} is an exception that is none" for name in sorted(set(UNUSED) - unused))


RATES = r"(?:delta|deriv|rate|increase)\(|(?:avg|last)_over_time\(fleet:"


def minutes(duration):
    return sum(int(number) * {"s": 1 / 60, "m": 1, "h": 60, "d": 1440}[unit] for number, unit in re.findall(r"(\d+)([smhd])", duration))


def rules_remember_nothing(rules):
    for rule in rules:
        where, expr = rule.get("record") or rule["alert"], rule["expr"]
        if rule.get("record") in names_in(expr):
            yield f"{where} reads its own output"
        for found in re.finditer(r"\[(\w+)[\]:]", expr):
            if minutes(found[1]) > 5 and not re.search(rf"(?:{RATES})[^()]*$", expr[:found.start()]):
                yield f"{where} looks back over {found[1]}, and that is no rate"
        if minutes(rule.get("for", "0m")) > 60:
            yield f"{where} waits for {rule['for']}: compare with a since-time"


def the_configuration_reaches_every_rule():
    """With a selector, labels of arrays and bases of links."""
    config = """{ selector: 'cluster="x"', ownerLabels: ['owner'], runbookUrl: 'https://r/runbooks', dashboardUrl: 'https://g' }"""
    program = f"local mixin = (import 'mixin.libsonnet') + {{ _config+:: {config} }}; mixin.prometheusRules.groups + mixin.prometheusAlerts.groups"
    done = subprocess.run(["jsonnet", "-J", ROOT / "deploy/mixin", "-e", program], check=True, capture_output=True, text=True)
    groups = json.loads(done.stdout)
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"groups": groups}, file)
        file.flush()
        said = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True, check=False)
    if said.returncode:
        yield f"with everything set: {said.stdout}{said.stderr}"
    for rule in (rule for group in groups for rule in group["rules"]):
        where, annotations = rule.get("record") or rule["alert"], rule.get("annotations", {})
        for text in [rule["expr"], *re.findall(r"`([^`]*)`", " ".join(annotations.values()))]:
            # Names in label lists and of labels do not begin so; what is recorded has a `:` before it.
            for found in re.finditer(r"(?<![\w:])(?:storage|replication_exporter)_\w+(?!\w)(.{0,20})", text):
                if not found[1].startswith('{cluster="x"'):
                    yield f"{where}: {found[0]} without the selector"
        if annotations and not (annotations["runbook_url"] == f"https://r/runbooks/{where}.md" and annotations["dashboard"].startswith("https://g/d/")):
            yield f"{where}: its links are not absolute"
        if rule.get("labels", {}).get("scope") in ("relationship", "array") and not re.search(r"group_left \([^)]*\bowner\b", rule["expr"]):
            yield f"{where}: without the label of its array"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=ROOT / "target/debug/replication_exporter")
    options = parser.parse_args()
    said = subprocess.run([options.binary, "catalogue", "--format", "json"], capture_output=True, text=True, check=True)
    catalogue = {family["name"] for family in json.loads(said.stdout)}
    rules = [rule for group in load_rules() for rule in group["rules"]]
    alerts = [rule for rule in rules if "alert" in rule]
    found = [*alerts_are_complete(alerts), *runbooks_fit(alerts), *names_fit(rules, catalogue),
             *rules_remember_nothing(rules), *the_configuration_reaches_every_rule()]
    print("\n".join([*found, f"cross-check: {len(found)} found"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
