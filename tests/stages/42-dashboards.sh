#!/usr/bin/env bash
# proves: page and rules agree on every minute of a day of incidents, and the dashboards show it
# needs: promtool, prometheus, python3 and the packages of tests/alerts/requirements.txt
# costs: 3 minutes
source "$(dirname "$0")/prepare.sh"
needs promtool prometheus
python_with tests/alerts/requirements.txt
# The test that lives the day writes it down.
cargo test --quiet --test it day::
python3 tests/dashboards/check.py
