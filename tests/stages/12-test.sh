#!/usr/bin/env bash
# proves: the rules of the program: unit tests, and tests of the whole process against simulated arrays
# needs: nothing but cargo
# costs: a build, and about a minute
# group: quick
source "$(dirname "$0")/prepare.sh"
cargo test --no-fail-fast 2>&1 | tee "${CARGO_TEST_LOG:-/dev/null}"
