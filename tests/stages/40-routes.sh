#!/usr/bin/env bash
# proves: an alert reaches whom the example of an Alertmanager configuration says
# needs: amtool, python3 and the packages of tests/alerts/requirements.txt
# costs: 10 s
source "$(dirname "$0")/prepare.sh"
needs amtool prometheus-alertmanager
python_with tests/alerts/requirements.txt
bash tests/alerts/routes.sh
