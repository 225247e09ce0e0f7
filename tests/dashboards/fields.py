"""Values as Grafana shows them: units, mappings, thresholds, overrides, and tables joined from several answers."""

import math
import re

COLORS = {
    "green": "#56a64b",
    "red": "#d8334a",
    "orange": "#e0752d",
    "yellow": "#c8a415",
    "blue": "#3b78d8",
    "purple": "#8f5bd1",
    "light-blue": "#6fa8ff",
    "light-orange": "#f2a35c",
    "dark-orange": "#c4551a",
    "text": "#ccccdc",
}
# Grafana's, of what has no value.
NO_VALUE = "#808080"


class Field:
    """A column or a series, with what the panel's defaults and overrides say of it."""

    def __init__(self, panel, name, samples):
        config = panel["fieldConfig"]
        self.name, self.samples = name, samples
        self.settings = dict(config["defaults"])
        self.custom = dict(self.settings["custom"])
        for override in config["overrides"]:
            matcher = override["matcher"]
            wanted = matcher["options"]
            if name == wanted if matcher["id"] == "byName" else re.search(wanted, name):
                for each in override["properties"]:
                    if each["id"].startswith("custom."):
                        self.custom[each["id"].removeprefix("custom.")] = each["value"]
                    else:
                        self.settings[each["id"]] = each["value"]
        self.links = self.settings.get("links")

    def color_by_thresholds(self, value):
        steps = self.settings["thresholds"]["steps"]
        return COLORS.get([s["color"] for s in steps if s["value"] is None or value >= s["value"]][-1])

    def text(self, value, now):
        """Text and colour of one value."""
        if value is None:
            return self.settings.get("noValue", "-"), NO_VALUE
        for mapping in self.settings["mappings"]:
            if mapping["type"] == "range" and not isinstance(value, str):
                result = mapping["options"]["result"] if value >= mapping["options"]["from"] else None
            else:
                key = value if isinstance(value, str) else f"{value:g}"
                result = mapping["options"].get(key)
            if result:
                return result["text"], COLORS.get(result["color"], result["color"])
        if isinstance(value, str):
            return value, COLORS["text"]
        decimals = self.settings.get("decimals")
        return format_value(value, self.settings["unit"], decimals, now), self.color_by_thresholds(value)


def join(answers, key):
    """Rows of several answers, those with the same key in one."""
    rows = {}
    for target, series in answers:
        value_name = f"Value #{target['refId']}" if len(answers) > 1 else "Value"
        for number, (labels, value) in enumerate(series):
            row = rows.setdefault(labels.get(key) if key else number, {})
            row |= {name: text for name, text in labels.items() if name != "__name__"} | {value_name: value}
    return list(rows.values())


def format_value(value, unit, decimals, now):
    if math.isinf(value):
        return "∞"
    if unit == "percentunit":
        return number(100 * value, decimals if decimals is not None else 1) + "%"
    if unit == "s":
        return duration(value)
    if unit == "dateTimeFromNow":
        age = now - value / 1000
        return f"{duration(abs(age), 0)} ago" if age >= 0 else f"in {duration(-age, 0)}"
    if unit in ("bytes", "Bps"):
        power = min(5, int(math.log(max(abs(value), 1), 1024)))
        ending = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"][power]
        return f"{number(value / 1024**power, 1)} {ending}" + ("/s" if unit == "Bps" else "")
    if unit == "short":
        power = min(3, int(math.log(max(abs(value), 1), 1000)))
        return number(value / 1000**power, 1) + ["", " K", " Mil", " Bil"][power]
    ending = unit.removeprefix("suffix:") if unit.startswith("suffix:") else ""
    return number(value, decimals) + ending


def number(value, decimals):
    if decimals is None:
        decimals = 0 if value == int(value) else 2 if abs(value) < 100 else 0
    return f"{value:.{decimals}f}"


def duration(seconds, decimals=1):
    for size, word in ((86400, "day"), (3600, "hour"), (60, "min")):
        if seconds >= size:
            amount = f"{seconds / size:.{decimals}f}".removesuffix(".0")
            return f"{amount} {word}{'s' if word != 'min' and amount != '1' else ''}"
    return f"{seconds * 1000:.0f} ms" if 0 < seconds < 1 else f"{seconds:.0f} s"
