#!/usr/bin/env bash
# Renders the Helm chart with helm and the kustomizations with kubectl, and judges what comes out (manifests.py).
# No cluster is needed or asked.
source "$(dirname "$0")/prepare.sh"
python_with tests/packaging/manifests.txt
with_helm
export HOME=$work KUBECONFIG=/dev/null
# It tells of every symbolic link that it follows.
helm() { "$HELM" "$@" 2> >(grep -v 'found symbolic link' >&2); }
kustomize() { "$tools/kubectl" kustomize "$@"; }
readonly chart=deploy/kubernetes/helm/replication-exporter

say "$(helm version --short), $("$tools/kubectl" version --client | tr '\n' ' ')"
say "chart"
helm lint --strict "$chart" >"$work/lint" || { cat "$work/lint"; exit 1; }
expect "version" "$(sed -n 's/^appVersion: //p' "$chart/Chart.yaml")" "$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)"
helm template exporter "$chart" --namespace storage >"$work/default.yaml"
helm template exporter "$chart" --namespace storage -f tests/packaging/values-all.yaml >"$work/all.yaml"
helm template replication-exporter "$chart" --set persistence.enabled=false --set networkPolicy.enabled=true >"$work/without-volume.yaml"
helm template exporter "$chart" --set demo=true,shards=2,serviceAccount.name=there >"$work/demo.yaml"
expect "readiness" "$(grep -c 'command: \[replication_exporter, healthcheck, --ready\]' "$work/all.yaml")" 1
helm template exporter "$chart" -f tests/packaging/values-all.yaml --set readinessProbe.tcpSocket.port=http >"$work/own-probe.yaml"
if grep -q -e --ready "$work/own-probe.yaml"; then fail "a probe of one's own does not replace the chart's"; fi
expect "rules in the chart" "$(grep -cE '^ *-? *(alert|record): ' "$work/all.yaml")" \
    "$(cat deploy/prometheus/*.rules.yml | grep -cE '^ *-? *(alert|record): ')"
dashboards=(deploy/grafana/*.json)
expect "dashboards in the chart" "$(grep -c 'grafana_dashboard: ' "$work/all.yaml")" "$([[ -e ${dashboards[0]} ]] && echo ${#dashboards[@]} || echo 0)"
# The packaged chart holds what the links point to.
helm package "$chart" -d "$work" >/dev/null
helm template exporter "$work"/replication-exporter-*.tgz --namespace storage -f tests/packaging/values-all.yaml >"$work/packaged.yaml"
cmp "$work/all.yaml" "$work/packaged.yaml"

say "what the values' schema refuses"
for wrong in shards=0 shards=two image.digest=latest persistence.size=much nonsense=1 service.port=0 image.pullPolicy=Sometimes 'secrets={A_B}' links.dashboards=grafana demo=yes podDisruptionBudget.maxUnavailable=0; do
    if helm template exporter "$chart" --set "$wrong" >/dev/null 2>&1; then fail "$wrong was accepted"; fi
done

say "kustomize"
kustomize deploy/kubernetes/base >"$work/base.yaml"
kustomize deploy/kubernetes/example >"$work/example.yaml"

say "schemas, pod security, references"
cd "$work"
"$venv/bin/python" "$OLDPWD/tests/packaging/manifests.py" default.yaml all.yaml own-probe.yaml demo.yaml without-volume.yaml base.yaml example.yaml
