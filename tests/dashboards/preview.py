#!/usr/bin/env python3
"""Draws each dashboard from the answers to its queries and from its layout, to look at: docs/dashboards/NAME.png.

This is not Grafana. It knows what our panels use of it: positions, types, units, thresholds, mappings, overrides,
transformations. It shows whether the right thing is at the right place and can be read at a glance.

    tests/dashboards/preview.py [--at HH:MM] [--relationship NAME] [--out FOLDER] [--html] [NAME...]

Needs what `check.py` needs, and chromium.
"""

import argparse
import html
import subprocess
import tempfile
from pathlib import Path

import charts
import dashboard as boards
import rules
from fields import Field, join
from picture import shrink
from prometheus import BEGIN, END, ROOT, Prometheus

WIDTH, ROW, GAP = 1480, 38, 8
PICKED = {"array": None, "health": None, "relationship": None, "section": None, "instance": None}

STYLE = """
* { box-sizing: border-box; }
body { margin: 0; background: #111217; color: #ccccdc; font: 12px Inter, "DejaVu Sans", Helvetica, sans-serif; width: %dpx; }
header { padding: 10px 12px 4px; font-size: 17px; color: #fff; }
header small { color: #8e8e99; font-size: 12px; }
.vars { padding: 0 12px 8px; } .vars span { background: #22252b; border: 1px solid #34373f; border-radius: 3px; padding: 2px 7px; margin-right: 6px; }
.vars b { color: #6e9fff; font-weight: 500; }
.grid { position: relative; }
.panel { position: absolute; background: #181b1f; border: 1px solid #2a2d34; border-radius: 3px; overflow: hidden; }
.panel h3 { margin: 0; padding: 5px 8px 2px; font-size: 12px; font-weight: 600; height: 23px; white-space: nowrap; position: relative; z-index: 1; }
.row { position: absolute; font-size: 14px; font-weight: 600; color: #e8e8f0; padding: 8px 10px; }
.stat { position: absolute; inset: 0; padding-top: 23px; display: flex; align-items: center; justify-content: center; font-weight: 600; text-align: center; }
.stat.filled { color: #fff; }
table { border-collapse: collapse; width: 100%%; font-size: 12px; table-layout: fixed; } th { text-align: left; color: #6e9fff; font-weight: 600; }
th, td { padding: 3px 8px; border-bottom: 1px solid #24272e; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; height: 24px; }
.none { position: absolute; inset: 23px 0 0; display: flex; align-items: center; justify-content: center; color: #8e8e99; font-size: 15px; }
.legend { display: flex; flex-wrap: wrap; gap: 1px 12px; font-size: 11px; color: #b9bac4; } .legend i { display: inline-block; width: 12px; height: 3px; margin-right: 5px; vertical-align: middle; }
.legend.right { display: table; width: 100%%; } .legend.right div { display: table-row; } .legend.right span { display: table-cell; padding: 1px 4px; white-space: nowrap; }
""" % WIDTH


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--at", default="24:00", help="the time of the day that is now")
    arguments.add_argument("--relationship", default="nyc-prod:/home->sfo-dr:/replicas/home")
    arguments.add_argument("--out", type=Path, default=ROOT / "docs/dashboards")
    arguments.add_argument("--html", action="store_true", help="keeps the pages beside the pictures")
    arguments.add_argument("name", nargs="*", default=list(boards.NAMES))
    arguments = arguments.parse_args()
    hours, minutes = map(int, arguments.at.split(":"))
    now = min(BEGIN + 3600 * hours + 60 * minutes, END)
    arguments.out.mkdir(parents=True, exist_ok=True)
    with Prometheus() as prometheus:
        rules.live(prometheus)
        for name in arguments.name:
            page, height = draw(prometheus, boards.load(name), now, arguments.relationship)
            screenshot(page, height, arguments.out / f"{name}.png")
            shrink(arguments.out / f"{name}.png")
            if arguments.html:
                (arguments.out / f"{name}.html").write_text(page)


def screenshot(page, height, out):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(page)
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
        command += ["--disable-background-networking", f"--user-data-dir={folder}/profile"]
        command += [f"--window-size={WIDTH},{height}", f"--screenshot={out}", file.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)


def draw(prometheus, dashboard, now, relationship):
    choice = dict(PICKED)
    shown = []
    for variable in boards.variables(dashboard):
        name = variable["name"]
        if name == "pair":
            offered = dict(boards.values_of(prometheus, variable, choice, now))
            choice["pair"] = [offered[relationship]]
        text = {"datasource": "Prometheus", "pair": relationship}.get(name, "All")
        shown.append(f"<span>{html.escape(variable['label'])} <b>{html.escape(text)}</b></span>")
    marks = [mark for each in boards.annotations(dashboard) for mark in events(prometheus, each, choice, now)]
    body, bottom = [], 0
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        unit = (WIDTH - 2 * GAP) / 24
        left, top = GAP + place["x"] * unit, place["y"] * ROW
        width, height = place["w"] * unit - GAP, place["h"] * ROW - GAP
        bottom = max(bottom, top + height + GAP)
        box = f"left:{left:.0f}px;top:{top:.0f}px;width:{width:.0f}px;height:{height:.0f}px"
        if panel["type"] == "row":
            body.append(f'<div class="row" style="{box}">{html.escape(panel["title"])}</div>')
            continue
        answers = [(target, ask(prometheus, target, choice, now)) for target in panel["targets"]]
        inside = content(panel, answers, width, height, now, marks)
        body.append(f'<div class="panel" style="{box}"><h3>{html.escape(panel["title"])}</h3>{inside}</div>')
    head = f"<header>{html.escape(dashboard['title'])} <small>preview, a simulated day, not drawn by Grafana</small></header>"
    page = f"<!DOCTYPE html><meta charset=utf-8><style>{STYLE}</style>{head}<div class=vars>{''.join(shown)}</div>"
    return page + f'<div class="grid">{"".join(body)}</div>', int(bottom + 80)


def ask(prometheus, target, choice, now):
    query = boards.fill_in(target["expr"], choice)
    if target["instant"]:
        return prometheus.instant(query, now)
    return prometheus.range(query, BEGIN, now, boards.STEP)


def events(prometheus, annotation, choice, now):
    """Where an annotation begins, and its colour."""
    if not annotation["enable"]:
        return []
    query = boards.fill_in(annotation["expr"], choice)
    begins = set()
    for _, samples in prometheus.range(query, BEGIN, now, 60):
        if annotation["useValueForTime"]:
            begins |= {value / 1000 for _, value in samples}
        else:
            begins |= {at for (at, _), before in zip(samples, [0] + [at for at, _ in samples]) if at - before > 60}
    return [(at, annotation["iconColor"]) for at in begins if BEGIN <= at <= now]


def content(panel, answers, width, height, now, marks):
    kind = panel["type"]
    if kind == "table":
        return table(panel, answers, now)
    fields = [
        Field(panel, boards.shown_name(target, labels), samples)
        for target, series in answers
        for labels, samples in series
    ]
    if kind == "stat":
        return stat(panel, fields, width, now)
    if not fields:
        return f'<div class="none">{html.escape(panel["fieldConfig"]["defaults"].get("noValue") or "No data")}</div>'
    if kind == "bargauge":
        return charts.bars(fields, width, height - 23, now)
    if kind == "state-timeline":
        return charts.timeline(panel, fields, width, height - 23, BEGIN, now)
    return charts.lines(panel, fields, width, height - 23, BEGIN, now, marks)


def stat(panel, fields, width, now):
    options = panel["options"]
    field = fields[0] if fields else Field(panel, "", None)
    text, color = field.text(field.samples, now)
    if options["textMode"] == "name" and fields:
        text = field.name
    size = min(40, 1.45 * width / max(len(text), 4))
    style = f"background:{color}" if options["colorMode"] == "background" else f"color:{color}"
    filled = " filled" if options["colorMode"] == "background" else ""
    return f'<div class="stat{filled}" style="font-size:{size:.0f}px;{style}">{html.escape(text)}</div>'


def table(panel, answers, now):
    transformations = {each["id"]: each["options"] for each in panel["transformations"]}
    key = transformations.get("joinByField", {}).get("byField")
    rows = join(answers, key)
    names = transformations["organize"]["renameByName"]
    fields = {raw: Field(panel, shown, None) for raw, shown in names.items()}
    for order in transformations.get("sortBy", {}).get("sort", []):
        raw = next(raw for raw, shown in names.items() if shown == order["field"])
        some = [row for row in rows if row.get(raw) is not None]
        none = [row for row in rows if row.get(raw) is None]
        rows = sorted(some, key=lambda row: row[raw], reverse=order["desc"]) + none
    if not rows:
        return f'<div class="none">{html.escape(panel["fieldConfig"]["defaults"].get("noValue") or "No data")}</div>'
    visible = [raw for raw in names if not fields[raw].custom.get("hidden")]
    widths = [f'width:{fields[raw].custom["width"]}px' if "width" in fields[raw].custom else "" for raw in visible]
    head = "".join(f'<th style="{width}">{html.escape(names[raw])}</th>' for raw, width in zip(visible, widths))
    lines = []
    for row in rows:
        cells = []
        for raw in visible:
            text, color = fields[raw].text(row.get(raw), now)
            cell = fields[raw].custom.get("cellOptions", {}).get("type")
            style = {"color-background": f"background:{color};color:#fff", "color-text": f"color:{color}"}.get(cell, "")
            if fields[raw].links:
                style = "color:#6e9fff"
            cells.append(f'<td style="{style}">{html.escape(text)}</td>')
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"


if __name__ == "__main__":
    main()
