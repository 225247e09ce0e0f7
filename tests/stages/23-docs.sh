#!/usr/bin/env bash
# proves: no link of the documents is dead, and the commands of the README and of the pages that answer a question work on the demo
# needs: python3, curl, jq
# costs: half a minute
source "$(dirname "$0")/prepare.sh"
needs python3 python3
needs jq jq
python3 tests/docs/links.py
demo
configuration=$(sed -n 's/^ *configuration \(.*\)$/\1/p' "$work/background")
python3 tests/docs/commands.py --program "$BINARY" --demo "$url" --configuration "$configuration" \
    README.md docs/drills.md docs/lag.md docs/failover.md
stop
