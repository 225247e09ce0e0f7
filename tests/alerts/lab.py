"""One laboratory for an end to end test: simulated arrays, the exporter, Prometheus with the rules 60 times as fast and
Alertmanager with the shipped example 60 times as fast, and an inbox for what it sends."""

import shutil
import signal
import time
from pathlib import Path
from urllib.parse import urlencode

import yaml

from inbox import Inbox
from shorten import FACTOR, milliseconds, spelled
from stack import ANY_PORT, Stack, answers, get_json

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
ARRAYS = 5  # nyc-prod, sfo-dr, k2-ams, k2-fra, em1
# The default interval is 30 s; half a second, with its requests, would be too hard on a busy machine.
POLL = {"INTERVAL": "1s", "TIMEOUT": "900ms", "STALE_AFTER": "3s"}
STALE_AFTER = 3.0
# As its defaults are, 60 times as fast: its first look at 13 weeks of sessions takes a while.
VEEAM_POLL = 'interval = "2s"\ntimeout = "1800ms"\nstale_after = "6s"\n'
PATIENCE = 60  # seconds, for what takes a few on an idle machine

PROMETHEUS = """
global: {{scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 1s}}
rule_files: [rules/*.rules.yml]
alerting:
  alertmanagers:
    - static_configs: [{{targets: ["{alertmanager}"]}}]
scrape_configs:
  - job_name: replication_exporter
    static_configs: [{{targets: ["{exporter}"]}}]
"""


class Lab(Stack):
    def __init__(self, folder, binary, rules, say):
        super().__init__(folder, say)
        self.binary = binary
        self.rules = rules
        self.inbox = Inbox()
        self.config = self.folder / "simulated" / "config.toml"
        self.exporter = ANY_PORT
        self.without_veeam = False
        self.simulations = 0

    def __exit__(self, kind, *rest):
        super().__exit__(kind, *rest)
        self.inbox.close()

    def begin(self, scenario):
        """Starts everything. `started` is then a moment just before the scenario's time 0."""
        self.alertmanager_url = self.alertmanager(self.alertmanager_config())
        # Without arrays yet, to know where it listens.
        self.config.parent.mkdir()
        self.config.touch()
        self.export()
        self.prometheus()
        self.simulate(scenario)
        self.reload()
        arrays = ARRAYS - self.without_veeam
        heard = "max_over_time(storage_array_up[1m]) == 1"
        self.wait("every array was heard once", lambda: len(self.query(heard)) == arrays, PATIENCE)
        shutil.copytree(self.rules, self.folder / "rules")
        self.processes["prometheus"].send_signal(signal.SIGHUP)

    def simulate(self, scenario):
        self.started = time.time()
        # Three relationships of each pair: those with nothing special about them.
        self.start(
            "simulate",
            *(self.binary, "simulate", "--scenario", scenario, "--speed", FACTOR, "--relationships", 3),
            *("--listen", ANY_PORT, "--config.out", self.config),
        )
        self.simulations += 1
        # It says where the configuration is once it is written and the arrays answer.
        self.wait(
            "the simulated arrays are there",
            lambda: self.log("simulate").read_text().count("configuration: ") == self.simulations,
            PATIENCE,
        )
        self.simulated = time.time()
        self.config.write_text(self.adjusted(self.config.read_text()))

    def adjusted(self, config):
        """The simulator's configuration with what an operator would say of these arrays."""
        # Objectives of 1 to 10 minutes become some seconds, which a busy machine does not keep: an hour for all of them.
        kaminario = "[[kaminario]]\n"
        config = config.replace(kaminario, kaminario + 'rpo_overrides = [{ relationship = "*", rpo = "1m" }]\n')
        veeam = "[[veeam]]\n"
        if self.without_veeam:
            return config.partition(veeam)[0]
        return config.replace(veeam, veeam + VEEAM_POLL)

    def resimulate(self, scenario):
        """The arrays are replaced by those of another story: same names, other addresses, another certificate."""
        self.kill("simulate")
        self.simulate(scenario)
        self.reload()

    def reload(self):
        self.processes["exporter"].send_signal(signal.SIGHUP)

    def export(self):
        """Starts the exporter; if it ran before, where Prometheus looks for it."""
        environment = {f"REPLICATION_EXPORTER__POLL__{key}": value for key, value in POLL.items()}
        environment["REPLICATION_EXPORTER__POLL__STATE_FILE"] = str(self.folder / "facts.json")
        command = (self.binary, "--config.file", self.config, "--web.listen-address", self.exporter)
        self.start("exporter", *command, environment=environment)
        self.exporter = self.address("exporter")
        self.wait("the exporter is ready", lambda: answers(f"http://{self.exporter}/-/ready"), PATIENCE)

    def prometheus(self):
        """Starts Prometheus, without rules: it takes 5 s to look for its first target, which they would call 5 minutes."""
        config = self.folder / "prometheus.yml"
        config.write_text(
            PROMETHEUS.format(exporter=self.exporter, alertmanager=self.alertmanager_url.removeprefix("http://"))
        )
        self.start(
            *("prometheus", "prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.folder / 'tsdb'}"),
            f"--web.listen-address={ANY_PORT}",
            # 5m by default. The other one is 1m by default, and four times that is how long Alertmanager believes a
            # Prometheus that has fallen silent: a busy machine needs more than 4 s.
            *("--query.lookback-delta=5s", "--rules.alert.resend-delay=5s"),
        )
        self.prometheus_url = f"http://{self.address('prometheus')}"
        self.wait("Prometheus looks for the exporter", lambda: self.query("up"), PATIENCE)

    def query(self, expression):
        """The series that Prometheus finds; none as long as it is not there."""
        try:
            return get_json(f"{self.prometheus_url}/api/v1/query?{urlencode({'query': expression})}")["data"]["result"]
        except OSError:
            return []

    def until_it_is_noticed(self):
        """Waits until Prometheus has seen that the exporter is down, and has evaluated every rule with that."""
        self.wait("Prometheus sees that the exporter is down", lambda: self.query("up == 0"), PATIENCE)
        before = self.evaluations()
        self.wait("the rules are evaluated", lambda: not self.evaluations() & before, PATIENCE)

    def evaluations(self):
        groups = get_json(f"{self.prometheus_url}/api/v1/rules")["data"]["groups"]
        return {(group["name"], group["lastEvaluation"]) for group in groups}

    def alertmanager_config(self):
        """The shipped example, to the inbox and 60 times as fast; nothing else is changed."""
        config = yaml.safe_load((DEPLOY / "alertmanager" / "alertmanager.example.yml").read_text())

        def hurry(route):
            for key in ("group_wait", "group_interval", "repeat_interval"):
                if key in route:
                    route[key] = spelled(milliseconds(route[key]) / FACTOR)
            for child in route.get("routes", []):
                hurry(child)

        hurry(config["route"])
        for receiver in config["receivers"]:
            for webhook in receiver.get("webhook_configs", []):
                webhook["url"] = self.inbox.webhook
            for mail in receiver.get("email_configs", []):
                mail.update(smarthost=self.inbox.smarthost, require_tls=False)
        shutil.copy(DEPLOY / "alertmanager" / "replication.tmpl", self.folder)
        file = self.folder / "alertmanager.yml"
        file.write_text(yaml.safe_dump(config, sort_keys=False))
        return file

    def status_of(self, **labels):
        """What Alertmanager does with the alerts that have these labels."""
        alerts = get_json(f"{self.alertmanager_url}/api/v2/alerts")
        return [alert["status"] for alert in alerts if labels.items() <= alert["labels"].items()]
