#!/usr/bin/env bash
# proves: memory, threads and descriptors stay in two minutes at 100 times the speed
# needs: python3
# costs: 2 minutes
source "$(dirname "$0")/prepare.sh"
needs python3 python3
with_binary
python3 tests/soak/run.py --minutes 2 --binary "$BINARY"
