"""Simulated arrays and the exporter against them, each a process of its own, and what can be measured of them."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request


class World:
    """`simulate` and the daemon, with a configuration between them; a `with` block ends both."""

    def __init__(self, binary, simulate, interval="3s"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="replication_exporter-soak-"))
        config = self.folder / "config.toml"
        self.arrays = []
        self.simulation = subprocess.Popen(
            [binary, "simulate", "--listen", "127.0.0.1:0", "--config.out", config, *simulate],
            stdout=subprocess.PIPE,
            text=True,
        )
        for line in self.simulation.stdout:
            if line.startswith("configuration:"):
                break
            vendor, name, *_ = line.split()
            self.arrays.append((vendor, name))
        poll = f'[poll]\ninterval = "{interval}"\ntimeout = "{int(interval[:-1]) * 2 // 3}s"\nstate_file = "{self.folder}/facts.json"\n'
        config.write_text(poll + config.read_text())
        self.log = self.folder / "log"
        self.daemon = subprocess.Popen(
            [binary, "--config.file", config, "--web.listen-address", "127.0.0.1:0"],
            stderr=self.log.open("w"),
        )
        self.address = self._address()

    def _address(self):
        while self.daemon.poll() is None:
            found = re.search(r"msg=serving .*?listen=([^\s,]+)", self.log.read_text())
            if found:
                return found[1]
            time.sleep(0.05)
        raise SystemExit(f"the exporter ended: {self.log.read_text()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.daemon, self.simulation):
            process.terminate()
            process.wait()
        shutil.rmtree(self.folder)

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=60) as answer:
            return answer.read().decode()

    def wait_until_ready(self):
        while True:
            try:
                return self.get("/-/ready")
            except urllib.error.HTTPError:
                time.sleep(0.2)

    def memory_mib(self):
        status = pathlib.Path(f"/proc/{self.daemon.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def threads(self):
        return len(os.listdir(f"/proc/{self.daemon.pid}/task"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.daemon.pid}/fd"))
