#!/usr/bin/env bash
# group: apart
# proves: memory, threads and descriptors stay; twenty broken arrays leave a healthy one alone
# needs: python3
# costs: a release build, and 5 minutes
source "$(dirname "$0")/prepare.sh"
needs python3 python3
cargo build --release
python3 tests/soak/run.py --minutes 2
python3 tests/soak/faults.py --minutes 2
