#!/bin/sh
# Builds the oracle for one Kubernetes minor or for several: build.sh [minor...].
# Each minor has a module file of its own, since one build can hold one Kubernetes.
set -eu

cd "$(dirname "$0")"
destination="${ORACLE_BIN:-bin}"
newest=1.37
[ $# -gt 0 ] || set -- "$newest"

mkdir -p "$destination"
for minor in "$@"; do
	case "$minor" in
	"$newest") set -- ;;
	1.35 | 1.36) set -- -modfile="go.$minor.mod" -tags=until136 ;;
	*)
		echo "build.sh: no module file for Kubernetes $minor" >&2
		exit 2
		;;
	esac
	# The largest packages need much memory to compile, so never more than two at a time.
	go build -p 2 "$@" -o "$destination/oracle-$minor" .
done
