#!/usr/bin/env bash
# proves: the pages of `demo` look and work in a browser as they should
# needs: python3, curl, chromium
# costs: half a minute
source "$(dirname "$0")/prepare.sh"
needs chromium chromium
demo
python3 tests/browser/status_page.py --url "$url" --out "$work/screenshots"
stop
