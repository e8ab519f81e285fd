#!/usr/bin/env bash
# The preview beside a real control plane on loopback: builds it where it is missing, then plays every scenario of tests/cluster.
# CONTROLPLANE_BIN names the program (default: target/controlplane). Needs Go only for the build.
set -euo pipefail
cd "$(dirname "$0")/.."
export CONTROLPLANE_BIN="${CONTROLPLANE_BIN:-$PWD/target/controlplane}"
# Go builds again only what has changed.
tests/controlplane/build.sh
cargo build -q -p daemonset-tests --features tools --bin cluster
# The scenarios take about twelve minutes on two cores; something that hangs must not hold everything up.
timeout --signal=INT --kill-after=10 "${TIME_LIMIT:-1800}" cargo run -q -p daemonset-tests --features tools --bin cluster -- "$@"
