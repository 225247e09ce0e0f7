#!/usr/bin/env python3
"""Opens the status page in headless Chromium, at desktop and phone width, and checks what a person would see.

    python3 tests/browser/status_page.py --url http://127.0.0.1:10094 --out DIR

Needs Debian's `chromium` and nothing besides Python. Checks that the page says what /api/v1/status says (every relationship,
the counts, worst first), that nothing is wider than the window, that the filters filter, and that it loads nothing. Leaves
status-desktop.png, status-phone.png, status-desktop-dark.png and status-phone-dark.png in DIR. Exit status 1 on any finding.

How: the page's policy forbids scripts, so it is saved, and measured in a copy to which a script is added that writes what it
found into the document, which Chromium then dumps. The screenshots are of the saved page.
"""

import argparse
import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

# Chromium lays out no narrower than 500 px in a window of its own, so the phone's page stands in a frame of its width.
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
ORDER = ["broken", "behind", "unknown", "stopped", "fine"]
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
]
MEASURE = """
<script>
addEventListener("load", () => {
  const wide = [...document.querySelectorAll("body *")].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width > 2 && box.right > innerWidth + 1;
  });
  const found = {
    width: innerWidth, scroll: document.documentElement.scrollWidth, height: document.documentElement.scrollHeight,
    wide: wide.slice(0, 5).map(e => e.tagName + "." + e.className + ": " + e.textContent.slice(0, 60)),
    shown: [...document.querySelectorAll("tbody.rel")].filter(e => e.getBoundingClientRect().height > 20).length,
    small: [...document.querySelectorAll("p, td, a, small, dd")].filter(
      e => e.textContent.trim() && parseFloat(getComputedStyle(e).fontSize) < 12).length,
  };
  const report = document.createElement("pre");
  report.id = "measured";
  report.textContent = JSON.stringify(found);
  document.body.append(report);
  if (parent !== window) parent.postMessage(JSON.stringify(found), "*");
});
</script>
"""
FRAME = """<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">
<script>addEventListener("message", event => {{
  const report = document.createElement("pre"); report.id = "measured"; report.textContent = event.data;
  document.body.append(report);
}});</script>
<iframe src="{page}" style="border:0;width:{width}px;height:{height}px"></iframe>"""


class Page(html.parser.HTMLParser):
    """What the page shows: the standing of each relationship in order, the counts, the arrays, and what it would load."""

    def __init__(self, text):
        super().__init__()
        self.standings, self.counts, self.arrays, self.loads = [], {}, [], []
        self.text, self._count = [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "data-standing" in attributes:
            self.standings.append(attributes["data-standing"])
        if "data-array" in attributes:
            self.arrays.append(attributes["data-array"])
        self._count = attributes.get("data-count")
        if tag in ("script", "img", "link", "iframe", "object", "form") or "src" in attributes:
            self.loads.append(tag)

    def handle_data(self, data):
        if self._count:
            self.counts[self._count] = int(data)
            self._count = None
        self.text.append(data)


class Findings:
    def __init__(self):
        self.list = []

    def expect(self, condition, text):
        if not condition:
            self.list.append(text)


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def chromium(*arguments):
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        sys.exit("chromium is not installed")
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [program, *FLAGS, f"--user-data-dir={profile}", *arguments], capture_output=True, text=True, timeout=120
        )
    if done.returncode != 0:
        sys.exit(f"chromium ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def measure(page_text, width, height, folder):
    """Lays the page out in a frame of that width and gives back what the script in it found."""
    page = folder / "page.html"
    page.write_text(page_text.replace("</body>", MEASURE + "</body>"))
    frame = folder / "frame.html"
    frame.write_text(FRAME.format(page=page.name, width=width, height=height))
    dump = chromium("--allow-file-access-from-files", "--virtual-time-budget=3000", "--dump-dom",
                    f"--window-size={max(width, 600)},{height}", frame.as_uri())
    found = re.search(r'<pre id="measured">(.*?)</pre>', dump, re.S)
    if not found:
        sys.exit("the page was not laid out:\n" + dump[-2000:])
    return json.loads(html.unescape(found.group(1)))


def screenshot(page_text, width, height, file, dark, folder):
    """A picture of the page at that width. The pictured copy does not refresh itself, and its dark colours need no desktop
    that asks for them."""
    if dark:
        page_text = page_text.replace("(prefers-color-scheme: dark)", "all")
    page = folder / "page.html"
    page.write_text(page_text)
    target = page
    if width < 500:
        target = folder / "frame.html"
        target.write_text(FRAME.format(page=page.name, width=width, height=height))
    chromium("--allow-file-access-from-files", f"--window-size={width},{height}", f"--screenshot={file}", target.as_uri())


def check_against_api(url, findings):
    """The page and /api/v1/status say the same. Between two requests something may change: then both are asked again."""
    for _ in range(10):
        _, _, before = get(f"{url}/api/v1/status")
        status, headers, text = get(f"{url}/")
        _, _, after = get(f"{url}/api/v1/status")
        before, after = json.loads(before), json.loads(after)
        standing = lambda document: [(r["pair"], r["standing"]) for r in document["relationships"]]
        if sorted(standing(before)) == sorted(standing(after)):
            break
    page = Page(text)
    counts = {key: value for key, value in after["counts"].items() if key not in ("relationships", "arrays")}
    findings.expect(status == 200, f"the page's status is {status}")
    findings.expect(headers.get("Content-Security-Policy", "").startswith("default-src 'none'"), "no strict policy")
    findings.expect(not page.loads, f"the page would load or run: {page.loads}")
    findings.expect(page.counts == counts, f"counts differ: page {page.counts}, api {counts}")
    findings.expect(len(page.standings) == min(500, len(after["relationships"])), "not every relationship is there")
    findings.expect(len(page.arrays) == after["counts"]["arrays"], "not every array is there")
    places = [ORDER.index(standing) for standing in page.standings]
    findings.expect(places == sorted(places), f"not worst first: {page.standings}")
    shown = " ".join("".join(page.text).split())
    for relationship in after["relationships"][:500]:
        for end in ("source", "target"):
            name = ":".join(filter(None, (relationship[end]["system"], relationship[end]["object"])))
            findings.expect(" ".join(name.split()) in shown, f"not on the page: {name}")
    return text, after


def check_filters(url, document, findings):
    for standing in ORDER:
        status, _, text = get(f"{url}/?health={standing}")
        findings.expect(status == 200, f"?health={standing} is {status}")
        shown = Page(text)
        expected = [standing] * shown.counts[standing]
        findings.expect(shown.standings == expected[:500], f"?health={standing} shows {shown.standings}")
    for array in document["arrays"][:3]:
        status, _, text = get(f"{url}/?array={array['array']}")
        findings.expect(status == 200 and Page(text).arrays == [array["array"]], f"?array={array['array']} is wrong")
    for query in ("array=no-such-array", "health=no-such-word"):
        findings.expect(get(f"{url}/?{query}")[0] == 404, f"?{query} is not 404")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    url, findings = arguments.url.rstrip("/"), Findings()
    text, document = check_against_api(url, findings)
    check_filters(url, document, findings)
    rows = len(Page(text).standings)
    text = re.sub(r'<meta http-equiv="refresh"[^>]*>', "", text)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, (width, height) in WIDTHS.items():
            found = measure(text, width, height, folder)
            findings.expect(found["width"] == width, f"{name}: laid out at {found['width']} px")
            findings.expect(found["scroll"] <= width, f"{name}: {found['scroll']} px wide: {found['wide']}")
            findings.expect(not found["wide"], f"{name}: wider than the window: {found['wide']}")
            findings.expect(found["shown"] == rows, f"{name}: {found['shown']} of {rows} relationships are visible")
            findings.expect(found["small"] == 0, f"{name}: {found['small']} texts under 12 px")
            for dark in (False, True):
                file = arguments.out / f"status-{name}{'-dark' if dark else ''}.png"
                screenshot(text, width, height, file.resolve(), dark, folder)
                findings.expect(file.exists() and file.stat().st_size > 5000, f"{file} is empty")
    for finding in findings.list:
        print(f"FAILED  {finding}")
    if findings.list:
        sys.exit(1)
    print(f"status page: {rows} relationships, {len(document['arrays'])} arrays, desktop and phone fine")


if __name__ == "__main__":
    main()
