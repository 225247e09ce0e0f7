#!/usr/bin/env bash
# proves: the pages of `demo` look and work in a browser as they should, also with data at risk and with arrays that are lost
# needs: python3, curl, chromium
# costs: two minutes
source "$(dirname "$0")/prepare.sh"
needs chromium chromium
pages() { python3 tests/browser/status_page.py --url "$url" --out "$work/screenshots" "$@"; }
demo
pages
stop
# At this speed data is at risk for ten minutes, and the arrays are lost after 10 seconds.
demo --scenario data-at-risk --speed 2
pages --expect arrays_at_risk
stop
demo --scenario source-lost
pages --expect arrays_down
stop
