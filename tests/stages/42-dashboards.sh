#!/usr/bin/env bash
# proves: the dashboards show a day of incidents as it happened
# needs: promtool, prometheus, python3 and the packages of tests/alerts/requirements.txt
# costs: some minutes
source "$(dirname "$0")/prepare.sh"
needs promtool prometheus
python_with tests/alerts/requirements.txt
# The test that lives the day writes it down.
cargo test --quiet --test it day::
python3 tests/dashboards/check.py
