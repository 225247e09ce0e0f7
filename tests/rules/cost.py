#!/usr/bin/env python3
"""What one round of all rules costs Prometheus: CPU seconds for 2,000 relationships that are seen from both sides, a quarter of
them with a running job. A page with the families that rules read is scraped every 15 s, first without rules, then with rules
every 15 s; the difference, divided by the rounds, is the answer. Takes 10 minutes. Other work on the machine makes it dearer.

  tests/rules/cost.py [RELATIONSHIPS] [--rules FILE...] [--at-most SECONDS]
"""

import argparse
import http.server
import json
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "alerts"))
from stack import ANY_PORT, listens  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
WARM, MEASURED = 330, 120  # seconds


def page(relationships):
    """As an exporter with four clusters, two pairs of them, would say it now."""
    now, lines = time.time(), ['replication_exporter_build_info{version="1"} 1']
    for array in ("a1", "b1", "a2", "b2"):
        labels = f'array="{array}"'
        lines += [f"storage_array_up{{{labels}}} 1", f"storage_poll_stale_after_seconds{{{labels}}} 90",
                  f'storage_array_info{{{labels},vendor="qumulo",system_name="{array}",system_id="id-{array}",version="7"}} 1']
        for section in ("system", "replication_source", "replication_target", "restriper"):
            lines += [f'storage_poll_success{{{labels},section="{section}"}} 1',
                      f'storage_poll_last_success_timestamp_seconds{{{labels},section="{section}"}} {now}']
    for number in range(relationships):
        here, there = f"a{number % 2 + 1}", f"b{number % 2 + 1}"
        pair = f"6b1c{number:04x}-1111-2222-3333-444455556666"
        standing, exempt, health, lag = "protected", "none", "ok", 600 + number % 50 * 60
        if number % 400 == 0:
            standing, lag = "behind", 4000
        elif number % 500 == 7:
            standing, exempt, health = "stopped", "paused", "paused"
        elif number % 100 == 9:
            exempt = "blackout"
        elif number % 4 == 0:  # a job runs, and when it ends the lag is within the objective still, but for one in a hundred
            lag = 3000 if number % 400 == 200 else 600 + number % 20 * 60
        for array, role, peer in ((here, "source", there), (there, "target", here)):
            name = f"{here}:/data/share{number}->{there}:/replicas/share{number}"
            rel = f'array="{array}",pair="{pair}",relationship="{name}",role="{role}"'
            ends = f'source_system="{here}",source_object="/data/share{number}",target_system="{there}",target_object="/replicas/share{number}"'
            one = {f'relationship_info{{{rel},relationship_id="{pair}",mode="continuous",peer_system_id="id-{peer}",{ends}}}': 1,
                   f'standing{{{rel},standing="{standing}"}}': 1, f'rpo_exempt{{{rel},reason="{exempt}"}}': 1,
                   f'health{{{rel},health="{health}"}}': 1, f'last_job_result{{{rel},result="success"}}': 1}
            values = {"standing_since_timestamp_seconds": 1.79e9, "lag_seconds": lag, "counted_lag_seconds": lag,
                      "rpo_seconds": 3600, "recovery_point_timestamp_seconds": now - lag, "target_writable": 0,
                      "health_since_timestamp_seconds": 1.79e9, "has_recovery_point": 1, "job_running": 0, "enabled": 1}
            if role == "source":
                values["queued_snapshots"] = 0
            if number % 4 == 0:
                values |= {"job_running": 1, "job_start_timestamp_seconds": now // 1800 * 1800,
                           "job_progress_ratio": now % 1800 / 1800, "job_remaining_seconds": 1800 - now % 1800,
                           **{f"job_{part}_{unit}": int(now * 1000) for unit in ("bytes", "files")
                              for part in ("transferred", "unchanged", "remaining", "deleted", "total")}}
            lines += [f"storage_replication_{series} {value}" for series, value in one.items()]
            lines += [f"storage_replication_{family}{{{rel}}} {value}" for family, value in values.items()]
    return ("\n".join(lines) + "\n").encode()


def serve(relationships):
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = page(relationships)
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def config(port, rules):
    return json.dumps({"global": {"scrape_interval": "15s", "evaluation_interval": "15s"}, "rule_files": rules,
                       "scrape_configs": [{"job_name": "replication_exporter", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}]})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("relationships", nargs="?", type=int, default=2000)
    parser.add_argument("--rules", nargs="+", type=Path, default=[ROOT / "deploy/prometheus" / f"{kind}.rules.yml" for kind in ("recording", "alerts")])
    parser.add_argument("--at-most", type=float, help="the status is 1 if a round costs more")
    options = parser.parse_args()
    port = serve(options.relationships)

    def ask(query):
        url = f"http://{own}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        found = json.load(urllib.request.urlopen(url, timeout=60))["data"]["result"]
        return float(found[0]["value"][1]) if found else 0.0

    def metric(pattern):
        text = urllib.request.urlopen(f"http://{own}/metrics", timeout=60).read().decode()
        return [float(value) for value in re.findall(rf"^{pattern} (\S+)$", text, re.MULTILINE)]

    def measured(process):
        """CPU seconds and rounds of the next two minutes."""
        def now():
            stat = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(stat[11]) + int(stat[12])) / 100, sum(metric(r"prometheus_rule_group_iterations_total\{.*\}"))
        before = now()
        time.sleep(MEASURED)
        return [after - earlier for earlier, after in zip(before, now())]

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        rules = []
        for file in options.rules:
            # Without intervals of their own, all groups take part in every round.
            (folder / file.name).write_text(re.sub(r"^    interval: .*\n", "", file.read_text(), flags=re.MULTILINE))
            rules.append(str(folder / file.name))
        groups = sum(len(re.findall(r"^ *- name: ", (folder / file.name).read_text(), re.MULTILINE)) for file in options.rules)
        path = folder / "prometheus.yml"
        path.write_text(config(port, []))
        process = subprocess.Popen(
            ["prometheus", f"--config.file={path}", f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address={ANY_PORT}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(WARM - MEASURED)
            own = listens(process.pid)
            without, _ = measured(process)
            path.write_text(config(port, rules))
            process.send_signal(signal.SIGHUP)
            time.sleep(45)
            with_rules, iterations = measured(process)
            rounds = iterations / groups
            cost = (with_rules - without) / rounds
            missed = sum(metric(r"prometheus_rule_group_iterations_missed_total\{.*\}"))
            series = ask("scrape_samples_scraped")
            print(f"{options.relationships} relationships, {series:.0f} series on the page: {cost:.2f} s of CPU a round "
                  f"({rounds:.0f} rounds, {missed:.0f} missed; {without:.1f} s without rules, {with_rules:.1f} s with)")
        finally:
            process.kill()
            process.wait()
    return 1 if options.at_most and cost > options.at_most else 0


if __name__ == "__main__":
    sys.exit(main())
