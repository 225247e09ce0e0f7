"""Lives through the day with the recording rules and the alerts, as Prometheus would have: every minute, in their order.

promtool can backfill recording rules, but neither alerts nor rules that read what they, or rules after them, recorded before.
So each rule is asked of Prometheus itself: those that remember minute by minute, the others for the whole day at once, which
is the same.
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
            for rules in together(group["rules"]):
                for name, series in record(prometheus, rules) if "record" in rules[0] else alert(prometheus, rules[0]):
                    counts[name] = counts.get(name, 0) + series
    return counts


def together(rules):
    """The rules in their order, in lists: of one, or of those that remember because one reads itself or a later one."""
    first = 0
    while first < len(rules):
        last = end = first
        while last <= end:
            later = range(last, len(rules))
            end = max([end, *(at for at in later if reads(rules[last], rules[at].get("record")))])
            last += 1
        yield rules[first:last]
        first = last


def reads(rule, name):
    return name is not None and re.search(rf"(?<![\w:]){re.escape(name)}(?![\w:])", rule["expr"]) is not None


def record(prometheus, rules):
    """Gives the number of series of each."""
    seen = {rule["record"]: set() for rule in rules}

    def write(rule, series):
        fixed = rule.get("labels", {}) | {"__name__": rule["record"]}
        prometheus.write([(own | fixed, samples) for own, samples in series])
        seen[rule["record"]].update(tuple(sorted(own.items())) for own, _ in series)

    if len(rules) == 1 and not reads(rules[0], rules[0]["record"]):
        write(rules[0], prometheus.range(rules[0]["expr"], BEGIN, END, MINUTE))
    else:
        for at in range(BEGIN, END + 1, MINUTE):
            for rule in rules:
                write(rule, [(own, [(at, value)]) for own, value in prometheus.instant(rule["expr"], at)])
    return [(name, len(series)) for name, series in seen.items()]


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
    return [(rule["alert"], sum(("alertstate", "firing") in labels for labels in out))]


def seconds(text):
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text))
