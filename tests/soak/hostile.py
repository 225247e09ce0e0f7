"""A real Prometheus scrapes what an array with hostile names, and one that says everything twice, become: no scrape fails, no
sample is refused, and every name is read back as it was, cut at 256 characters.

    python3 tests/soak/hostile.py BINARY
"""

import json
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/alerts"))

from cluster import SECTIONS, SOURCES, Cluster, payload  # noqa: E402
from stack import ANY_PORT, Stack, answers, get, get_json  # noqa: E402

LONGEST = 256  # characters of a label's value
PATIENCE = 60  # seconds, for what takes a few on an idle machine
# A byte that is no UTF-8 in the document, and what becomes of it.
NO_TEXT, MENDED = "\udcff", "\ufffd"
NAMES = [
    '/quo"tes',
    "/back\\slash \\n \\",
    "/line\nends\r\n\t",
    "/nul\0inside",
    "/a byte \udcff that is none",
    "/right-to-left \u202egnp.exe \u2066and back\u2069",
    "/paragraph\u2028\u2029 \u0085 \ufeff",
    '/"} 1\nstorage_array_up{array="x',
    "/# HELP storage_array_up",
    "/{{ $labels.array }}",
    "/漢字 \U0001f5c4 e\u0301",
    "/megabyte " + "é" * 1_000_000,
]
SCRAPES = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: replication_exporter
    static_configs: [{{targets: ["{exporter}"]}}]
"""


def rows(names, times=1):
    """The cluster's first relationship under each of these names, every one so often."""
    pattern = json.loads(payload(SOURCES))[0]
    ids = [f"{number:08x}-1111-4222-8333-444455556666" for number in range(len(names))]
    return [pattern | {"id": id, "source_root_path": name} for id, name in zip(ids, names) for _ in range(times)]


def cluster(relationships):
    """A cluster with these relationships; its port."""
    # As the bytes that the names stand for: what is no text goes out as it is.
    document = json.dumps(relationships, ensure_ascii=False).encode(errors="surrogateescape")
    return Cluster(bodies={SOURCES: document}).server_port


def main(binary):
    with tempfile.TemporaryDirectory() as folder, Stack(folder) as stack:
        config = stack.folder / "config.toml"
        config.write_text(
            '[poll]\ninterval = "3s"\ntimeout = "2s"\n'
            + "".join(
                f'[[qumulo]]\nname = "{name}"\nurl = "http://127.0.0.1:{cluster(relationships)}"\n'
                f'allow_plaintext = true\ntoken = "x"\nsections = {SECTIONS}\n'
                for name, relationships in {"hostile": rows(NAMES), "twice": rows(["/a", "/b"], times=2)}.items()
            )
        )
        stack.start("exporter", binary, "--config.file", config, "--web.listen-address", ANY_PORT)
        exporter = stack.address("exporter")
        stack.wait("the exporter is ready", lambda: answers(f"http://{exporter}/-/ready"), PATIENCE)
        scrapes = stack.folder / "prometheus.yml"
        scrapes.write_text(SCRAPES.format(exporter=exporter))
        stack.start(
            *("prometheus", "prometheus", f"--config.file={scrapes}", f"--storage.tsdb.path={stack.folder / 'tsdb'}"),
            f"--web.listen-address={ANY_PORT}",
        )
        prometheus = stack.address("prometheus")

        def query(text):
            url = f"http://{prometheus}/api/v1/query?{urlencode({'query': text})}"
            return get_json(url)["data"]["result"] if answers(url) else []

        stack.wait("three scrapes", lambda: query("count_over_time(up[1h]) >= 3"), PATIENCE)
        assert query("min_over_time(up[1h]) == 1"), "a scrape failed"
        own = get(f"http://{prometheus}/metrics").splitlines()
        refused = [line for line in own if line.startswith("prometheus_target_scrapes_") and "sample" in line]
        assert len(refused) >= 3 and all(line.endswith(" 0") for line in refused), refused

        def read_back(array):
            found = query(f'storage_replication_relationship_info{{array="{array}"}}')
            return sorted(series["metric"]["source_object"] for series in found)

        expected = sorted(name.replace(NO_TEXT, MENDED)[:LONGEST] for name in NAMES)
        found = read_back("hostile")
        assert found == expected, f"not as they were: {sorted(set(found) ^ set(expected))}"
        assert read_back("twice") == ["/a", "/b"]
        print(f"{len(expected)} hostile names were read back from Prometheus as they were; nothing was refused")


main(*sys.argv[1:])
