#!/usr/bin/env bash
# What the webhook does with four times the load that it can answer, and when a replica ends under load: overload.sh [overload|drain]...
# Every admission that is not decided is counted with its reason. Needs two cores and Python.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
profile=${PROFILE:-dist}
cd "$root"
if [ "${BUILD:-1}" = 1 ]; then
  cargo build --profile "$profile" -p daemonset-webhook
  cargo build --release -p daemonset-tests --features tools --bin review-load --bin service-stand-in
fi
target="${CARGO_TARGET_DIR:-$root/target}"
"$target/$profile/daemonset-webhook" dev-certs --out "$work/tls" >&2
python3 tests/bench/webhook/overload.py --webhook "$target/$profile/daemonset-webhook" --bin "$target/release" --tls "$work/tls" "$@"
