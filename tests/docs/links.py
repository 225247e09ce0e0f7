#!/usr/bin/env python3
"""Follows every link of the documents: relative ones must lead to a file of the repository, anchors to a heading of it.

    tests/docs/links.py [ROOT]

Links to other hosts are not followed. Exit status 1 if a link is dead, or if there is a page of docs/ to which none leads.
"""

import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"\]\(([^()\s]+)\)")
FENCE = re.compile(r"^ *(```|~~~).*?^ *\1", re.MULTILINE | re.DOTALL)


def without_code(text):
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


def anchors(text):
    """The anchors of the headings, as GitHub makes them."""
    found = set()
    for heading in re.findall(r"^#+ +(.*?)\s*$", FENCE.sub("", text), re.MULTILINE):
        words = re.sub(r"\]\([^)]*\)", "]", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number = 0
        while (slug if number == 0 else f"{slug}-{number}") in found:
            number += 1
        found.add(slug if number == 0 else f"{slug}-{number}")
    return found


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, check=True, capture_output=True, text=True)
    files = [root / name for name in listed.stdout.splitlines() if (root / name).exists()]
    pages = {path: path.read_text() for path in files if path.suffix == ".md"}
    places = set(files) | {folder for path in files for folder in path.parents}
    dead, seen, reached = [], 0, set()
    for page, text in pages.items():
        for target in LINK.findall(without_code(text)):
            if re.match(r"[a-z]+:", target):
                continue
            seen += 1
            path, _, anchor = target.partition("#")
            place = (page.parent / path).resolve() if path else page
            if place not in places:
                dead.append(f"{page.relative_to(root)}: {target}: there is no such file")
            elif anchor and place in pages and anchor not in anchors(pages[place]):
                dead.append(f"{page.relative_to(root)}: {target}: there is no such heading")
            if place != page:
                reached.add(place)
    for page in pages:
        if root / "docs" in page.parents and page not in reached:
            dead.append(f"{page.relative_to(root)}: no page links to it")
    print(f"{seen} links on {len(pages)} pages")
    sys.exit("\n".join(dead) or 0)


if __name__ == "__main__":
    main()
