#!/usr/bin/env bash
# The image of webhook/Dockerfile: built without an engine, measured, and run as the chart runs it. Needs root; buildah, curl and procps are
# installed from Debian where they are absent. WEBHOOK_BIN names a static binary that is built already;
# `image.sh build` does no more than build one.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=${LIMIT:-16500000}
target=x86_64-unknown-linux-gnu

fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
# --target keeps the flag from the build scripts, which are not linked statically.
build() { RUSTFLAGS="-C target-feature=+crt-static" cargo build --profile image --target "$target" -p daemonset-webhook; }
if [ "${1:-}" = build ]; then
  build
  exit
fi

[ "$(id -u)" = 0 ] || fail "buildah's chroot isolation needs root"
missing=()
command -v buildah >/dev/null || missing+=(buildah)
command -v curl >/dev/null || missing+=(curl)
command -v pgrep >/dev/null || missing+=(procps)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

[ -n "${WEBHOOK_BIN:-}" ] || build
WEBHOOK_BIN=$(realpath "${WEBHOOK_BIN:-${CARGO_TARGET_DIR:-target}/$target/image/daemonset-webhook}")

work=$(mktemp -d)
# Images and containers in a folder of their own, on any file system.
builder() { buildah --storage-driver vfs --root "$work/root" --runroot "$work/run" "$@"; }
container=
server=
# A process and all that it started, the youngest first.
stop() {
  local child
  for child in $(pgrep -P "$1"); do stop "$child"; done
  kill "$1" 2>/dev/null || true
}
finish() {
  [ -z "$server" ] || { stop "$server"; wait "$server"; } 2>/dev/null || true
  [ -z "$container" ] || { builder umount "$container"; builder rm "$container"; } >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

mkdir "$work/context"
cp "$WEBHOOK_BIN" "$work/context/daemonset-webhook"
# A binary that asks for a loader finds none in an empty image.
! LC_ALL=C readelf -l "$work/context/daemonset-webhook" | grep -q INTERP || fail "the binary is not static"
builder bud --isolation chroot --quiet --tag daemonset-webhook --file webhook/Dockerfile "$work/context" >/dev/null

container=$(builder from daemonset-webhook)
root=$(builder mount "$container")
files=$(cd "$root" && find . -type f | sort)
[ "$files" = ./daemonset-webhook ] || fail "the image holds more than the binary: $files"
bytes=$(du -sb --apparent-size "$root" | cut -f1)
[ "$bytes" -le "$limit" ] || fail "the image has $bytes bytes, more than $limit"
user=$(builder inspect --type container --format '{{.OCIv1.Config.User}}' "$container")
[ "$user" = 65532:65532 ] || fail "the image's user is $user"

builder run --isolation chroot "$container" -- /daemonset-webhook --help >"$work/help"
grep -q serve "$work/help" || fail "--help does not speak of serve"

# Serves with development certificates, on loopback, as the image's user, who can write nowhere.
mkdir "$work/tls"
"$WEBHOOK_BIN" dev-certs --out "$work/tls" --host localhost
chown -R 65532:65532 "$work/tls"
builder run --isolation chroot --volume "$work/tls:/tls:ro" "$container" -- /daemonset-webhook serve \
  --listen 127.0.0.1:18443 --ops-listen 127.0.0.1:18080 --tls-dir /tls --cache off >"$work/log" 2>&1 &
server=$!
for _ in $(seq 100); do
  answer=$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:18080/readyz || true)
  [ "$answer" != 200 ] || break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
[ "$answer" = 200 ] || fail "/readyz answers $answer: $(cat "$work/log")"
review='{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1","kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},"operation":"CREATE","object":{}}}'
verdict=$(curl -sf --cacert "$work/tls/ca.crt" --resolve localhost:18443:127.0.0.1 -H 'Content-Type: application/json' \
  --data "$review" https://localhost:18443/validate) || fail "no verdict: $(cat "$work/log")"
case $verdict in
*'"allowed":true'*) ;;
*) fail "the verdict is $verdict" ;;
esac
echo "the image: $bytes bytes (at most $limit), one file, user $user; /readyz and a review answered"
