#!/usr/bin/env bash
# proves: no lint of clippy, pedantic ones included, in the program, its tests and benchmarks
# needs: clippy
# costs: a build; seconds when nothing changed
# group: quick
source "$(dirname "$0")/prepare.sh"
cargo clippy --all-targets -- -D warnings
