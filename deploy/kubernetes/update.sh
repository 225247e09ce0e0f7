#!/usr/bin/env bash
# Writes what the kustomize files have of deploy/prometheus and deploy/grafana; needs helm. After a change there, run it.
# A kustomization can neither read files above itself nor put a rules file into a PrometheusRule; the chart can.
set -euo pipefail
cd "$(dirname "$0")"

{
    echo '# Written by ../update.sh from deploy/prometheus/*.yml.'
    "${HELM:-helm}" template replication-exporter helm/replication-exporter --set prometheusRule.enabled=true \
        --show-only templates/prometheusrule.yaml 2>/dev/null |
        sed -e '/^---$/d' -e '/^# Source:/d' -e '/^  namespace:/d' -e '/managed-by:/d' -e '/helm.sh\/chart:/d' \
            -e '/kubernetes.io\/instance:/d' -e '/kubernetes.io\/version:/d' -e '/./,$!d'
} >monitoring/prometheusrule.yaml

{
    echo '# Written by deploy/kubernetes/update.sh: the dashboards as ConfigMaps, for Grafana'"'"'s sidecar.'
    echo 'apiVersion: kustomize.config.k8s.io/v1beta1'
    echo 'kind: Kustomization'
    files=(../grafana/*.json)
    if [[ -e ${files[0]} ]]; then
        echo 'configMapGenerator:'
        for file in "${files[@]}"; do
            name=${file##*/}
            resource=$(tr 'A-Z_' 'a-z-' <<<"${name%.json}")
            printf '  - name: replication-exporter-%s\n    files: [%s]\n' "$resource" "$name"
        done
    fi
    printf 'generatorOptions:\n  disableNameSuffixHash: true\n  labels:\n    grafana_dashboard: "1"\n'
} >../grafana/kustomization.yaml
