#!/usr/bin/env bash
# proves: an outage of a simulated array becomes a message of a real Alertmanager, and ends with one
# needs: promtool, prometheus, jsonnet, alertmanager, python3 and the packages of tests/alerts/requirements.txt
# costs: some minutes
source "$(dirname "$0")/prepare.sh"
needs promtool prometheus
needs jsonnet jsonnet
needs amtool prometheus-alertmanager
python_with tests/alerts/requirements.txt
with_binary
python3 tests/alerts/end_to_end.py "$BINARY"
