#!/usr/bin/env bash
# group: apart
# proves: half an hour at 100 times the speed, twenty broken arrays and a huge list beside a healthy one, on the release build
# needs: python3
# costs: a release build, and 47 minutes
source "$(dirname "$0")/prepare.sh"
needs python3 python3
cargo build --release
python3 tests/soak/run.py
python3 tests/soak/faults.py
python3 tests/soak/huge.py
