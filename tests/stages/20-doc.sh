#!/usr/bin/env bash
# proves: the documentation of the code builds, and no link in it is broken
# needs: rustdoc
# costs: half a minute
source "$(dirname "$0")/prepare.sh"
RUSTDOCFLAGS='-D warnings' cargo doc --no-deps
