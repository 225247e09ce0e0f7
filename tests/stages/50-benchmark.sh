#!/usr/bin/env bash
# proves: a scrape costs what the documents promise
# needs: nothing but cargo
# costs: a release build, and a minute
source "$(dirname "$0")/prepare.sh"
cargo build --release
cargo bench --bench scrape
