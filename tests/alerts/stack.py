"""Programs that a test starts and ends: their logs, where they listen, waiting by condition. Python's standard library only."""

import json
import os
import shutil
import subprocess
import threading
import time
import urllib.request
from pathlib import Path


# Set by whoever wants everything to end: what waits gives up, and with it all that was started ends.
stop = threading.Event()


class GaveUp(Exception):
    """A condition did not come true in time."""


# Programs are started on any free port, and then asked which one that is: nobody guesses.
ANY_PORT = "127.0.0.1:0"


def listens(pid):
    """Where the program listens on this host, by the kernel: Prometheus and Alertmanager say only what they were told. None: not
    yet."""
    sockets = set()
    for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            sockets.add(os.readlink(descriptor))
        except OSError:  # closed meanwhile
            continue
    for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[3] == "0A" and f"socket:[{words[9]}]" in sockets:
            return f"127.0.0.1:{int(words[1].partition(':')[2], 16)}"
    return None


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

    def address(self, name):
        """Where a program that was started listens."""
        return self.wait(f"{name} listens", lambda: listens(self.processes[name].pid), 60)

    def alertmanager(self, config):
        """Starts Alertmanager; returns its URL."""
        # Debian renames it.
        program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
        self.start(
            "alertmanager",
            program,
            f"--config.file={config}",
            f"--storage.path={self.folder / 'alertmanager'}",
            f"--web.listen-address={ANY_PORT}",
            "--cluster.listen-address=",
        )
        url = f"http://{self.address('alertmanager')}"
        self.wait("Alertmanager is ready", lambda: answers(f"{url}/-/ready"), 60)
        return url
