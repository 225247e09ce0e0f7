#!/usr/bin/env bash
# Judges deploy/alertmanager by amtool: who is told, and the text; and by a real Alertmanager: what is muted.
set -euo pipefail
cd "$(dirname "$0")/../.."
readonly config=deploy/alertmanager/alertmanager.example.yml
readonly compose=deploy/compose/alertmanager.yml

amtool check-config "$config"
amtool check-config "$compose"
echo "--- the file of compose routes and mutes as the example does, with its receivers"
python3 - "$config" "$compose" <<'CHECK'
import sys, yaml
example, compose = (yaml.safe_load(open(file)) for file in sys.argv[1:])
for key in ("route", "inhibit_rules"):
    assert example[key] == compose[key], f"{key} differs"
assert [it["name"] for it in example["receivers"]] == [it["name"] for it in compose["receivers"]]
assert all(set(it) == {"name"} for it in compose["receivers"]), "compose.yml would send something"
CHECK

echo "--- receivers"
goes() {
    local receiver=$1
    shift
    echo "$receiver: $*"
    for file in "$config" "$compose"; do
        # It warns each time that it will not ask an Alertmanager.
        said=$(amtool config routes test --config.file="$file" --verify.receivers="$receiver" "$@" 2>&1) || {
            echo "FAILED: $said"
            return 1
        }
    done
}
goes pager alertname=StorageArrayDown severity=critical scope=array array=nyc vendor=qumulo
goes pager alertname=StorageDataAtRisk severity=critical scope=array array=nyc
goes pager alertname=ReplicationBehind severity=critical scope=relationship array=nyc pair=a relationship=a
goes pager alertname=ReplicationBudgetBurnsFast severity=critical scope=fleet
goes pager alertname=ReplicationExporterAbsent severity=critical scope=exporter
goes pager alertname=StorageArrayUnwatched severity=critical scope=exporter array=nyc
goes tickets alertname=ReplicationBehind severity=warning scope=relationship array=nyc pair=a relationship=a
goes tickets alertname=StorageDataAtRisk severity=warning scope=array array=nyc
goes tickets alertname=ReplicationBudgetBurnsSlowly severity=warning scope=fleet
goes tickets alertname=ReplicationExporterDown severity=warning scope=exporter job=replication_exporter
goes record alertname=ReplicationFailedOver severity=info scope=relationship array=nyc pair=a relationship=a
goes record alertname=StorageTlsVerificationDisabled severity=info scope=array array=nyc
# Nobody else's alerts page because of these routes.
goes tickets alertname=NodeDown severity=critical instance=a:9100
# Every alert that is shipped, with the labels that its rule sets.
shipped=$(python3 - deploy/prometheus/alerts.rules.yml <<'RULES'
import sys, yaml
for group in yaml.safe_load(open(sys.argv[1]))["groups"]:
    for rule in (rule for rule in group["rules"] if "alert" in rule):
        labels = rule["labels"]
        assert labels["scope"] in ("relationship", "array", "fleet", "exporter"), rule["alert"]
        receiver = {"critical": "pager", "warning": "tickets", "info": "record"}[labels["severity"]]
        print(receiver, f"alertname={rule['alert']}", *(f"{key}={value}" for key, value in labels.items()))
RULES
)
while read -r receiver labels; do
    # shellcheck disable=SC2086
    goes "$receiver" $labels
done <<<"$shipped"

echo "--- text"
text() {
    amtool template render --template.glob=deploy/alertmanager/replication.tmpl \
        --template.text="{{ template \"replication.$1\" . }}" --template.data=tests/alerts/"$2".json
}
compare() {
    diff <(for part in subject text; do text "$part" "$1"; echo; done) "tests/alerts/$1.txt"
}
compare page
compare resolved

echo "--- muting"
python3 tests/alerts/inhibition.py "$PWD/$config"
