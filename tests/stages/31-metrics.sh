#!/usr/bin/env bash
# proves: promtool has nothing to say of the metrics of `demo` and of the shipped rules
# needs: python3, curl, promtool
# costs: 10 s
source "$(dirname "$0")/prepare.sh"
needs promtool prometheus
demo
curl -sSf --compressed -o "$work/metrics" "$url/metrics"
stop
grep -c '^storage_replication_lag_seconds{' "$work/metrics"
promtool check rules deploy/prometheus/*.rules.yml
# It warns on standard error with status 0 too: nothing at all is to be said.
promtool check metrics <"$work/metrics" 2>&1 | tee "$work/said"
[[ ! -s $work/said ]]
