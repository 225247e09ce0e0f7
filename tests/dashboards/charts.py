"""Time series, state timelines and bars as SVG, for `preview.py`."""

import html
import math
import time

from fields import COLORS, format_value

PALETTE = ["#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#37872d", "#fade2a", "#447ebc"]
LEFT, RIGHT, BOTTOM = 66, 10, 20
TEXT = 'font-size="10.5" fill="#9a9ba6"'


def lines(panel, fields, width, height, begin, end, marks):
    options = panel["options"]
    aside = options["legend"]["placement"] == "right"
    for number, field in enumerate(fields):
        color = field.settings["color"].get("fixedColor")
        field.color = COLORS.get(color, color) if color else PALETTE[number % len(PALETTE)]
    legend_width = min(360, width * 0.38) if aside else 0
    legend_height = 0 if aside else 15 * min(5, legend_rows(fields, width)) + 8
    plot = (width - legend_width - LEFT - RIGHT, height - legend_height - BOTTOM - 6)
    custom, settings = fields[0].custom, panel["fieldConfig"]["defaults"]
    stacked = custom["stacking"]["mode"] == "normal"
    if stacked:
        stack(fields)
    values = [value for field in fields for _, value in field.samples if math.isfinite(value)]
    limits = [step["value"] for step in settings["thresholds"]["steps"] if step["value"] is not None]
    log = custom.get("scaleDistribution", {}).get("type") == "log"
    low, high = settings.get("min"), settings.get("max")
    low = min(values) if low is None else low
    high = max(values) if high is None else high
    if custom["thresholdsStyle"]["mode"] == "line" and settings.get("max") is None:
        high = max([high] + limits[-1:])
    if log:
        low = settings.get("min") or max(min(value for value in values if value > 0) * 0.8, 1e-3)
    if high <= low:
        high = low + 1

    def y(value):
        if log:
            share = (math.log(max(value, low)) - math.log(low)) / (math.log(high * 1.1) - math.log(low))
        else:
            share = (value - low) / ((high - low) * 1.04)
        return plot[1] * (1 - share) + 6

    def x(at):
        return LEFT + plot[0] * (at - begin) / (end - begin)

    out = [axis(plot, begin, end, x)]
    for value in ticks(low, high, log, settings["unit"]):
        label = html.escape(format_value(value, settings["unit"], None, end))
        out.append(f'<line x1="{LEFT}" x2="{LEFT + plot[0]:.0f}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#24272e"/>')
        out.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end" {TEXT}>{label}</text>')
    if custom["thresholdsStyle"]["mode"] == "line":
        for step in settings["thresholds"]["steps"][1:]:
            out.append(
                f'<line x1="{LEFT}" x2="{LEFT + plot[0]:.0f}" y1="{y(step["value"]):.1f}" y2="{y(step["value"]):.1f}"'
                f' stroke="{COLORS[step["color"]]}" stroke-dasharray="6 4"/>'
            )
    for field in reversed(fields):
        out.append(one_line(field, x, y, plot, stacked))
    for at, color in marks:
        out.append(f'<line x1="{x(at):.1f}" x2="{x(at):.1f}" y1="6" y2="{plot[1] + 6:.0f}" stroke="{COLORS[color]}" stroke-dasharray="3 3" opacity=".75"/>')
        out.append(f'<path d="M{x(at) - 4:.1f} {plot[1] + 12:.0f}h8l-4 -7z" fill="{COLORS[color]}"/>')
    svg = f'<svg width="{width - legend_width:.0f}" height="{plot[1] + BOTTOM + 8:.0f}" style="float:left">{"".join(out)}</svg>'
    return svg + legend(fields, options["legend"]["calcs"], aside, end, legend_width)


def one_line(field, x, y, plot, stacked):
    step = field.custom["lineInterpolation"] == "stepAfter"
    fill = field.custom["fillOpacity"] / 100
    out, segments = [], [[]]
    gap = 4 * min((b[0] - a[0] for a, b in zip(field.samples, field.samples[1:])), default=1)
    for at, value in field.samples:
        if segments[-1] and at - segments[-1][-1][0] > gap:
            segments.append([])
        segments[-1].append((at, value))
    bases = getattr(field, "bases", {})
    if field.custom["drawStyle"] == "bars":
        for at, value in field.samples:
            base = bases.get(at, 0)
            out.append(
                f'<rect x="{x(at) - 1:.1f}" width="2" y="{y(value):.1f}" height="{max(0, y(base) - y(value)):.1f}" fill="{field.color}"/>'
            )
        return "".join(out)
    dash = field.custom.get("lineStyle", {}).get("dash")
    dash = f' stroke-dasharray="{max(dash[0], 2)} {dash[1]}"' if dash else ""
    for segment in segments:
        if not segment:
            continue
        path = f"M{x(segment[0][0]):.1f} {y(segment[0][1]):.1f}"
        for at, value in segment[1:]:
            path += f"H{x(at):.1f}V{y(value):.1f}" if step else f"L{x(at):.1f} {y(value):.1f}"
        if fill:
            back = "".join(f"L{x(at):.1f} {y(bases.get(at, 0)):.1f}" for at, _ in reversed(segment))
            back = back if stacked else f"V{plot[1] + 6:.1f}H{x(segment[0][0]):.1f}"
            out.append(f'<path d="{path}{back}Z" fill="{field.color}" opacity="{fill}"/>')
        out.append(f'<path d="{path}" fill="none" stroke="{field.color}" stroke-width="1.4"{dash}/>')
    return "".join(out)


def stack(fields):
    total = {}
    for field in fields:
        field.own = dict(field.samples)
        field.bases = {at: total.get(at, 0) for at, _ in field.samples}
        field.samples = [(at, value + total.get(at, 0)) for at, value in field.samples]
        total |= dict(field.samples)


def legend(fields, calcs, aside, now, width):
    entries = []
    for field in fields:
        values = list(getattr(field, "own", dict(field.samples)).values())
        found = {"lastNotNull": values[-1], "max": max(values), "min": min(values), "mean": sum(values) / len(values)}
        said = [f"{name.replace('lastNotNull', 'last')} {field.text(found[name], now)[0]}" for name in calcs]
        mark = f'<i style="background:{field.color}"></i>'
        name = html.escape(field.name)
        if aside:
            room = int((width - 40 - 6.5 * len(", ".join(said))) / 6.2)
            short = html.escape(field.name if len(field.name) <= room else field.name[: room - 1] + "…")
            entries.append(f"<div><span>{mark}{short}</span><span>{html.escape(', '.join(said))}</span></div>")
        else:
            entries.append(f"<div>{mark}{name} <span>({html.escape(', '.join(said))})</span></div>")
    if aside:
        return f'<div class="legend right" style="width:{width - 10:.0f}px">{"".join(entries)}</div>'
    return f'<div class="legend" style="clear:both;padding:0 10px">{"".join(entries)}</div>'


def legend_rows(fields, width):
    rows, left = 1, width
    for field in fields:
        entry = 6 * len(field.name) + 175
        if entry > left and left < width:
            rows, left = rows + 1, width
        left -= entry
    return rows


def timeline(panel, fields, width, height, begin, end):
    fields = sorted(fields, key=lambda field: field.name)
    label = min(230, 7 * max(len(field.name) for field in fields) + 14)
    footer = 18 if panel["options"]["legend"]["showLegend"] else 0
    plot = (width - label - RIGHT, height - BOTTOM - footer - 4)
    row = plot[1] / len(fields)

    def x(at):
        return label + plot[0] * (at - begin) / (end - begin)

    out, seen = [axis(plot, begin, end, x)], {}
    for number, field in enumerate(fields):
        top = 6 + number * row + 0.1 * row
        name = html.escape(field.name if len(field.name) < 34 else field.name[:32] + "…")
        out.append(f'<text x="{label - 8}" y="{top + row * 0.4 + 4:.1f}" text-anchor="end" {TEXT}>{name}</text>')
        gap = 2.5 * min((b[0] - a[0] for a, b in zip(field.samples, field.samples[1:])), default=1)
        start, last, state = None, None, None
        runs = []
        for at, value in field.samples + [(math.inf, None)]:
            if value != state or at - last > gap:
                if state is not None:
                    runs.append((start, min(last + gap / 2.5, end), state))
                start, state = at, value
            last = at
        for start, stop, value in runs:
            text, color = field.text(value, end)
            seen[text] = color
            wide = max(1, x(stop) - x(start))
            out.append(f'<rect x="{x(start):.1f}" y="{top:.1f}" width="{wide:.1f}" height="{row * 0.8:.1f}" fill="{color}"/>')
            if panel["options"]["showValue"] != "never" and wide > 7 * len(text) + 8:
                out.append(f'<text x="{x(start) + 5:.1f}" y="{top + row * 0.4 + 4:.1f}" font-size="11" fill="#fff">{html.escape(text)}</text>')
    entries = "".join(f'<div><i style="height:10px;background:{color}"></i>{html.escape(text)}</div>' for text, color in seen.items())
    foot = f'<div class="legend" style="padding:0 10px">{entries}</div>' if footer else ""
    return f'<svg width="{width:.0f}" height="{plot[1] + BOTTOM + 4:.0f}">{"".join(out)}</svg>{foot}'


def bars(fields, width, height, now):
    fields = sorted(fields, key=lambda field: -field.samples)
    top = max(field.samples for field in fields)
    out, row = [], min(32, height / len(fields))
    for number, field in enumerate(fields):
        text, color = field.text(field.samples, now)
        y = 4 + number * row
        name = field.name if len(field.name) < 52 else field.name[:50] + "…"
        out.append(f'<text x="10" y="{y + row * 0.5 + 4:.0f}" font-size="11.5" fill="#ccccdc">{html.escape(name)}</text>')
        length = (width - 330 - 100) * field.samples / top
        out.append(f'<rect x="330" y="{y + 3:.0f}" width="{length:.0f}" height="{row - 6:.0f}" fill="{color}"/>')
        out.append(f'<text x="{336 + length:.0f}" y="{y + row * 0.5 + 4:.0f}" font-size="12" fill="{color}">{html.escape(text)}</text>')
    return f'<svg width="{width:.0f}" height="{height:.0f}">{"".join(out)}</svg>'


def axis(plot, begin, end, x):
    out = []
    for hour in range(0, 25, 2 if plot[0] > 500 else 4):
        at = begin + 3600 * hour
        if at <= end:
            label = time.strftime("%H:%M", time.gmtime(at))
            out.append(f'<line x1="{x(at):.1f}" x2="{x(at):.1f}" y1="6" y2="{plot[1] + 6:.0f}" stroke="#202329"/>')
            out.append(f'<text x="{x(at):.1f}" y="{plot[1] + 20:.0f}" text-anchor="middle" {TEXT}>{label}</text>')
    return "".join(out)


def ticks(low, high, log, unit):
    if log:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        return [10.0**power for power in range(first, last + 1) if low <= 10.0**power <= high * 1.1]
    rough = (high - low) / 4
    base = 1024 ** int(math.log(max(rough, 1), 1024)) if unit in ("bytes", "Bps") else 1
    power = base * 10 ** math.floor(math.log10(rough / base))
    steps = [power * factor for factor in (1, 2, 2.5, 5, 10)]
    if unit == "s" and rough > 5:
        steps = [10, 30, 60, 300, 600, 1800, 3600, 7200, 21600, 86400, 7 * 86400, 30 * 86400]
    step = next((step for step in steps if step >= rough), rough)
    first = math.ceil(low / step)
    return [first * step + number * step for number in range(12) if first * step + number * step <= high * 1.0001]
