#!/usr/bin/env bash
# Fresh random cases against the servers' own code, bounded in count and time. ORACLE_BIN names the folder of the built oracles.
# SEED repeats a run; without it every run has another.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${ORACLE_BIN:?the folder of the built oracles: see tests/oracle/build.sh}"
export ORACLE_BIN=$(cd "$ORACLE_BIN" && pwd)
export SEED="${SEED:-$(date +%s)}"
echo "seed $SEED"
# Real manifests as the ground for mutilated YAML, where they are at hand.
[ -d ../shared/corpus/manifests ] && export YAML_CORPUS="$PWD/../shared/corpus/manifests"

cargo test -p daemonset-tests --test controller --test placement --test plugins --test pod --test pod_security --test quota --test rollout \
  --test yaml_live -- --nocapture

# Every disagreement with a server's own code fails, with a small case that shows it.
for minor in 1.37 1.36 1.35; do
  cargo run -q -p daemonset-tests --bin fidelity -- run --minor "$minor" --seed "$SEED" --cases "${CASES:-100000}" --time-limit 120
done

# The same for placement, on random clusters.
for minor in 1.37 1.36 1.35; do
  cargo run -q -p daemonset-tests --bin fidelity -- clusters --minor "$minor" --seed "$SEED" --cases "${CLUSTERS:-10000}" --jobs 2
done
