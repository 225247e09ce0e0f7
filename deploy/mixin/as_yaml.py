#!/usr/bin/env python3
"""Writes JSON from standard input as YAML that people can read: what a rule is called comes first, several lines are a block.
jsonnet's own manifestYamlDoc takes a minute for these rules. Python's standard library only."""

import json
import re
import sys

FIRST = ("apiVersion", "kind", "metadata", "name", "record", "alert", "interval", "expr", "for", "keep_firing_for")
PLAIN = re.compile(r"[A-Za-z_/][\w./:+-]*")


def scalar(value, indent):
    if not isinstance(value, str):
        return json.dumps(value)
    if "\n" in value:
        lines = value.rstrip("\n").split("\n")
        return ("|" if value.endswith("\n") else "|-") + "".join(f"\n{indent}{line}" if line else "\n" for line in lines)
    if PLAIN.fullmatch(value) and not value.endswith(":") and value not in ("true", "false", "null", "yes", "no", "on", "off"):
        return value
    return json.dumps(value, ensure_ascii=False)


def block(value, indent=""):
    """The lines of a mapping or a list."""
    deeper = indent + "  "
    if isinstance(value, dict):
        for key in sorted(value, key=lambda key: (FIRST.index(key) if key in FIRST else len(FIRST), key)):
            inner = value[key]
            if isinstance(inner, (dict, list)) and inner:
                yield f"{indent}{key}:"
                yield from block(inner, deeper)
            else:
                yield f"{indent}{key}: {scalar(inner, deeper)}"
    else:
        for inner in value:
            lines = list(block(inner, deeper)) if isinstance(inner, (dict, list)) else [deeper + scalar(inner, deeper)]
            yield f"{indent}- {lines[0].lstrip()}"
            yield from lines[1:]


print("\n".join(block(json.load(sys.stdin))))
