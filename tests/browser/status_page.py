#!/usr/bin/env python3
"""Opens the status page in headless Chromium, at desktop and phone width, and checks what a person would see.

    python3 tests/browser/status_page.py --url http://127.0.0.1:10094 --out DIR [--expect arrays_at_risk]

Needs Debian's `chromium` and nothing besides Python. Checks that the page says what /api/v1/status says (every relationship,
the counts, worst first, every notice), that nothing is wider than the window, that 50 relationships fit six screens of a phone,
that the filters filter, that text is readable on its ground in light and dark, that the page's own script runs under its policy
and keeps open what was opened, that its links work behind a path, and that it loads nothing. Waits until what is expected has come, and checks that it is the first
thing on the page, in the title, in a tile and in the colour of an alarm. Leaves status-desktop.png, status-phone.png, pair-desktop.png,
pair-phone.png and each of them -dark in DIR. Exit status 1 on any finding.

How: the page is saved, and measured in a copy to which a script is added that writes what it found into the document, which
Chromium then dumps. Only whether the page's own script may run is tried on the page as it is served.
"""

import argparse
import html
import html.parser
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

# Chromium lays out no narrower than 500 px in a window of its own, so the phone's page stands in a frame of its width.
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
SCREENS = 6
# By the key in `counts`: what the notice is about, and the words in the title.
ALARMS = {"arrays_at_risk": ("data_at_risk", "at risk"), "arrays_down": ("array_down", "down")}
ORDER = ["no_copy", "behind", "failing", "unknown", "unjudged", "stopped", "protected"]
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
]
MEASURE = """
<script>
addEventListener("load", () => {
  const height = document.documentElement.scrollHeight;
  document.querySelectorAll("details").forEach(fold => { fold.open = true; });
  const boxes = [...document.querySelectorAll("body *")];
  const wide = boxes.filter(e => {
    const box = e.getBoundingClientRect();
    return box.width > 2 && box.right > innerWidth + 1 && !e.closest(".scroll, .said");
  });
  const numbers = color => (color.match(/[\\d.]+/g) || []).map(Number);
  const light = color => numbers(color).slice(0, 3)
    .map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (numbers(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const pale = boxes.filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.tagName !== "SCRIPT")
    .filter(e => {
      const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05) < 4.5;
    });
  const first = document.querySelector(".notices li .word");
  const alarm = first && {
    top: Math.round(first.getBoundingClientRect().top), coloured: getComputedStyle(first).color !== getComputedStyle(document.body).color,
    ground: getComputedStyle(first.parentElement).backgroundColor !== getComputedStyle(document.body).backgroundColor,
    card: [...document.querySelectorAll(".array .word")].some(e => getComputedStyle(e).color === getComputedStyle(first).color),
  };
  const found = {
    alarm,
    width: innerWidth, scroll: document.documentElement.scrollWidth, height,
    wide: wide.slice(0, 5).map(e => e.tagName + "." + e.className + ": " + e.textContent.slice(0, 60)),
    shown: [...document.querySelectorAll(".rel")].filter(e => e.getBoundingClientRect().height > 20).length,
    small: [...document.querySelectorAll("p, td, a, small, dd, span")].filter(
      e => e.textContent.trim() && parseFloat(getComputedStyle(e).fontSize) < 12).length,
    pale: pale.slice(0, 5).map(e => e.tagName + "." + e.className + ": " + e.textContent.trim().slice(0, 40)),
  };
  const report = document.createElement("pre");
  report.id = "measured";
  report.textContent = JSON.stringify(found);
  document.body.append(report);
  if (parent !== window) parent.postMessage(JSON.stringify(found), "*");
});
</script>
"""
# Opens every fold, loads the page again, and says how many are open then.
REOPEN = """
<script>
addEventListener("load", () => setTimeout(() => {
  const folds = [...document.querySelectorAll("details[id]")];
  if (!sessionStorage.getItem("again")) {
    sessionStorage.setItem("again", "yes");
    folds.forEach(fold => { fold.open = true; });
    setTimeout(() => location.reload(), 200);
    return;
  }
  const report = document.createElement("pre");
  report.id = "measured";
  report.textContent = JSON.stringify({folds: folds.length, open: folds.filter(fold => fold.open).length});
  document.body.append(report);
}, 200));
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
        self.standings, self.counts, self.arrays, self.loads, self.notices = [], {}, [], [], []
        self.links = []
        self.text, self._count = [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "data-standing" in attributes:
            self.standings.append(attributes["data-standing"])
        if "data-array" in attributes:
            self.arrays.append(attributes["data-array"])
        self._count = attributes.get("data-count")
        if "data-about" in attributes:
            self.notices.append(attributes["data-about"])
        if "href" in attributes:
            self.links.append(attributes["href"])
        if tag in ("img", "link", "iframe", "object") or "src" in attributes or "action" in attributes:
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


def chromium(*arguments, zone="UTC"):
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        sys.exit("chromium is not installed")
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [program, *FLAGS, f"--user-data-dir={profile}", *arguments], capture_output=True, text=True, timeout=120,
            env={**os.environ, "TZ": zone},
        )
    if done.returncode != 0:
        sys.exit(f"chromium ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def in_colours(page_text, dark):
    """The page as it is with a desktop that asks for these colours."""
    media = "all" if dark else "not all"
    return page_text.replace("(prefers-color-scheme: dark)", media)


def said(dump):
    """What the script that was added to a page wrote into it."""
    found = re.search(r'<pre id="measured">(.*?)</pre>', dump, re.S)
    if not found:
        sys.exit("the page was not laid out:\n" + dump[-2000:])
    return json.loads(html.unescape(found.group(1)))


def measure(page_text, width, height, folder):
    """Lays the page out in a frame of that width and gives back what the script in it found."""
    page = folder / "page.html"
    page.write_text(page_text.replace("</body>", MEASURE + "</body>"))
    frame = folder / "frame.html"
    frame.write_text(FRAME.format(page=page.name, width=width, height=height))
    return said(chromium("--allow-file-access-from-files", "--virtual-time-budget=3000", "--dump-dom",
                         f"--window-size={max(width, 600)},{height}", frame.as_uri()))


def reopened(page_text, folder):
    """How many folds there are, and how many of them are open after they were opened and the page was loaded again."""
    page = folder / "reopened.html"
    page.write_text(page_text.replace("</body>", REOPEN + "</body>"))
    return said(chromium("--allow-file-access-from-files", "--virtual-time-budget=5000", "--dump-dom", page.as_uri()))


def screenshot(page_text, width, height, file, dark, folder):
    """A picture of the page at that width. The pictured copy does not refresh itself, and its dark colours need no desktop
    that asks for them."""
    page_text = in_colours(page_text, dark)
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
    policy = headers.get("Content-Security-Policy", "")
    findings.expect(policy.startswith("default-src 'none'") and "unsafe" not in policy, f"no strict policy: {policy}")
    findings.expect(not page.loads, f"the page would load or send: {page.loads}")
    findings.expect(not [link for link in page.links if link.startswith("/")], "a link is not relative")
    findings.expect(page.counts == counts, f"counts differ: page {page.counts}, api {counts}")
    findings.expect(len(page.standings) == min(500, len(after["relationships"])), "not every relationship is there")
    findings.expect(len(page.arrays) == after["counts"]["arrays"], "not every array is there")
    about = [notice["about"] for notice in after["notices"]]
    findings.expect(page.notices == about, f"notices differ: page {page.notices}, api {about}")
    places = [ORDER.index(standing) for standing in page.standings]
    findings.expect(places == sorted(places), f"not worst first: {page.standings}")
    shown = " ".join("".join(page.text).split())
    for relationship in after["relationships"][:500]:
        for end in ("source", "target"):
            name = ":".join(filter(None, (relationship[end]["system"], relationship[end]["object"])))
            findings.expect(" ".join(name.split()) in shown, f"not on the page: {name}")
    return text, after


def wait_for(url, key):
    """Until it has come: what goes wrong may do so some seconds after the start."""
    deadline = time.monotonic() + 60
    while json.loads(get(f"{url}/api/v1/status?limit=0")[2])["counts"][key] == 0:
        if time.monotonic() > deadline:
            sys.exit(f"{key} is still 0")
        time.sleep(0.5)


def check_alarm(key, text, findings):
    """What is expected is the first thing that is said, wherever one looks."""
    about, words = ALARMS[key]
    page = Page(text)
    findings.expect(page.counts[key] > 0, f"no tile for {key}")
    findings.expect(page.notices[:1] == [about], f"not the first notice: {page.notices}")
    title = re.search("<title>(.*?)</title>", text)[1]
    findings.expect(words in title.split(",")[0], f"not the first word of the title: {title}")
    with tempfile.TemporaryDirectory() as folder:
        for device, (width, height) in WIDTHS.items():
            seen = measure(text, width, height, pathlib.Path(folder))["alarm"]
            loud = seen and seen["top"] < height / 4 and seen["coloured"] and seen["ground"] and seen["card"]
            findings.expect(loud, f"{device}: {key} is not loud: {seen}")


def check_filters(url, document, findings):
    for standing in ORDER:
        status, _, text = get(f"{url}/?standing={standing}")
        findings.expect(status == 200, f"?standing={standing} is {status}")
        shown = Page(text)
        expected = [standing] * shown.counts[standing]
        findings.expect(shown.standings == expected[:500], f"?standing={standing} shows {shown.standings}")
    for array in document["arrays"][:3]:
        status, _, text = get(f"{url}/?array={array['array']}")
        findings.expect(status == 200 and Page(text).arrays == [array["array"]], f"?array={array['array']} is wrong")
    first = document["relationships"][0]
    for part in (first["relationship"].upper(), first["source"]["system"], first["views"][0]["array"]):
        status, _, text = get(f"{url}/?q={urllib.parse.quote(part, safe='')}")
        findings.expect(status == 200 and Page(text).standings, f"?q={part} finds nothing")
    for query in ("array=no-such-array", "standing=no-such-word"):
        findings.expect(get(f"{url}/?{query}")[0] == 404, f"?{query} is not 404")
    findings.expect(get(f"{url}/?from=x")[0] == 400, "?from=x is not 400")
    findings.expect(get(f"{url}/pair?pair=no-such-pair")[0] == 404, "an unknown pair is not 404")


def check_script(url, text, findings):
    """The page's own script runs under the page's own policy, and what was opened stays open."""
    dump = chromium("--virtual-time-budget=2000", "--dump-dom", f"{url}/?refresh=off", zone="Europe/Berlin")
    button = re.search(r'<button type="button" id="own-time"([^>]*)>([^<]*)<', dump)
    findings.expect(button and "hidden" not in button.group(1) and "Europe/Berlin" in button.group(2),
                    "the page's own script did not run")
    with tempfile.TemporaryDirectory() as folder:
        folds = reopened(text, pathlib.Path(folder))
        asked = pathlib.Path(folder) / "own-time.html"
        asked.write_text(text.replace("</body>", "<script>document.querySelector('#own-time').click()</script></body>"))
        dump = chromium("--virtual-time-budget=2000", "--dump-dom", asked.as_uri(), zone="Asia/Kolkata")
    both = re.search(r"(\d\d):(\d\d):\d\dZ \((?:\S+ )?(\d\d):(\d\d):\d\d\)", dump)
    minutes = lambda hours, rest: int(hours) * 60 + int(rest)
    apart = both and (minutes(*both.group(3, 4)) - minutes(*both.group(1, 2))) % (24 * 60)
    findings.expect(apart == 330, f"the reader's own time is not beside UTC: {both and both.group(0)}")
    findings.expect(folds["folds"] > 0 and folds["open"] == folds["folds"], f"not open any longer: {folds}")


def check_behind_a_path(url, pair, findings):
    """Behind a proxy that has it at /dr/ alone, every link that is not to elsewhere arrives."""
    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, text = get(url + self.path.removeprefix("/dr")) if self.path.startswith("/dr/") else (502, {}, "")
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{proxy.server_port}/dr/"
        for page in (base, f"{base}?q=e", f"{base}pair?pair={pair}"):
            links = {urllib.parse.urljoin(page, link).split("#")[0] for link in Page(get(page)[2]).links}
            links = {link for link in links if link.startswith("http://127.0.0.1")}
            findings.expect(len(links) > 3, f"hardly a link on {page}: {links}")
            broken = [link for link in sorted(links) if get(link)[0] != 200]
            findings.expect(not broken, f"broken behind a path: {broken}")
        proxy.shutdown()


def check_layout(name, text, rows, out, findings):
    """Lays the page out at each width in each colour, and leaves a picture of it."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for device, (width, height) in WIDTHS.items():
            for dark in (False, True):
                where = f"{name}-{device}{'-dark' if dark else ''}"
                found = measure(in_colours(text, dark), width, height, folder)
                findings.expect(found["width"] == width, f"{where}: laid out at {found['width']} px")
                findings.expect(found["scroll"] <= width, f"{where}: {found['scroll']} px wide: {found['wide']}")
                findings.expect(not found["wide"], f"{where}: wider than the window: {found['wide']}")
                findings.expect(found["shown"] == rows, f"{where}: {found['shown']} of {rows} relationships are visible")
                findings.expect(found["small"] == 0, f"{where}: {found['small']} texts under 12 px")
                findings.expect(not found["pale"], f"{where}: hard to read on its ground: {found['pale']}")
                fits = rows > 50 or device != "phone" or found["height"] <= SCREENS * height
                findings.expect(fits, f"{where}: {found['height']} px are more than {SCREENS} screens")
                file = out / f"{where}.png"
                screenshot(text, width, height, file.resolve(), dark, folder)
                findings.expect(file.exists() and file.stat().st_size > 5000, f"{file} is empty")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--expect", choices=ALARMS, help="what the page must cry out")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    url, findings = arguments.url.rstrip("/"), Findings()
    if arguments.expect:
        wait_for(url, arguments.expect)
    text, document = check_against_api(url, findings)
    if arguments.expect:
        check_alarm(arguments.expect, text, findings)
    check_filters(url, document, findings)
    rows = len(Page(text).standings)
    # A copy must not load itself again while it is measured.
    still = lambda page: re.sub(r"<noscript>.*?</noscript>", "", re.sub(r' data-refresh="\d+"', "", page))
    check_script(url, still(text), findings)
    check_layout("status", still(text), rows, arguments.out, findings)
    pair = urllib.parse.quote(document["relationships"][0]["pair"], safe="")
    check_behind_a_path(url, pair, findings)
    status, _, page = get(f"{url}/pair?pair={pair}")
    findings.expect(status == 200, f"the page of a pair is {status}")
    check_layout("pair", still(page), 0, arguments.out, findings)
    for finding in findings.list:
        print(f"FAILED  {finding}")
    if findings.list:
        sys.exit(1)
    print(f"status page: {rows} relationships, {len(document['arrays'])} arrays, desktop and phone, light and dark fine")


if __name__ == "__main__":
    main()
