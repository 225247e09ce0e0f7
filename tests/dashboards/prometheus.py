"""A Prometheus of the tests' own, with the simulated day in it.

`tests/it/day.rs` scrapes the day and writes it down, and it is given to Prometheus by remote write, with the marks of series
that ended: what promtool makes of a file has none, so that a word would overlap the next for five minutes. What the rules
make of the day is added by `rules.py` in the same way.
"""

import functools
import http.client
import json
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/alerts"))
from stack import ANY_PORT, listens  # noqa: E402

DAY = ROOT / "target/tmp/day"
# The first scrape of the day and the last.
BEGIN = 1772409600
END = BEGIN + 24 * 3600 - 60

# The NaN by which Prometheus knows that a series ended.
STALE = struct.pack("<Q", 0x7FF0000000000002)

CONFIG = """\
global: {scrape_interval: 1m, evaluation_interval: 1m}
storage: {tsdb: {out_of_order_time_window: 10d}}
"""


class QueryError(Exception):
    """What Prometheus says about a query that it cannot answer."""


class Prometheus:
    """Runs while it is used as a context."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="dashboards-"))
        (self.folder / "prometheus.yml").write_text(CONFIG)
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={self.folder}/prometheus.yml",
                f"--storage.tsdb.path={self.folder}/data",
                "--storage.tsdb.retention.time=10y",
                f"--web.listen-address={ANY_PORT}",
                "--web.enable-remote-write-receiver",
            ],
            stdout=self.log,
            stderr=self.log,
        )
        self.connection = None
        for _ in range(150):
            time.sleep(0.2)
            if self.process.poll() is not None:
                break
            if not (address := listens(self.process.pid)):
                continue
            self.connection = self.connection or http.client.HTTPConnection(address, timeout=120)
            try:
                if self.request("GET", "/-/ready")[0] == 200:
                    self.write(the_day())
                    return self
            except OSError:
                self.connection.close()
        log = (self.folder / "log").read_text()
        self.__exit__()
        raise SystemExit(f"Prometheus does not start:\n{log}")

    def __exit__(self, *_):
        if self.connection:
            self.connection.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def request(self, method, path, body=None, headers={}):
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def ask(self, path, **parameters):
        body = urllib.parse.urlencode(parameters, doseq=True)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, text = self.request("POST", f"/api/v1/{path}", body, kind)
        answer = json.loads(text)
        if answer["status"] != "success":
            raise QueryError(answer["error"])
        if answer.get("warnings"):
            raise QueryError(f"warnings: {answer['warnings']}")
        return answer["data"]

    def instant(self, query, at):
        """Labels and value of each series."""
        data = self.ask("query", query=query, time=at)
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(series["metric"], float(series["value"][1])) for series in data["result"]]

    def range(self, query, begin, end, step):
        """Labels and samples, as pairs of time and value, of each series."""
        data = self.ask("query_range", query=query, start=begin, end=end, step=step)
        return [
            (series["metric"], [(float(at), float(value)) for at, value in series["values"]]) for series in data["result"]
        ]

    def write(self, series):
        """Takes series in, as pairs of labels and samples, by the remote write protocol; a value of None ends a series."""
        series = [(names(labels), samples) for labels, samples in series]
        # Prometheus takes in what comes in the order of time, hour by hour.
        for hour in range(BEGIN, END + 1, 3600):
            parts = ((labels, [each for each in samples if hour <= each[0] < hour + 3600]) for labels, samples in series)
            message = b"".join(field(1, labels + values(samples)) for labels, samples in parts if samples)
            if message:
                self.send(message)

    def send(self, message):
        headers = {
            "Content-Encoding": "snappy",
            "Content-Type": "application/x-protobuf",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
        }
        status, text = self.request("POST", "/api/v1/write", snappy(message), headers)
        if status not in (200, 204):
            raise QueryError(f"remote write: {status} {text.decode()}")


def the_day():
    """What was scraped."""
    file = DAY / "series.txt"
    if not file.exists():
        raise SystemExit(f"{file.relative_to(ROOT)} is missing: cargo test --test it a_day_of_incidents")
    for line in file.read_text().splitlines():
        series, samples = line.split("\t")
        name, labels = series.split("{", 1)
        labels = {key: unescaped(value) for key, value in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels)}
        samples = samples.split()
        values = (None if value == "stale" else float(value) for value in samples[1::2])
        yield labels | {"__name__": name}, list(zip(map(int, samples[::2]), values))


def unescaped(text):
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, content):
    """A length-delimited field of protocol buffers."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def names(labels):
    return b"".join(field(1, field(1, name.encode()) + field(2, value.encode())) for name, value in sorted(labels.items()))


def values(samples):
    return b"".join(
        b"\x12\x10\x09" + (STALE if value is None else struct.pack("<d", value)) + b"\x10" + milliseconds(at)
        for at, value in samples
    )


@functools.cache
def milliseconds(at):
    return varint(int(at) * 1000)


def snappy(content):
    """Snappy's block format, nothing compressed: one literal."""
    return varint(len(content)) + b"\xfc" + struct.pack("<I", len(content) - 1) + content

