#!/usr/bin/env bash
# proves: systemd has no complaint about the shipped unit, and it is locked down as the documents say
# needs: systemd
# costs: 2 s
# group: packaging
source "$(dirname "$0")/prepare.sh"
bash tests/packaging/systemd.sh
