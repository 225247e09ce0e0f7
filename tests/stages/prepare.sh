# Sourced by the stages: missing tools, the program, what runs in the background. No check of its own.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly BINARY=$PWD/target/debug/replication_exporter
readonly VENV=$PWD/target/venv
work=$(mktemp -d)
readonly work
pid=
at_end() {
    if [[ -n $pid ]]; then
        kill "$pid" 2>/dev/null || true
        wait "$pid" || true
        tail -n 20 "$work/background"
    fi
    rm -rf "$work"
}
trap at_end EXIT

skip() {
    echo "skipped: $*"
    exit 77
}

have() { command -v "$1" >/dev/null; }

# needs COMMAND PACKAGE: is there, or is installed now, or the stage is skipped.
needs() {
    have "$1" && return
    [[ $(id -u) == 0 ]] && have apt-get || skip "$1 is missing: install the package $2"
    apt-get update -qq
    local policy=() status=0
    # Prometheus and Alertmanager are wanted as programs, not as services that Debian starts.
    if [[ ! -e /usr/sbin/policy-rc.d ]]; then
        policy=(/usr/sbin/policy-rc.d)
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" || status=$?
    rm -f "${policy[@]}"
    return $status
}

# Makes the program as it is now.
with_binary() { cargo build --quiet; }

# python_with FILE: a virtual environment, first on the path, with these requirements.
python_with() {
    needs python3 python3
    [[ -x $VENV/bin/python ]] || python3 -m venv "$VENV" || { needs python3-venv python3-venv; python3 -m venv "$VENV"; }
    "$VENV/bin/python" -m pip install -q -r "$1"
    PATH=$VENV/bin:$PATH
}

# wait_until SECONDS COMMAND...: while what runs in the background lives.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        kill -0 "$pid" 2>/dev/null && ((SECONDS < deadline)) || { echo "gave up waiting for: $*"; return 1; }
        sleep 0.2
    done
}

# background COMMAND...: runs until `stop` or the end of the stage; its output is shown at the end.
background() {
    "$@" >"$work/background" 2>&1 &
    pid=$!
}

# It must end by itself when told to, with status 0.
stop() {
    local ending=$pid
    pid=
    kill -TERM "$ending"
    wait "$ending" || { tail -n 20 "$work/background"; return 1; }
}

# The URL that the demo in the background says.
url_said() { sed -n 's|^ *status page *\(http[^ ]*\)/$|\1|p' "$work/background" | grep .; }

# demo ARGUMENT...: all of it in the background, polled once; sets $url.
demo() {
    needs curl curl
    with_binary
    background "$BINARY" demo --listen 127.0.0.1:0 --web.listen-address 127.0.0.1:0 "$@"
    wait_until 60 url_said >/dev/null
    url=$(url_said)
    wait_until 60 curl -sf -o "$work/ready" "$url/-/ready"
}
