#!/usr/bin/env python3
"""Runs the shell blocks of documents as a reader would, with the running demo in the place of the arrays that they name.

    tests/docs/commands.py --program BINARY --demo URL --configuration FILE PAGE...

The blocks of a page are one script, in a folder of their own; what a reader types in is the first array's secret. A command
that ends in failure fails the page. Some are not run, see ELSEWHERE.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)

# What begins so is not run here, and why.
ELSEWHERE = {
    "cargo run": "the demo runs already",
    "deploy/build.sh": "the stage `release` builds",
    "install ": "would change this machine",
    "amtool ": "the stage `routes` asks amtool",
}

# The daemon is stopped after a while; what is watched has to come to its end.
PRELUDE = """
set -euo pipefail
replication_exporter() {
    case " $* " in
    *" init "* | *" doctor "* | *" once "* | *" --config.check "*) "$PROGRAM" "$@" ;;
    *) REPLICATION_EXPORTER_WEB_LISTEN_ADDRESS=127.0.0.1:0 timeout --preserve-status 3 "$PROGRAM" "$@" ;;
    esac
}
watch() {
    local said
    for _ in $(seq 60); do
        said=$(bash -c "$1") || true
        [[ $said != *'health="failed_over"'* ]] || { echo "$said"; return; }
        sleep 1
    done
    echo "nothing failed over: $said"
    return 1
}
"""


def script(text):
    lines = []
    for block in BLOCK.findall(text):
        for line in re.sub(r"\\\n", "\\\\\n", block).splitlines():
            why = next((why for start, why in ELSEWHERE.items() if line.startswith(start)), None)
            lines.append(f": # not run: {why}" if why else line)
    return "\n".join(lines)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--program", required=True, type=pathlib.Path)
    arguments.add_argument("--demo", required=True)
    arguments.add_argument("--configuration", required=True, type=pathlib.Path)
    arguments.add_argument("pages", nargs="+", type=pathlib.Path)
    given = arguments.parse_args()
    arrays = {}
    for sections in tomllib.loads(given.configuration.read_text()).values():
        if isinstance(sections, list):
            arrays |= {section["name"]: section for section in sections}
    places = {
        "http://127.0.0.1:10094": given.demo,
        "127.0.0.1:10094": given.demo.removeprefix("http://"),
        "https://127.0.0.1:10101": arrays["sfo-dr"]["url"],
        "https://127.0.0.1:10103": arrays["k2-fra"]["url"],
        "https://nyc-prod.example.com:8000": arrays["nyc-prod"]["url"],
        "/tmp/replication_exporter-demo-XXXXXX": str(given.configuration.parent),
    }
    secret = pathlib.Path(arrays["nyc-prod"]["token_file"]).read_text()
    failed = []
    for page in given.pages:
        text = script(page.read_text())
        for said, there in places.items():
            text = text.replace(said, there)
        print(f"--- {page}\n{text}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            environment = {
                "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "PROGRAM": str(given.program.resolve()),
                "REPLICATION_EXPORTER_CONFIG_FILE": str(given.configuration),
            }
            command = ["bash", "-c", PRELUDE + text]
            ended = subprocess.run(command, cwd=folder, env=environment, input=secret, text=True, timeout=300, check=False)
        if ended.returncode != 0:
            failed.append(f"{page}: a command ended with status {ended.returncode}")
    sys.exit("\n".join(failed) or 0)


if __name__ == "__main__":
    main()
