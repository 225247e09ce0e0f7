#!/usr/bin/env bash
# proves: a pair stands on the page as the recording rules say, in every scene of the rules' tests
# needs: promtool, python3 and the packages of tests/alerts/requirements.txt
# costs: 3 minutes
source "$(dirname "$0")/prepare.sh"
needs promtool prometheus
python_with tests/alerts/requirements.txt
python3 tests/rules/page.py
