#!/usr/bin/env bash
# proves: the compose file can be read by docker compose, and its commands work
# needs: promtool, amtool, curl, python3, docker-compose
# costs: 10 s
# group: packaging
source "$(dirname "$0")/prepare.sh"
with_binary
bash tests/packaging/compose.sh --binary "$BINARY"
