#!/usr/bin/env bash
# What systemd itself says about the unit: no mistake in it, and how much of the system it leaves to the service.
# tests/packaging/deb.sh starts it under a real systemd.
source "$(dirname "$0")/prepare.sh"
needs systemd-analyze systemd
unit=deploy/systemd/replication_exporter.service

say "verify"
# The program that the unit names need not be installed here.
install -D -m 0755 /dev/null "$work/replication_exporter"
sed "s|^ExecStart=/usr/bin/|ExecStart=$work/|" "$unit" >"$work/replication_exporter.service"
grep -q "^ExecStart=$work/" "$work/replication_exporter.service" || fail "ExecStart= is not /usr/bin/replication_exporter"
# It warns with status 0 too: nothing at all is to be said.
systemd-analyze verify --man=no "$work/replication_exporter.service" 2>&1 | tee "$work/said"
[[ ! -s $work/said ]] || fail "systemd-analyze verify has remarks"

say "exposure"
# Tenths: at most 1.5 of 10.
systemd-analyze security --offline=true --threshold=15 --no-pager "$unit" >"$work/security" || {
    cat "$work/security"
    fail "too much is exposed"
}
tail -n 1 "$work/security"
