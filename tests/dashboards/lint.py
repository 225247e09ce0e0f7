"""What a dashboard must be before anybody asks its queries: the rules of dashboard-linter, and our own.

Of dashboard-linter's, left out are `template-job-rule` and `template-instance-rule`: what is shown is the same whichever
exporter was asked, which is the point of the recording rules.
"""

import json
import re

import yaml

from dashboard import FOLDER, NAMES, annotations, load, panels, used_variables, variables
from prometheus import ROOT

ALERTS = ROOT / "deploy/prometheus/alerts.rules.yml"
CORE_PANELS = {"stat", "timeseries", "table", "state-timeline", "bargauge"}
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# Words: in a range two of them overlap, so they can be counted there, not shown.
WORDS = r"(?:storage_(?:replication_(?:standing|rpo_exempt|health|state|last_job_result)|poll_last_failure|restriper_\w+e)|pair:\w+:word)"
BUILT_IN = {"__rate_interval", "__interval", "__range", "__all"}


def findings():
    # What a link may set: the variables of each dashboard.
    targets = {load(name)["uid"]: {each["name"] for each in variables(load(name))} for name in NAMES}
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        for rule in (rule for rule in group["rules"] if "alert" in rule):
            yield from of_link(rule["annotations"]["dashboard"], targets)
    for name in NAMES:
        text = (FOLDER / f"{name}.json").read_text()
        dashboard = json.loads(text)
        for finding in of_dashboard(dashboard, text, targets, f"storage-replication-{name}"):
            yield f"{name}: {finding}"


def of_dashboard(dashboard, text, targets, uid):
    if dashboard["uid"] != uid:
        yield f"uid is not {uid}"
    if dashboard["id"] is not None:
        yield "id is not null"
    if dashboard["schemaVersion"] < 36:
        yield "schemaVersion is too old for data sources by uid"
    for key in ("title", "description", "tags", "time", "timezone", "refresh", "version"):
        if key not in dashboard:
            yield f"no {key}"
    yield from of_variables(dashboard)
    for link in re.findall(r'"url": "([^"]*)"', text):
        yield from of_link(link, targets)
    for each in annotations(dashboard):
        if each["datasource"] != DATASOURCE:
            yield f"annotation {each['name']}: another data source"
        yield from of_query(f"annotation {each['name']}", each["expr"])
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(ids) != len(set(ids)):
        yield "panel ids are not unique"
    yield from overlaps(dashboard)
    for panel in panels(dashboard):
        for finding in of_panel(panel):
            yield f"{panel['title']}: {finding}"


def of_link(link, targets):
    match = re.match(r"/d/([\w-]+)", link)
    if not match or match[1] not in targets:
        yield f"link to no dashboard of ours: {link}"
        return
    for name in re.findall(r"[?&]var-(\w+)=|\$\{(\w+):queryparam\}", link):
        if not set(name) & targets[match[1]]:
            yield f"link sets a variable that is not there: {link}"


def of_variables(dashboard):
    first = variables(dashboard)[0]
    if (first["type"], first["name"], first["query"]) != ("datasource", "datasource", "prometheus"):
        yield "the first variable is not the data source"
    defined = {variable["name"] for variable in variables(dashboard)}
    # A variable may be used by another one only.
    used = used_variables(json.dumps(dashboard)) - BUILT_IN
    if used != defined:
        yield f"variables used are {sorted(used)}, defined are {sorted(defined)}"
    for variable in variables(dashboard):
        if not variable.get("label"):
            yield f"variable {variable['name']}: no label"
        if variable["type"] == "query":
            if variable["datasource"] != DATASOURCE:
                yield f"variable {variable['name']}: another data source"
            if variable["refresh"] != 2:
                yield f"variable {variable['name']}: is not loaded anew when the time range changes"
        if variable["multi"] and variable.get("allValue") != ".*":
            yield f"variable {variable['name']}: All is not .*, which would make queries of thousands of names"


def of_panel(panel):
    if panel["type"] not in CORE_PANELS:
        yield f"{panel['type']} is no panel that Grafana has had since 10"
    for key in ("title", "description", "targets"):
        if not panel.get(key):
            yield f"no {key}"
    if panel["datasource"] != DATASOURCE:
        yield "another data source"
    defaults = panel["fieldConfig"]["defaults"]
    if not defaults.get("unit"):
        yield "no unit"
    if not defaults.get("thresholds", {}).get("steps"):
        yield "no thresholds"
    if "noValue" not in defaults:
        yield "does not say what no value means"
    refs = [target["refId"] for target in panel["targets"]]
    if len(refs) != len(set(refs)):
        yield "refIds are not unique"
    for target in panel["targets"]:
        if target["datasource"] != DATASOURCE:
            yield f"{target['refId']}: another data source"
        if target["instant"] == target["range"]:
            yield f"{target['refId']}: neither instant nor range"
        yield from of_query(target["refId"], target["expr"])


def of_query(where, expr):
    for window in re.findall(r"\brate\((?:\{[^}]*\}|[^\[{])*\[([^\]]*)\]", expr):
        if window != "$__rate_interval":
            yield f"{where}: rate over {window} instead of $__rate_interval"
    for counter in re.finditer(r"\b[a-z_]+_total\b", expr):
        if not re.search(r"\b(rate|increase)\(\s*$", expr[: counter.start()]):
            yield f"{where}: {counter[0]} is a counter and neither rate nor increase"
    for word in re.finditer(rf"(\w+)\(\s*({WORDS})(?:\{{[^}}]*\}})?\[", expr):
        if word[1] != "count_over_time":
            yield f"{where}: {word[2]} is a word, and read over a range"
    if re.search(r"\$\w+", re.sub(r"\$__(rate_interval|range)", "", expr)) or '"$' in expr:
        yield f"{where}: a variable that is not `${{name:regex}}`"


def overlaps(dashboard):
    taken = {}
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            yield f"{panel['title']}: wider than the grid"
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if (x, y) in taken:
                    yield f"{panel['title']} lies on {taken[x, y]}"
                    return
                taken[x, y] = panel["title"]
