#!/usr/bin/env python3
"""Checks the dashboards against Grafana's own types, `@grafana/schema` of every version that they are for, with the TypeScript
compiler: every key is known and every value is one that Grafana knows, in the dashboard, and in the options and fields of
each kind of panel.

Installs them, in the versions of schema/package-lock.json, into target/dashboards-schema. Needs npm.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import dashboard as boards
from prometheus import ROOT

FOLDER = ROOT / "target/dashboards-schema"
# Where Grafana's types of a panel are: its folder, and whether its fields have settings of their own.
PANELS = {
    "stat": ("stat", "Stat", False),
    "timeseries": ("timeseries", "TimeSeries", True),
    "table": ("table", "Table", True),
    "state-timeline": ("statetimeline", "StateTimeline", True),
    "bargauge": ("bargauge", "BarGauge", False),
}
# Enums are their words in JSON.
HEAD = """\
type Json<T> = T extends string ? `${T}` : T extends (infer U)[] ? Json<U>[]
  : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
// What Grafana itself writes and its types do not know: the id of a dashboard that is new, and of Prometheus's annotations
// and variables some keys.
type Annotation = Json<AnnotationQuery> & { expr?: string; step?: string; tagKeys?: string; textFormat?: string;
  titleFormat?: string; useValueForTime?: boolean };
type Variable = Json<VariableModel> & { definition?: string };
type Head = Json<Omit<Dashboard, "id" | "panels" | "annotations" | "templating">> & { id: null;
  annotations: { list: Annotation[] }; templating: { list: Variable[] } };
"""
COMPILER = {"noEmit": True, "strict": True, "skipLibCheck": True, "target": "es2022", "module": "esnext", "moduleResolution": "bundler"}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(Path(__file__).parent / "schema" / name, FOLDER)
    subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=FOLDER, check=True)
    versions = [name for name in json.loads((FOLDER / "package.json").read_text())["dependencies"] if name.startswith("grafana-")]
    status = 0
    for version in versions:
        (FOLDER / f"{version}.ts").write_text("\n".join(source(version)))
        # Its types of panels ask for the package by its own name.
        paths = {"@grafana/schema": [f"./node_modules/{version}"]}
        project = {"compilerOptions": COMPILER | {"paths": paths}, "files": [f"{version}.ts"]}
        (FOLDER / f"{version}.json").write_text(json.dumps(project))
        done = subprocess.run(["node_modules/.bin/tsc", "--project", f"{version}.json"], cwd=FOLDER)
        print(f"{version}:", "as its types have it" if done.returncode == 0 else "FAILED")
        status |= done.returncode
    sys.exit(status)


def types(version, old, new):
    """The module of a type, which moved with Grafana 12."""
    for path in (f"esm/raw/{old}_types.gen", f"types/raw/{new}/types.gen"):
        if (FOLDER / f"node_modules/{version}/dist/{path}.d.ts").exists():
            return f"./node_modules/{version}/dist/{path}"
    raise SystemExit(f"{version} has no {old}")


def source(version):
    dashboard_types = types(version, "dashboard/x/dashboard", "dashboard/x")
    yield f'import type {{ AnnotationQuery, Dashboard, Panel, RowPanel, VariableModel }} from "{dashboard_types}";'
    yield HEAD
    for folder, name, has_fields in PANELS.values():
        place = f"composable/{folder}/panelcfg/x"
        yield f'import type * as {name} from "{types(version, f"{place}/{name}PanelCfg", place)}";'
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
