#!/usr/bin/env bash
# proves: a real Prometheus reads hostile names back as they were, and refuses no sample of an array that says all twice
# needs: prometheus, python3
# costs: 10 s
source "$(dirname "$0")/prepare.sh"
needs promtool prometheus
needs python3 python3
with_binary
python3 tests/soak/hostile.py "$BINARY"
