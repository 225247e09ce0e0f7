#!/usr/bin/env bash
# group: apart
# proves: the shipped binary holds no path of the machine that built it, and no symbols
# needs: nothing but cargo
# costs: a release build of its own, some minutes
source "$(dirname "$0")/prepare.sh"
needs strings binutils
deploy/build.sh --target-dir target/shipped
built=target/shipped/release/replication_exporter
for path in "$PWD" "${CARGO_HOME:-$HOME/.cargo}"; do
    ! strings -n 8 "$built" | grep -F "$path" || { echo "FAILED: these name $path"; exit 1; }
done
[[ -z $(nm "$built" 2>/dev/null) ]] || { echo "FAILED: it has symbols"; exit 1; }
"$built" --version
