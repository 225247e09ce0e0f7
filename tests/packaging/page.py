"""Prometheus and Alertmanager with the examples that a package brings, as they are but for addresses, until the exporter's data at
risk is a page: page.py EXAMPLES EXPORTER FOLDER."""

import shutil
import sys
from pathlib import Path

import yaml

from inbox import Inbox
from stack import ANY_PORT, Stack, answers

# A minute of data at risk, a scrape and an evaluation of 30 s, half a minute of group_wait, and a busy machine.
PATIENCE = 300


def main():
    examples, exporter, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    inbox = Inbox()
    with Stack(folder) as stack:
        for part in ("prometheus", "alertmanager"):
            shutil.copytree(examples / part, folder, dirs_exist_ok=True)
        config = yaml.safe_load((folder / "alertmanager.example.yml").read_text())
        for receiver in config["receivers"]:
            for webhook in receiver.get("webhook_configs", []):
                webhook["url"] = inbox.webhook
            for mail in receiver.get("email_configs", []):
                mail.update(smarthost=inbox.smarthost, require_tls=False)
        (folder / "alertmanager.yml").write_text(yaml.safe_dump(config))
        alertmanager = stack.alertmanager(folder / "alertmanager.yml").removeprefix("http://")
        config = (folder / "prometheus.yml").read_text()
        for there, here in (("localhost:9093", alertmanager), ("localhost:10094", exporter)):
            assert f'"{there}"' in config, f"{there} is not in prometheus.yml"
            config = config.replace(f'"{there}"', f'"{here}"')
        (folder / "prometheus.yml").write_text(config)
        stack.start("prometheus", "prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'tsdb'}",
                    f"--web.listen-address={ANY_PORT}")
        url = f"http://{stack.address('prometheus')}/-/ready"
        stack.wait("Prometheus is ready", lambda: answers(url), 60)
        _, alert = stack.wait("a page", lambda: inbox.paged("firing", alertname="StorageDataAtRisk", array="sfo-dr"), PATIENCE)[0]
        print("--- a page arrived:", alert["annotations"]["summary"])
        print("   ", alert["annotations"]["description"])
    inbox.close()


main()
