#!/usr/bin/env bash
# The webhook in a real control plane on loopback: builds what is missing, then plays every scene of tests/webhook/cluster.
# The scene `storm` is played only where it is named or STORM says for how many seconds: `STORM=600 bash tests/webhook.sh storm`.
# CONTROLPLANE_BIN and HELM name programs (default: below target/); WEBHOOK_BIN is the webhook's (default: target/debug).
# Needs Go for the builds, and the right to listen on port 443 of loopback.
set -euo pipefail
cd "$(dirname "$0")/.."
export CONTROLPLANE_BIN="${CONTROLPLANE_BIN:-$PWD/target/controlplane}"
export HELM="${HELM:-$PWD/target/bin/helm}"
# Go builds again only what has changed.
tests/controlplane/build.sh
[ -x "$HELM" ] || tests/controlplane/helm.sh
cargo build -q -p daemonset-webhook -p daemonset-tests --features daemonset-tests/tools --bin daemonset-webhook --bin webhook-cluster
# The scenes take some minutes on two cores; something that hangs must not hold everything up.
timeout --signal=INT --kill-after=20 "${TIME_LIMIT:-1500}" target/debug/webhook-cluster "$@"
