#!/usr/bin/env bash
# A cluster as `kubectl get nodes,pods -A -o json` prints it, read as a stream and explained: user CPU, MB/s a core and the peak of
# memory, at 5,000 and at 15,000 nodes with thirty pods each. Needs GNU time.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
profile=${PROFILE:-release}
cargo build --profile "$profile" --manifest-path "$root/Cargo.toml" -p daemonset-lint -p daemonset-tests --features daemonset-tests/tools --bin daemonset-lint --bin cluster-file
bin="${CARGO_TARGET_DIR:-$root/target}/$profile"

for nodes in ${NODES:-5000 15000}; do
  file="$work/cluster.json"
  "$bin/cluster-file" --nodes "$nodes" --pods $((nodes * 30)) > "$file"
  megabytes=$(($(stat -c %s "$file") / 1000000))
  for round in 1 2 3; do
    /usr/bin/time -f '%U %S %e %M' -o "$work/time" \
      "$bin/daemonset-lint" --explain --nodes "$file" "$root/tests/bench/agent.yaml" > "$work/out" || [ $? -eq 1 ]
    read -r user system real peak < "$work/time"
    awk -v n="$nodes" -v mb="$megabytes" -v u="$user" -v s="$system" -v r="$real" -v k="$peak" \
      'BEGIN { printf "%d nodes, %d MB: %.2f s user, %.2f s system, %.2f s in all; %.0f MB/s of user CPU, peak %.0f MiB\n", n, mb, u, s, r, mb / u, k / 1024 }'
  done
  "$bin/cluster-file" --decide --nodes "$nodes" --pods $((nodes * 30))
  # The servers' own code on the same objects, where its program (tests/oracle/build.sh) is named: it answers one line.
  if [ -n "${ORACLE:-}" ]; then
    set='{"metadata":{"name":"agent","namespace":"default"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}'
    {
      printf '{"id":1,"daemonSet":%s,"objects":[' "$set"
      "$bin/cluster-file" --compact --nodes "$nodes" --pods $((nodes * 30)) | sed -e 1,3d -e '/^    ],$/,$d' | tr -d '\n'
      printf ']}\n'
    } > "$work/question.json"
    /usr/bin/time -f "  the oracle: %U s user, %e s in all, peak %M KiB" "$ORACLE" placement < "$work/question.json" > "$work/answer.json"
    head -c 200 "$work/answer.json"
    echo
  fi
done
