#!/usr/bin/env python3
"""Proves the rules: makes promtool's test files from cases.py, scenes.py and pairs.py, in a temporary folder, and runs them.

  tests/rules/run.py              every test; the status is 1 if one fails
  tests/rules/run.py ALERT...     those of some alerts
  tests/rules/run.py --update     writes texts.yml, what the operator is shown: read the difference
  tests/rules/run.py --mutate     breaks each alert in every way below and says which of these no test notices (slow)

Needs promtool, PyYAML and the exporter's binary (--binary), which knows a fact from a reading.
"""

import argparse
import itertools
import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from cases import CASES
from pairs import SCENES as PAIRS
from scenes import SCENES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RULES = [ROOT / "deploy/prometheus" / name for name in ("recording.rules.yml", "alerts.rules.yml")]
TEXTS = HERE / "texts.yml"
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def load_rules():
    return [group for path in RULES for group in yaml.safe_load(path.read_text())["groups"]]


def needed_by(groups, alert):
    """The alert and what it is made of, so that a test evaluates nothing else."""
    records = {rule["record"]: rule for group in groups for rule in group["rules"] if "record" in rule}
    wanted, todo = set(), [rule for group in groups for rule in group["rules"] if rule.get("alert") == alert]
    while todo:
        rule = todo.pop()
        text = "\n".join([rule["expr"], *rule.get("annotations", {}).values()])
        for name in records:
            if name not in wanted and re.search(rf"(?<![\w:]){re.escape(name)}(?![\w:])", text):
                wanted.add(name)
                todo.append(records[name])
    result = []
    for group in groups:
        rules = [rule for rule in group["rules"] if rule.get("alert") == alert or rule.get("record") in wanted]
        if rules:
            result.append({**group, "rules": rules})
    return result


def firing(case):
    return f'ALERTS{{alertname="{case.alert}",severity="{case.severity}",alertstate="firing"}}'


def query(expr, minute, *samples):
    return {"expr": expr, "eval_time": f"{minute}m", "exp_samples": [{"labels": "{}", "value": value} for value in samples]}


def tests_of(case, texts, families):
    """The three tests of an alert: fires, near miss, survives."""

    def test(name, world, *queries, **more):
        return {"name": name, "interval": f"{case.step}m", "input_series": world.input_series(),
                "promql_expr_test": list(queries), **more}

    def starts(world, name, minute, **more):
        queries = [query(f"count({firing(case)})", minute, 1)]
        if minute:
            queries.append(query(f"count({firing(case)})", minute - case.step))
        return test(name, world, *queries, **more)

    shown = {"alertname": case.alert, "eval_time": f"{case.fires}m", "exp_alerts": texts.get(case.title, [])}
    yield starts(case.world(case.end, case.step), f"{case.title} fires", case.fires,
                 alert_rule_test=[shown] if case.shown else [])
    for why, (changed, minute) in case.also.items():
        world = case.world(minute + 14 * case.step, case.step, **changed)
        yield starts(world, f"{case.title} fires: {why}", minute)
    for why, (changed, minute) in case.lasts.items():
        yield test(f"{case.title} lasts: {why}", case.world(minute, case.step, **changed),
                   query(f"count({firing(case)})", minute, 1))
    for why, changed in case.near.items():
        world = case.world(case.end, case.step, **changed)
        yield test(f"{case.title} near miss: {why}", world,
                   query(f"count(count_over_time({firing(case)}[{case.end}m]))", case.end))
    length = 5 if case.step == 1 else 2
    before, after = case.gap or case.fires - length * case.step, case.fires + 4 * case.step
    gaps = ([before] if before > 0 else []) + [after]
    world = case.world(case.end, case.step)
    for begin in gaps:
        world.gap_and_restart(begin, families)
    evaluations = (case.end - case.fires) // case.step + 1
    yield test(f"{case.title} survives", world,
               query(f"max(count_over_time({firing(case)}[{case.end - case.fires}m]))", case.end, evaluations))


def scene_test(scene):
    end = len(scene.world.minutes[1:]) * scene.world.step
    ever = f'count by (alertname, severity) (count_over_time(ALERTS{{alertstate="firing"}}[{end + 1}m]))'
    samples = [{"labels": f'{{alertname="{alert}", severity="{severity}"}}', "value": count}
               for (alert, severity), count in scene.fires.items()]
    return {"interval": f"{scene.world.step}m", "input_series": scene.world.input_series(),
            "promql_expr_test": [{"expr": ever, "eval_time": f"{end}m", "exp_samples": samples}]}


def pair_test(scene):
    """What the pair is, and which alerts there are, minute by minute."""
    queries = []
    for minute, word in scene.stands.items():
        samples = [] if word is None else [{"labels": f'pair:storage_replication_standing:word{{pair="{scene.pair}", standing="{word}"}}', "value": 1}]
        queries.append((f'pair:storage_replication_standing:word{{pair="{scene.pair}"}}', minute, samples))
    for minute, alert, severities in scene.fires:
        samples = [{"labels": f'{{severity="{one}"}}', "value": 1} for one in sorted(severities.split())]
        queries.append((f'max by (severity) (ALERTS{{alertname="{alert}",alertstate="firing"}})', minute, samples))
    return {"name": scene.name, "interval": f"{int(60 * scene.world.step)}s", "input_series": scene.world.input_series(),
            "promql_expr_test": [{"expr": expr, "eval_time": f"{int(60 * minute)}s", "exp_samples": samples}
                                 for expr, minute, samples in queries]}


class Runner:
    def __init__(self, folder, families, texts):
        self.folder, self.families, self.texts, self.numbers = Path(folder), families, texts, itertools.count()

    def run(self, name, groups, step, tests):
        """What promtool says; empty if all is well."""
        number = next(self.numbers)
        rules = self.folder / f"{number} {name}.rules.yml"
        path = self.folder / f"{number} {name}.test.yml"
        rules.write_text(json.dumps({"groups": groups}))
        path.write_text(json.dumps({
            "rule_files": [str(rules)], "evaluation_interval": f"{int(60 * step)}s",
            "group_eval_order": [group["name"] for group in groups], "tests": tests,
        }))
        done = subprocess.run(["promtool", "test", "rules", str(path)], capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def case(self, groups, case):
        return self.run(case.title, needed_by(groups, case.alert), case.step, list(tests_of(case, self.texts, self.families)))

    def scene(self, groups, scene):
        return self.run("scene", groups, scene.world.step, [scene_test(scene)])

    def pairs(self, groups, scenes):
        return self.run("pairs", groups, scenes[0].world.step, [pair_test(scene) for scene in scenes])


def parallel(work, items):
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, items))


def update(runner, groups):
    """Asks promtool what it got instead of nothing."""
    runner.texts = {}
    found = {}
    cases = [case for case in CASES if case.shown]
    for case, said in zip(cases, parallel(lambda case: runner.case(groups, case), cases)):
        got = said.partition("got:[")[2].partition("\n            ]")[0]
        found[case.title] = [
            {"exp_labels": {n: json.loads(f'"{v}"') for n, v in LABEL.findall(labels) if n != "alertname"},
             "exp_annotations": {n: json.loads(f'"{v}"') for n, v in LABEL.findall(annotations)}}
            for labels, annotations in re.findall(r"Labels:(\{.*\})\s+Annotations:(\{.*\})", got)
        ]
    head = "# What the operator is shown in the first world of each case. Written by run.py --update; read the difference.\n"
    TEXTS.write_text(head + yaml.safe_dump(found, sort_keys=False, width=120, allow_unicode=True))


FLIP = {"==": "!=", "!=": "==", ">": "<=", "<": ">", ">=": "<", "<=": ">"}


def mutants(groups, alert, severity):
    """The rules, with this alert broken in one way."""

    def broken(change):
        result = json.loads(json.dumps(groups))
        for group in result:
            rules = []
            for rule in group["rules"]:
                if (rule.get("alert"), rule.get("labels", {}).get("severity")) == (alert, severity):
                    rule = change(rule)
                rules += [rule] if rule else []
            group["rules"] = rules
        return result

    rule = next(r for g in groups for r in g["rules"]
                if r.get("alert") == alert and r["labels"]["severity"] == severity)
    yield "deleted", broken(lambda rule: None)
    if "for" in rule:
        yield "without for", broken(lambda rule: {k: v for k, v in rule.items() if k != "for"})
    yield "with for + 1m", broken(lambda rule: {**rule, "for": f'{minutes(rule.get("for", "0m")) + 1}m'})
    expr = rule["expr"]
    for found in re.finditer(r"(?<![=!<>])(==|!=|>=|<=|>|<)(?![=~])", re.sub(r"\{[^}]*\}", lambda m: "_" * len(m[0]), expr)):
        text = expr[:found.start()] + FLIP[found[0]] + expr[found.end():]
        yield f"{found[0]} flipped at {found.start()}", broken(lambda rule, text=text: {**rule, "expr": text})
    # An operand of `unless` that is not there is no condition.
    for found in re.finditer(r"\bunless on \([a-z, ]*\)[^a-z]*(?:(?:max|min|last)(?: by \([a-z, ]*\)|_over_time) *\()*"
                             r"(?:(?:max|last)_over_time\()?([a-z_]+[:_][a-z0-9_:]+)", expr):
        text = expr[:found.end()] + "_gone" + expr[found.end():]
        yield f"without unless {found[1]}", broken(lambda rule, text=text: {**rule, "expr": text})
    for found in re.finditer(r"[<>]=? (-?\d+(?:\.\d+)?)(?= *(?:$|[\n)a-z]))", expr):
        for factor in (0.9, 1.1):
            changed = repr(float(found[1]) * factor) if float(found[1]) else repr(factor - 1)
            text = expr[:found.start(1)] + changed + expr[found.end(1):]
            yield f"{found[1]} is {changed}", broken(lambda rule, text=text: {**rule, "expr": text})


def minutes(duration):
    return sum(int(n) * {"m": 1, "h": 60, "d": 1440, "s": 1 / 60}[u] for n, u in re.findall(r"(\d+)([smhd])", duration))


def unbridged(groups):
    """The rules without what bridges gaps: every window of up to 5 minutes over a raw series is a minute's, and no alert lasts."""
    text = re.sub(r"(over_time\((?:storage|replication|up)[^()]*)\[(?:3|5)m\]", r"\1[1m]", json.dumps(groups))
    return json.loads(text.replace("keep_firing_for", "for_nothing"), object_pairs_hook=lambda pairs: {k: v for k, v in pairs if k != "for_nothing"})


def mutate(runner, groups, only):
    """Broken alerts that no test notices. What bridges gaps is broken for all of them at once."""
    tasks = []
    flat = unbridged(groups)
    for alert, severity in dict.fromkeys((case.alert, case.severity) for case in CASES):
        for name, broken in [*mutants(groups, alert, severity), ("without bridges", flat)]:
            if not only or alert in only:
                tasks.append((alert, severity, name, broken))

    def noticed(task):
        alert, severity, name, broken = task
        cases = [case for case in CASES if (case.alert, case.severity) == (alert, severity)]
        return any(runner.case(broken, case) for case in cases)

    missed = [task for task, seen in zip(tasks, parallel(noticed, tasks)) if not seen]
    for alert, severity, name, _ in missed:
        print(f"not noticed: {alert} {severity}: {name}")
    print(f"{len(tasks) - len(missed)} of {len(tasks)} mutants noticed")
    return not missed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=ROOT / "target/debug/replication_exporter")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--mutate", action="store_true")
    parser.add_argument("alerts", nargs="*")
    options = parser.parse_args()
    catalogue = subprocess.run([options.binary, "catalogue", "--format", "json"], capture_output=True, check=True).stdout
    families = {family["name"]: family for family in json.loads(catalogue)}
    texts = yaml.safe_load(TEXTS.read_text()) if TEXTS.exists() else {}
    groups = load_rules()
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(folder, families, texts)
        if options.update:
            update(runner, groups)
            return 0
        if options.mutate:
            return 0 if mutate(runner, groups, options.alerts) else 1
        cases = [case for case in CASES if not options.alerts or case.alert in options.alerts]
        said = parallel(lambda case: runner.case(groups, case), cases)
        if not options.alerts:
            said += parallel(lambda scene: runner.scene(groups, scene), SCENES)
            said += parallel(lambda scenes: runner.pairs(groups, scenes), [PAIRS[index::6] for index in range(6)])
    failed = [text for text in said if text]
    print("\n".join(failed), end="")
    print(f"{len(said) - len(failed)} of {len(said)} test files passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
