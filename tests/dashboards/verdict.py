"""Holds page and rules against each other: at every minute of the simulated day each relationship stands in Prometheus, by the
recording rules on what the exporter served, as the exporter's own function for the pair says.
"""

import json

from prometheus import BEGIN, DAY, END

# What the page says, and where the rules say it: the series, and the label with the word where it is none of numbers.
RECORDED = {
    "standing": ("pair:storage_replication_standing:word", "standing"),
    "stopped": ("pair:storage_replication_stopped:word", "reason"),
    "counted_lag_seconds": ("pair:storage_replication_counted_lag_seconds:min", None),
    "objective_seconds": ("pair:storage_replication_rpo_seconds:min", None),
    # Recorded of the pairs of which not every view says protected.
    "since": ("max by (pair) (pair:storage_replication_standing_since_timestamp_seconds:min"
              " or on (pair) min by (pair) (storage_replication_standing_since_timestamp_seconds"
              " unless on (pair) (view:storage_replication_standing:word or pair:storage_replication_objectives:over)))", None),
}


def findings(prometheus):
    """What differs, as texts; and how many verdicts were compared."""
    recorded = {field: by_minute(prometheus, *where) for field, where in RECORDED.items()}
    compared, found = 0, []
    for line in (DAY / "verdicts.json").read_text().splitlines():
        minute = json.loads(line)
        at = minute["at"]
        for field in RECORDED:
            page = {pair: said[field] for pair, said in minute["pairs"].items() if said[field] is not None}
            rules = recorded[field].get(at, {})
            compared += len(page)
            for pair in page.keys() | rules.keys():
                if not same(page.get(pair), rules.get(pair)):
                    clock = f"{(at - BEGIN) // 3600:02}:{(at - BEGIN) // 60 % 60:02}"
                    found.append(f"{clock} {pair} {field}: the page says {page.get(pair)}, the rules {rules.get(pair)}")
    return found, compared


def by_minute(prometheus, series, label):
    """{time: {pair: word or number}}."""
    out = {}
    for labels, samples in prometheus.range(series, BEGIN, END, 60):
        for at, value in samples:
            pairs = out.setdefault(int(at), {})
            said = labels[label] if label else value
            pairs[labels["pair"]] = f"{pairs[labels['pair']]} and {said}" if labels["pair"] in pairs else said
    return out


def same(one, other):
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) < 0.01
    return one == other
