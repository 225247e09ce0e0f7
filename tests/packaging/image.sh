#!/usr/bin/env bash
# Builds the Dockerfile with buildah, without a registry and without compiling, and runs the demo from the image.
# The base is made by debootstrap; the builder is the same with a `cargo` that puts the given binary where the real one would.
source "$(dirname "$0")/prepare.sh"
with_binary "$@"
[[ $(id -u) == 0 ]] || skip "buildah without user namespaces needs root"
needs buildah buildah
needs curl curl
needs jq jq
needs python3 python3
bookworm_root

# vfs and chroot ask nothing of the kernel, so that this works inside a container too.
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot REGISTRY_AUTH_FILE=$work/auth.json
export XDG_RUNTIME_DIR=$work TMPDIR=$work
buildah() { command buildah --root "$work/storage" --runroot "$work/run" "$@"; }
echo '{}' >"$REGISTRY_AUTH_FILE"
printf '{"default": [{"type": "insecureAcceptAnything"}]}\n' >"$work/policy.json"

say "base and builder"
container=$(buildah from scratch)
buildah add -q "$container" "$bookworm" / >/dev/null
buildah commit -q --signature-policy "$work/policy.json" "$container" localhost/base >/dev/null
install -D "$binary" "$work/builder/prebuilt/replication_exporter"
# What the real builder image has: authorities, and a cargo that is called as the Dockerfile calls it.
install -D -m 0644 /etc/ssl/certs/ca-certificates.crt "$work/builder/etc/ssl/certs/ca-certificates.crt"
mkdir -p "$work/builder/usr/local/bin"
cat >"$work/builder/usr/local/bin/cargo" <<'CARGO'
#!/bin/sh
set -eu
[ "$*" = "build --release --locked --bin replication_exporter" ]
[ -f Cargo.toml ] && [ -f Cargo.lock ] && [ -f build.rs ] && [ -f src/main.rs ] && [ "$REVISION" = feedc0de ]
[ ! -e target ] && [ ! -e .git ]
install -D /prebuilt/replication_exporter target/release/replication_exporter
CARGO
chmod +x "$work/builder/usr/local/bin/cargo"
buildah add -q "$container" "$work/builder" / >/dev/null
buildah commit -q --rm --signature-policy "$work/policy.json" "$container" localhost/builder >/dev/null

say "build"
# HEALTHCHECK exists only in Docker's format.
buildah build -q --format docker --signature-policy "$work/policy.json" --pull-never \
    --build-arg BUILDER=localhost/builder --build-arg BASE=localhost/base --build-arg REVISION=feedc0de \
    -t localhost/replication_exporter . >/dev/null

say "what the image says"
buildah inspect --type image localhost/replication_exporter | jq .Docker.config >"$work/config.json"
config() { jq -cr "$1" "$work/config.json"; }
expect user "$(config .User)" 10094:10094
expect entrypoint "$(config .Entrypoint)" '["replication_exporter"]'
expect healthcheck "$(config .Healthcheck.Test)" '["CMD","replication_exporter","healthcheck"]'
expect port "$(config '.ExposedPorts | keys')" '["10094/tcp"]'
expect volume "$(config '.Volumes | keys')" '["/var/lib/replication_exporter"]'
expect revision "$(config '.Labels["org.opencontainers.image.revision"]')" feedc0de
expect licence "$(config '.Labels["org.opencontainers.image.licenses"]')" Apache-2.0
expect version "$(config '.Labels["org.opencontainers.image.version"]')" "$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)"

say "what is in it"
container=$(buildah from --pull-never --signature-policy "$work/policy.json" localhost/replication_exporter)
inside() { buildah run "$container" -- "$@"; }
expect "user id" "$(inside id -u)" 10094
inside test -w /var/lib/replication_exporter
inside test -s /etc/ssl/certs/ca-certificates.crt
inside test -s /usr/share/doc/replication_exporter/LICENSE
inside sh -c '! test -w /usr/local/bin/replication_exporter && ! test -w /etc && ! test -e /build && ! test -e /prebuilt'
if inside replication_exporter healthcheck --web.listen-address 127.0.0.1:1 2>/dev/null; then fail "nobody listens, yet it is healthy"; fi

say "run the demo"
buildah run --env REPLICATION_EXPORTER_WEB_LISTEN_ADDRESS=127.0.0.1:0 "$container" -- \
    replication_exporter demo --listen 127.0.0.1:0 >"$work/demo" 2>&1 &
pid=$!
# The program itself, somewhere below buildah, which passes no signal on.
program() {
    local child
    for child in $(pgrep -P "$1"); do
        if [[ $(cat "/proc/$child/comm") == replication_exp* ]]; then echo "$child"; else program "$child"; fi
    done
}
finally 'kill $(program $pid) 2>/dev/null; wait $pid 2>/dev/null'
finally '[[ $status == 0 ]] || tail -n 20 "$work/demo"'
wait_for 60 port_said "$work/demo" >/dev/null
port=$(port_said "$work/demo")
wait_for 60 curl -sf -o /dev/null "http://127.0.0.1:$port/-/ready"
curl -sSf -o "$work/metrics" "http://127.0.0.1:$port/metrics"
grep -q '^storage_array_up{.*} 1$' "$work/metrics" || fail "no array is up"
grep -q '^storage_replication_lag_seconds{' "$work/metrics" || fail "no lag"
buildah run --env REPLICATION_EXPORTER_WEB_LISTEN_ADDRESS="127.0.0.1:$port" "$container" -- replication_exporter healthcheck
expect "user of the process" "$(stat -c %u:%g "/proc/$(program $pid)")" 10094:10094
kill -TERM "$(program $pid)"
wait $pid || fail "it did not end with status 0 when told to"
say "$(grep -c '^storage_' "$work/metrics") series from the container's demo"
