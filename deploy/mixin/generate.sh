#!/usr/bin/env bash
# Writes what users load, from this mixin: deploy/prometheus/*.rules.yml, the PrometheusRule and deploy/grafana. Needs jsonnet and
# Python.
#   generate.sh            writes the files
#   generate.sh --check    status 1, with the difference, if they are not what the mixin says, or one is no longer of it
set -euo pipefail
cd "$(dirname "$0")/.."
readonly NOTE='# Written by deploy/mixin/generate.sh; change the mixin, not this file.'

# yaml EXPRESSION: of the mixin, called `mixin`.
yaml() {
    jsonnet -e "local mixin = import 'mixin/mixin.libsonnet'; $1" | python3 mixin/as_yaml.py
}

# write FOLDER: everything, as it lies below deploy/.
write() {
    local file name
    mkdir -p "$1"/{prometheus,grafana,kubernetes/monitoring}
    { echo "$NOTE"; yaml mixin.prometheusRules; } >"$1/prometheus/recording.rules.yml"
    { echo "$NOTE"; yaml mixin.prometheusAlerts; } >"$1/prometheus/alerts.rules.yml"
    {
        echo "$NOTE"
        yaml '{
            apiVersion: "monitoring.coreos.com/v1",
            kind: "PrometheusRule",
            metadata: { name: "replication-exporter", labels: { "app.kubernetes.io/name": "replication-exporter" } },
            spec: { groups: mixin.prometheusRules.groups + mixin.prometheusAlerts.groups },
        }'
    } >"$1/kubernetes/monitoring/prometheusrule.yaml"
    jsonnet -m "$1/grafana" -e "(import 'mixin/mixin.libsonnet').grafanaDashboards" >/dev/null
    # A kustomization cannot read files above itself, so the dashboards' ConfigMaps are made where they lie.
    {
        echo "$NOTE"
        printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nconfigMapGenerator:\n'
        for file in "$1"/grafana/*.json; do
            name=${file##*/}
            printf '  - name: replication-exporter-%s\n    files: [%s]\n' "${name%.json}" "$name"
        done
        printf 'generatorOptions:\n  disableNameSuffixHash: true\n  labels:\n    grafana_dashboard: "1"\n'
    } >"$1/grafana/kustomization.yaml"
}

case ${1:-} in
'') write . ;;
--check)
    fresh=$(mktemp -d)
    trap 'rm -rf "$fresh"' EXIT
    write "$fresh"
    status=0
    while read -r file; do
        diff -u "$file" "$fresh/$file" || status=1
    done < <(cd "$fresh" && find . -type f)
    while read -r file; do
        [[ -e $fresh/$file ]] || { echo "$file is no longer of the mixin: delete it" && status=1; }
    done < <(find ./prometheus ./grafana ./kubernetes/monitoring -type f \( -name '*.json' -o -name '*rule*' \))
    exit $status
    ;;
*) echo "usage: generate.sh [--check]" && exit 2 ;;
esac
