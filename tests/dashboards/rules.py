"""Lives through the day with the recording rules and the alerts: each is asked of Prometheus itself, in their order, for every
minute of the day at once. That is what Prometheus does minute by minute, because no rule remembers. Only `for` and
`keep_firing_for` are done here.
"""

import re

import yaml

from prometheus import BEGIN, END, ROOT

RULES = ROOT / "deploy/prometheus"
MINUTE = 60
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def live(prometheus):
    """Records everything, then the alerts."""
    for name in ("recording.rules.yml", "alerts.rules.yml"):
        for group in yaml.safe_load((RULES / name).read_text())["groups"]:
            for rule in group["rules"]:
                answers = prometheus.range(rule["expr"], BEGIN, END, MINUTE)
                if "record" in rule:
                    write(prometheus, ((own | {"__name__": rule["record"]}, samples) for own, samples in answers), rule)
                else:
                    write(prometheus, alerts(rule, answers), rule)


def write(prometheus, series, rule):
    # Both sides of an `or` become one series: a rule drops the names that they had.
    merged = {}
    for own, samples in series:
        merged.setdefault(tuple(sorted((own | rule.get("labels", {})).items())), []).extend(samples)
    prometheus.write((dict(labels), ended(sorted(samples))) for labels, samples in merged.items())


def ended(samples):
    """With the marks that Prometheus sets where a rule gives a series no more."""
    out = []
    for (at, value), (after, _) in zip(samples, samples[1:] + [(END + 1, None)]):
        out.append((at, value))
        if after > at + MINUTE and at < END:
            out.append((at + MINUTE, None))
    return out


def alerts(rule, answers):
    patience, keeping = seconds(rule.get("for", "0s")), seconds(rule.get("keep_firing_for", "0s"))
    for own, samples in answers:
        own = {name: value for name, value in own.items() if name != "__name__"} | {"__name__": "ALERTS", "alertname": rule["alert"]}
        seen, states, since, last = {at for at, _ in samples}, {}, None, None
        for at in range(BEGIN, END + 1, MINUTE):
            if at in seen:
                since, last = since or at, at
            elif since and (states.get(at - MINUTE) != "firing" or at - last > keeping):
                since = None
            if since:
                states[at] = "firing" if at - since >= patience else "pending"
        for state in ("pending", "firing"):
            if found := [(at, 1.0) for at in states if states[at] == state]:
                yield own | {"alertstate": state}, found


def seconds(text):
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text))
