#!/usr/bin/env bash
# proves: the Debian package installs, runs under systemd, upgrades and goes without a trace
# needs: root, lintian, systemd-nspawn, cargo-deb
# costs: some minutes at the first time
# group: packaging
source "$(dirname "$0")/prepare.sh"
with_binary
bash tests/packaging/deb.sh --binary "$BINARY"
