#!/bin/sh
# The release build as it is shipped: no path of the machine that builds it is in the binary.
set -eu
cd "$(dirname "$0")/.."
cargo_home=${CARGO_HOME:-$HOME/.cargo}
# The C code of the crypto provider names its files in the same way.
export CFLAGS="${CFLAGS:-} -ffile-prefix-map=$cargo_home=/cargo -ffile-prefix-map=$PWD=/build"
export RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$cargo_home=/cargo --remap-path-prefix=$PWD=/build"
exec cargo build --release --locked --bin replication_exporter "$@"
