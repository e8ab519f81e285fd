#!/usr/bin/env bash
# The webhook on one core beside an axum and rustls handler that answers a constant and beside a Go webhook on controller-runtime
# that calls upstream's ValidateDaemonSet, in turns in one run: throughput, CPU a review, latency at 5,000 reviews a second,
# memory, time to ready. Needs two cores, Python, and Go for the Go webhook (left out where it is absent). MUTUAL=1 has the
# webhook ask for a client certificate. Quote ratios of one run.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
profile=${PROFILE:-dist}
cd "$root"
if [ "${BUILD:-1}" = 1 ]; then
  cargo build --profile "$profile" -p daemonset-webhook
  cargo build --profile "$profile" -p constant-handler
  cargo build --release -p daemonset-tests --features tools --bin review-load
fi
target="${CARGO_TARGET_DIR:-$root/target}"
servers=(--constant "$target/$profile/constant-handler" --webhook "$target/$profile/daemonset-webhook")
if command -v go >/dev/null; then
  go_webhook=${GO_WEBHOOK:-$target/go-webhook}
  [ -x "$go_webhook" ] || tests/bench/webhook/go/build.sh "$go_webhook"
  servers+=(--go "$go_webhook")
fi
"$target/$profile/daemonset-webhook" dev-certs --out "$work/tls" >&2
if [ "${MUTUAL:-0}" = 1 ]; then
  mkdir "$work/mutual"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=clients \
    -keyout "$work/mutual/ca.key" -out "$work/mutual/ca.crt" 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=kube-apiserver \
    -keyout "$work/mutual/client.key" -out "$work/mutual/client.csr" 2>/dev/null
  openssl x509 -req -in "$work/mutual/client.csr" -CA "$work/mutual/ca.crt" -CAkey "$work/mutual/ca.key" -days 1 \
    -extfile <(echo extendedKeyUsage=clientAuth) -out "$work/mutual/client.crt" 2>/dev/null
  servers+=(--mutual "$work/mutual")
fi
python3 tests/bench/webhook/measure.py --load "$target/release/review-load" --tls "$work/tls" "${servers[@]}" "$@"
