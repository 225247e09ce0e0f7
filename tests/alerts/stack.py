"""Programs that a test starts and ends: their logs, free ports, waiting by condition. Python's standard library only."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path


# Set by whoever wants everything to end: what waits gives up, and with it all that was started ends.
stop = threading.Event()


class GaveUp(Exception):
    """A condition did not come true in time."""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def free_ports(count):
    """The first of that many free ports in a row, below those that the system gives out by itself."""
    for first in range(21000 + (time.time_ns() // 1000) % 9000, 32000, count):
        listeners = []
        try:
            listeners = [socket.create_server(("127.0.0.1", first + index)) for index in range(count)]
            return first
        except OSError:
            continue
        finally:
            for listener in listeners:
                listener.close()
    raise GaveUp(f"no {count} free ports in a row")


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def get_json(url):
    return json.loads(get(url))


def post_json(url, document):
    request = urllib.request.Request(url, json.dumps(document).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def answers(url):
    try:
        get(url)
    except OSError:
        return False
    return True


class Stack:
    """What runs in one folder; `with` ends it all, and shows the ends of the logs if something failed."""

    def __init__(self, folder, say=print):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.say = say
        self.processes = {}

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for process in reversed(self.processes.values()):
            process.kill()
            process.wait()
        if kind:
            for name in self.processes:
                tail = self.log(name).read_text(errors="replace").splitlines()[-25:]
                self.say(f"--- the end of {name}'s log", *tail, sep="\n    ")

    def log(self, name):
        return self.folder / f"{name}.log"

    def start(self, name, *command, environment=None):
        """Starts a program, or starts it again; its log goes on. The environment is added to this one's."""
        with self.log(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | (environment or {}),
            )

    def kill(self, name):
        """Ends a program as a crash does; it is to be started again."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def wait(self, what, condition, seconds):
        """The condition's first answer that is true; all that was started has to live meanwhile."""
        deadline = time.monotonic() + seconds
        while True:
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise GaveUp(f"{name} ended with status {process.returncode}")
            if answer := condition():
                return answer
            if time.monotonic() > deadline:
                raise GaveUp(f"{what}: not within {seconds} s")
            if stop.wait(0.1):
                raise GaveUp("told to stop")

    def alertmanager(self, config):
        """Starts Alertmanager; returns its URL."""
        # Debian renames it.
        program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
        url = f"http://127.0.0.1:{free_port()}"
        self.start(
            "alertmanager",
            program,
            f"--config.file={config}",
            f"--storage.path={self.folder / 'alertmanager'}",
            f"--web.listen-address={url.removeprefix('http://')}",
            "--cluster.listen-address=",
        )
        self.wait("Alertmanager is ready", lambda: answers(f"{url}/-/ready"), 60)
        return url
