"""Lives through the day with the recording rules and the alerts, as Prometheus would have: every minute, in their order.

promtool can backfill recording rules, but neither alerts nor rules that read what they recorded before. So each rule is
asked of Prometheus itself: those that remember minute by minute, the others for the whole day at once, which is the same.
Only `for` is done here.
"""

import re

import yaml

from prometheus import BEGIN, END, ROOT

RULES = ROOT / "deploy/prometheus"
MINUTE = 60
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def live(prometheus):
    """Records everything, then the alerts. Gives the number of series of each recorded name and of each alert."""
    counts = {}
    for name in ("recording.rules.yml", "alerts.rules.yml"):
        for group in yaml.safe_load((RULES / name).read_text())["groups"]:
            for rule in group["rules"]:
                if "record" in rule:
                    series = record(prometheus, rule)
                else:
                    series = alert(prometheus, rule)
                name = rule.get("record", rule.get("alert"))
                counts[name] = counts.get(name, 0) + series
    return counts


def record(prometheus, rule):
    name, labels = rule["record"], rule.get("labels", {})
    if not re.search(rf"{re.escape(name)}(?![\w:])", rule["expr"]):
        series = prometheus.range(rule["expr"], BEGIN, END, MINUTE)
        prometheus.write([({**own, **labels, "__name__": name}, samples) for own, samples in series])
        return len(series)
    seen = set()
    for at in range(BEGIN, END + 1, MINUTE):
        answer = prometheus.instant(rule["expr"], at)
        series = [({**own, **labels, "__name__": name}, [(at, value)]) for own, value in answer]
        prometheus.write(series)
        seen.update(tuple(sorted(own.items())) for own, _ in series)
    return len(seen)


def alert(prometheus, rule):
    patience = seconds(rule.get("for", "0s"))
    out = {}
    for own, samples in prometheus.range(rule["expr"], BEGIN, END, MINUTE):
        own = {name: value for name, value in own.items() if name != "__name__"}
        own |= rule.get("labels", {}) | {"__name__": "ALERTS", "alertname": rule["alert"]}
        since = last = None
        for at, _ in samples:
            if last is None or at - last > MINUTE:
                since = at
            last = at
            state = "firing" if at - since >= patience else "pending"
            labels = own | {"alertstate": state}
            out.setdefault(tuple(sorted(labels.items())), []).append((at, 1.0))
    prometheus.write([(dict(labels), samples) for labels, samples in out.items()])
    return sum(("alertstate", "firing") in labels for labels in out)


def seconds(text):
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text))
