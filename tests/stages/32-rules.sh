#!/usr/bin/env bash
# proves: what users load is what the mixin says; recording and alert rules do in each scene what their tests say; every alert has text, runbook and tests
# needs: promtool, jsonnet, python3 and the packages of tests/alerts/requirements.txt
# costs: some minutes
source "$(dirname "$0")/prepare.sh"
# Both say what they have to say.
needs promtool prometheus
needs jsonnet jsonnet
python_with tests/alerts/requirements.txt
with_binary
status=0
bash deploy/mixin/generate.sh --check || status=1
promtool check config deploy/prometheus/prometheus.yml
python3 tests/rules/run.py --binary "$BINARY" || status=1
python3 tests/rules/check.py --binary "$BINARY" || status=1
exit $status
