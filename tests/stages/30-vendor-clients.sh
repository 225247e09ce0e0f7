#!/usr/bin/env bash
# proves: the vendors' own clients can talk to the simulated arrays
# needs: python3 and the packages of tests/vendor/requirements.txt
# costs: 20 s
source "$(dirname "$0")/prepare.sh"
python_with tests/vendor/requirements.txt
with_binary
mkdir -p "$work/simulated"
background "$BINARY" simulate --listen 127.0.0.1:0 --speed 60 --config.out "$work/simulated/config.toml"
wait_until 30 test -s "$work/simulated/config.toml"
for client in tests/vendor/*.py; do
    echo "--- $client"
    "$VENV/bin/python" "$client" --config "$work/simulated"
done
stop
