#!/usr/bin/env bash
# Writes docs/fidelity.md again: fresh random cases of each minor, judged by us and by the server's own code, and other tools' figures on a
# share of the same cases. ORACLE_BIN names the folder of the built oracles; SEED and CASES choose the cases; OTHERS how many of them the
# slower tools get (0 leaves them out). Needs Go for those tools, and ../shared/tools for kubeconform's schemas.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
: "${ORACLE_BIN:?the folder of the built oracles: see tests/oracle/build.sh}"
export ORACLE_BIN=$(cd "$ORACLE_BIN" && pwd)
seed=${SEED:-$(date +%s)} cases=${CASES:-1000000} others=${OTHERS:-5000}
cd "$root"
cargo build --release -q -p daemonset-tests --bin fidelity
cargo build --release -q -p daemonset-lint
fidelity="${CARGO_TARGET_DIR:-$root/target}/release/fidelity"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A disagreement belongs into the report as well; it makes the exit code 1 in the end.
status=0
for minor in 1.37 1.36 1.35; do
  "$fidelity" run --minor "$minor" --seed "$seed" --cases "$cases" > "$work/$minor.txt" || status=1
done
"$fidelity" cases --minor 1.37 --seed "$seed" --cases "$others" > "$work/questions.jsonl"
python3 tests/proof/fidelity/others.py "$work" "$ORACLE_BIN/oracle-1.37" "$root/../shared/tools/kubeconform-schemas.py" "$root/tests/oracle" \
  "${CARGO_TARGET_DIR:-$root/target}/release/daemonset-lint" \
  > "$work/others.md"
{
  cat tests/proof/fidelity/report_head.md
  for minor in 1.37 1.36 1.35; do
    printf '\n```text\n'
    # Of the groups only those that are more than wording belong here, then the summary.
    awk 'BEGIN { RS = ""; ORS = "\n\n" } /^[0-9]+x / && !/wording|value in a sentence|text of a/' "$work/$minor.txt" | cut -c1-400
    sed -n "/^Kubernetes $minor/,\$p" "$work/$minor.txt"
    printf '```\n'
  done
  cat "$work/others.md" tests/proof/fidelity/report_tail.md
} > docs/fidelity.md
exit "$status"
