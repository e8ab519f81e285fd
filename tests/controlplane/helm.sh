#!/bin/sh
# Builds helm, which knows no Kubernetes version of its own then, at $HELM (default: target/bin/helm).
set -eu

cd "$(dirname "$0")/../.."
helm="${HELM:-$PWD/target/bin/helm}"
GOBIN=$(dirname "$helm") go install -p 2 helm.sh/helm/v3/cmd/helm@v3.22.0
