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
echo "--- what init says to type, to qq: it has these commands and flags"
address=$(sed -n 's/^url = "\(.*\)"/\1/p' "$work/simulated/config.toml" | head -n 1)
"$BINARY" init "$address" | sed -n 's/^# *\(qq .*\)/\1/p' >"$work/qq"
[[ $(wc -l <"$work/qq") -ge 6 ]]
while read -r line; do
    status=0
    # Without a terminal, so that nobody is asked for a password. Status 2 is wrong usage; a simulated cluster has no roles.
    setsid -w bash -c "$line" </dev/null >"$work/said" 2>&1 || status=$?
    [[ $status != 2 && $status != 127 ]] || { echo "$line"; cat "$work/said"; exit 1; }
done <"$work/qq"
stop
