#!/usr/bin/env bash
# proves: chart and kustomization say the same, and Kubernetes' schemas allow it
# needs: python3; helm and kubectl are fetched
# costs: half a minute
# group: packaging
source "$(dirname "$0")/prepare.sh"
bash tests/packaging/kubernetes.sh
