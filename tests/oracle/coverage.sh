#!/bin/sh
# Says which places in the server's code that make an error or a warning the
# case generator does not reach: coverage.sh [minor [cases [seed]]].
# `cargo build --release -p daemonset-tests --bin fidelity` must have been run.
set -eu

minor="${1:-1.37}"
cases="${2:-200000}"
seed="${3:-1}"
root="$(cd "$(dirname "$0")/../.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# The packages whose code judges a DaemonSet. The oracle's own is among them
# because the runtime writes the counters only where the main package has some.
packages=oracle
for package in \
	kubernetes/pkg/api/pod kubernetes/pkg/apis/apps/v1 kubernetes/pkg/apis/apps/validation \
	kubernetes/pkg/apis/core/helper kubernetes/pkg/apis/core/v1 kubernetes/pkg/apis/core/validation \
	kubernetes/pkg/registry/apps/daemonset \
	apimachinery/pkg/api/validate/content apimachinery/pkg/api/validation \
	apimachinery/pkg/apis/meta/v1/validation apimachinery/pkg/util/validation; do
	packages="$packages,k8s.io/$package"
done

cd "$root/tests/oracle"
case "$minor" in
1.37) set -- ;;
*) set -- -modfile="go.$minor.mod" -tags=until136 ;;
esac
program="${ORACLE_BIN:-bin}/oracle-cover-$minor"
[ -x "$program" ] || go build -p 1 "$@" -cover -covermode=atomic -coverpkg="$packages" -o "$program" .

mkdir "$work/counters"
"$target/release/fidelity" cases --minor "$minor" --cases "$cases" --seed "$seed" |
	GOCOVERDIR="$work/counters" "$program" judge >/dev/null 2>&1
go tool covdata textfmt -i="$work/counters" -o="$work/profile"
GOFLAGS="${*:+$1}" go run ./sites "$work/profile" ${SITES:-}
