#!/usr/bin/env bash
# group: apart
# proves: a release can be made, holds no path of the machine that made it, is the same bytes from another folder; what a new user does works
# needs: root, binutils, gcc-aarch64-linux-gnu, cargo-deb, cargo-generate-rpm, cargo-cyclonedx, rpm, debootstrap, promtool, alertmanager; helm is fetched
# costs: three release builds, the packagers once: half an hour and more
source "$(dirname "$0")/prepare.sh"
bash tests/packaging/release.sh
