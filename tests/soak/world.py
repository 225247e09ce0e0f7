"""The exporter as a process of its own, simulated arrays as another one, and what can be measured of both."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request


def memory_mib(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


class Exporter:
    """The daemon with a configuration in a folder of its own; a `with` block ends it."""

    def __init__(self, binary, config, folder=None):
        self.folder = folder or new_folder()
        file = self.folder / "config.toml"
        file.write_text(config)
        self.log = self.folder / "log"
        self.daemon = subprocess.Popen(
            [binary, "--config.file", file, "--web.listen-address", "127.0.0.1:0"],
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
        self.daemon.terminate()
        self.daemon.wait()
        shutil.rmtree(self.folder)

    def get(self, path, timeout=60, **headers):
        request = urllib.request.Request(f"http://{self.address}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.read()

    def text(self, path):
        return self.get(path).decode()

    def wait_until_ready(self):
        while True:
            try:
                return self.get("/-/ready")
            except urllib.error.HTTPError:
                time.sleep(0.2)

    def memory_mib(self):
        return memory_mib(self.daemon)

    def threads(self):
        return len(os.listdir(f"/proc/{self.daemon.pid}/task"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.daemon.pid}/fd"))


class World(Exporter):
    """`simulate`, and the exporter against it."""

    def __init__(self, binary, simulate, interval="3s"):
        folder = new_folder()
        config = folder / "simulated.toml"
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
        poll = f'[poll]\ninterval = "{interval}"\ntimeout = "{int(interval[:-1]) * 2 // 3}s"\nstate_file = "facts.json"\n'
        super().__init__(binary, poll + config.read_text(), folder)

    def __exit__(self, *rest):
        super().__exit__(*rest)
        self.simulation.terminate()
        self.simulation.wait()


def new_folder():
    return pathlib.Path(tempfile.mkdtemp(prefix="replication_exporter-soak-"))
