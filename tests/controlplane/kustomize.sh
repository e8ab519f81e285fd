#!/bin/sh
# Builds kustomize at $KUSTOMIZE (default: target/bin/kustomize).
set -eu

cd "$(dirname "$0")/../.."
kustomize="${KUSTOMIZE:-$PWD/target/bin/kustomize}"
GOBIN=$(dirname "$kustomize") go install -p 2 sigs.k8s.io/kustomize/kustomize/v5@v5.8.0
