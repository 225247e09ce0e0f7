#!/usr/bin/env python3
"""Checks the dashboards against Grafana's own types, `@grafana/schema`, with the TypeScript compiler: every key is known and
every value is one that Grafana knows, in the dashboard, and in the options and fields of each kind of panel.

Installs both, in the versions of schema/package-lock.json, into target/dashboards-schema. Needs npm.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import dashboard as boards
from prometheus import ROOT

FOLDER = ROOT / "target/dashboards-schema"
TYPES = "@grafana/schema/dist/esm/raw"
# Where Grafana's types of a panel are: its folder, and whether its fields have settings of their own.
PANELS = {
    "stat": ("stat", "Stat", False),
    "timeseries": ("timeseries", "TimeSeries", True),
    "table": ("table", "Table", True),
    "state-timeline": ("statetimeline", "StateTimeline", True),
    "bargauge": ("bargauge", "BarGauge", False),
}
# Enums are their words in JSON.
HEAD = f"""\
import type {{ AnnotationQuery, Dashboard, Panel, RowPanel, VariableModel }} from "{TYPES}/dashboard/x/dashboard_types.gen.d.ts";
type Json<T> = T extends string ? `${{T}}` : T extends (infer U)[] ? Json<U>[]
  : T extends object ? {{ [K in keyof T]: Json<T[K]> }} : T;
// What Grafana itself writes and its types do not know: the id of a dashboard that is new, and of Prometheus's annotations
// and variables some keys.
type Annotation = Json<AnnotationQuery> & {{ expr?: string; step?: string; tagKeys?: string; textFormat?: string;
  titleFormat?: string; useValueForTime?: boolean }};
type Variable = Json<VariableModel> & {{ definition?: string }};
type Head = Json<Omit<Dashboard, "id" | "panels" | "annotations" | "templating">> & {{ id: null;
  annotations: {{ list: Annotation[] }}; templating: {{ list: Variable[] }} }};
"""
COMPILER = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"]


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(Path(__file__).parent / "schema" / name, FOLDER)
    subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=FOLDER, check=True)
    (FOLDER / "dashboards.ts").write_text("\n".join(source()))
    done = subprocess.run(["node_modules/.bin/tsc", *COMPILER, "dashboards.ts"], cwd=FOLDER)
    print("dashboards.ts:", "as Grafana's types have it" if done.returncode == 0 else "FAILED")
    sys.exit(done.returncode)


def source():
    yield HEAD
    for folder, name, has_fields in PANELS.values():
        yield f'import type * as {name} from "{TYPES}/composable/{folder}/panelcfg/x/{name}PanelCfg_types.gen.d.ts";'
    for name in boards.NAMES:
        dashboard = boards.load(name)
        rows = [panel for panel in dashboard["panels"] if panel["type"] == "row"]
        rest = {key: value for key, value in dashboard.items() if key != "panels"}
        yield f"const {name}: Head = {text(rest)};"
        yield f"const {name}_rows: Json<RowPanel>[] = {text(rows)};"
        for panel in boards.panels(dashboard):
            _, kind, has_fields = PANELS[panel["type"]]
            const = f"{name}_{panel['id']}"
            yield f"const {const}: Json<Panel> = {text(panel)};"
            yield f"const {const}_options: Partial<Json<{kind}.Options>> = {text(panel['options'])};"
            if has_fields:
                custom = panel["fieldConfig"]["defaults"]["custom"]
                yield f"const {const}_fields: Partial<Json<{kind}.FieldConfig>> = {text(custom)};"


def text(value):
    return json.dumps(value, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
