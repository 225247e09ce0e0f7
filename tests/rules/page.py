#!/usr/bin/env python3
"""Holds the recording rules against the page: in every world of cases.py, scenes.py and pairs.py, each pair stands in Prometheus
as the exporter's own function for the pair says of what is served at that minute.

Where the rules bridge a gap or a restart the page has no say, so these minutes are left out. Needs promtool, PyYAML and cargo,
which builds examples/stands.rs.
"""

import json
import subprocess
import sys
import tempfile

from cases import CASES
from pairs import SCENES as PAIRS
from run import ROOT, Runner, load_rules, parallel
from scenes import SCENES

# What the page says, where the rules say it, and the label with the word where it is no number.
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
# The same of one view, as it is served.
SERVED = {
    "storage_replication_standing": ("standing", "standing"),
    "storage_replication_rpo_exempt": ("exemption", "reason"),
    "storage_replication_health": ("health", "health"),
    "storage_replication_counted_lag_seconds": ("counted_lag_seconds", None),
    "storage_replication_rpo_seconds": ("objective_seconds", None),
    "storage_replication_standing_since_timestamp_seconds": ("since", None),
}
BRIDGE = 5  # minutes
MOMENTS = 80  # of a world, at most


def worlds():
    for scene in PAIRS:
        yield f"pair: {scene.name}", scene.world
    for scene in SCENES:
        yield f"scene: {scene.name}", scene.world
    for case in CASES:
        yield f"case: {case.title}", case.world(case.end, case.step)
        for why, changed in case.near.items():
            yield f"case: {case.title}, near miss: {why}", case.world(case.end, case.step, **changed)


def views(world, index):
    """What is served at this step, by (instance, array, pair, role); None while the rules bridge something."""
    back = max(0, index - int(BRIDGE / world.step))
    served, recent, up = {}, set(), {}
    for (metric, labels), samples in world.series.items():
        labels = dict(labels)
        target = labels["instance"], labels.get("array")
        if metric == "storage_array_up":
            up[target] = samples[index]
            if samples[index] is None and any(sample is not None for sample in samples[back:index]):
                return None
        if metric not in SERVED:
            continue
        field, word = SERVED[metric]
        view = (*target, labels["pair"], labels["role"])
        if samples[index] is not None:
            served.setdefault(view, {})[field] = labels[word] if word else samples[index]
        elif field == "standing" and any(sample is not None for sample in samples[back:index]):
            recent.add(view)
    ended = {view for view in recent if "standing" not in served.get(view, {})}
    return None if any(up.get(view[:2]) != 1 for view in ended) else served


def moments(world):
    """Indices and views of the steps that can be compared."""
    every = max(1, len(world.minutes) // MOMENTS)
    for index in range(0, len(world.minutes), every):
        served = views(world, index)
        if served is not None and all("standing" in said for said in served.values()):
            yield index, served


def asked(lines):
    """What the exporter's function says of each line."""
    command = ["cargo", "run", "--quiet", "--example", "stands"]
    done = subprocess.run(command, cwd=ROOT, input="\n".join(lines), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def as_line(served):
    keys = ("instance", "array", "pair", "role")
    return json.dumps([dict(zip(keys, view)) | {"exemption": "none"} | said for view, said in served.items()])


def test(name, world, said):
    """Expects of Prometheus what the page says, step by step."""
    queries = []
    for index, pairs in said:
        for field, (series, label) in RECORDED.items():
            samples = [
                {"labels": f'{"" if "(" in series else series}{{pair="{pair}"' + (f', {label}="{stands[field]}"}}' if label else "}"),
                 "value": 1 if label else stands[field]}
                for pair, stands in pairs.items() if stands[field] is not None
            ]
            queries.append({"expr": series, "eval_time": f"{int(60 * world.minutes[index])}s", "exp_samples": samples})
    return {"name": name, "interval": f"{int(60 * world.step)}s", "input_series": world.input_series(),
            "promql_expr_test": queries}


def main():
    every = list(worlds())
    found = [(at, index, served) for at, (_, world) in enumerate(every) for index, served in moments(world)]
    answers = asked([as_line(served) for _, _, served in found])
    said = {}
    for (at, index, _), pairs in zip(found, answers, strict=True):
        said.setdefault(at, []).append((index, pairs))
    groups = [{**group, "rules": [rule for rule in group["rules"] if "record" in rule]} for group in load_rules()]
    groups = [group for group in groups if group["rules"]]
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(folder, {}, {})

        def run(at):
            name, world = every[at]
            return runner.run("page", groups, world.step, [test(name, world, said[at])])

        failed = [text for text in parallel(run, said) if text]
    print("\n".join(failed), end="")
    verdicts = sum(len(pairs) for pairs in answers)
    print(f"{len(said) - len(failed)} of {len(every)} worlds, {verdicts} verdicts: page and rules agree")
    return 1 if failed or len(said) < len(every) else 0


if __name__ == "__main__":
    sys.exit(main())
