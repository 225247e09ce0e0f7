#!/usr/bin/env bash
# proves: the image builds, runs without rights and holds nothing that is not needed
# needs: root, buildah, debootstrap, curl, jq, python3
# costs: some minutes at the first time
# group: packaging
source "$(dirname "$0")/prepare.sh"
with_binary
bash tests/packaging/image.sh --binary "$BINARY"
