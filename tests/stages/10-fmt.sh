#!/usr/bin/env bash
# proves: the code is formatted
# needs: rustfmt
# costs: 2 s
# group: quick
source "$(dirname "$0")/prepare.sh"
cargo fmt --check
