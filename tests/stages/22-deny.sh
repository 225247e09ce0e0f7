#!/usr/bin/env bash
# group: apart
# proves: every dependency has an allowed licence and a known source, none is banned, and none has a known vulnerability
# needs: cargo-deny; the network for the database of vulnerabilities
# costs: seconds; some minutes at the first time, for cargo-deny
source "$(dirname "$0")/prepare.sh"
if ! cargo deny --version >/dev/null 2>&1; then
    cargo install --quiet --locked cargo-deny || skip "cargo-deny cannot be installed"
fi
cargo deny check bans licenses sources
# Without the network there is nothing to compare with, which is no finding: bans, licences and sources are fine.
status=0
cargo deny check advisories 2>&1 | tee "$work/advisories" || status=$?
if ((status)) && grep -q 'failed to fetch advisory database' "$work/advisories"; then
    echo "the database of vulnerabilities cannot be reached: not compared"
    exit 0
fi
exit $status
