#!/usr/bin/env bash
# proves: the dashboards are what the types of Grafana 10, 11, 12 and 13 allow
# needs: python3, npm
# costs: half a minute, more at the first time
source "$(dirname "$0")/prepare.sh"
needs python3 python3
needs npm npm
python3 tests/dashboards/schema.py
