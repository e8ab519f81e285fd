#!/bin/sh
# Builds the control plane for the tests into $CONTROLPLANE_BIN (default: target/controlplane). Cold, it takes about eight CPU-minutes.
set -eu

cd "$(dirname "$0")"
destination="${CONTROLPLANE_BIN:-../../target/controlplane}"
version=$(sed -n 's/^[[:space:]]*k8s\.io\/kubernetes \(v[0-9.]*\)$/\1/p' go.mod | head -1)
minor=${version#v1.}

# kubectl and the servers speak of a version that only the release build knows; without one kubectl cannot compare them.
package=k8s.io/component-base/version
flags="-X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*} -X $package.gitTreeState=clean"
mkdir -p "$(dirname "$destination")"
go build -p 2 -ldflags "-s -w $flags" -o "$destination" .
