#!/usr/bin/env bash
# proves: 600 look-ups that hang cost no scrape and one thread each; an array that moves is followed
# needs: python3, ip, a kernel that allows namespaces
# costs: 40 s
source "$(dirname "$0")/prepare.sh"
needs python3 python3
needs ip iproute2
with_binary
python3 tests/soak/names.py --binary "$BINARY"
