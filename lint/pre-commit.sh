#!/bin/sh
# The pre-commit hook. pre-commit's Rust support installs only a package at the root of a repository, but this root is a
# workspace. So the hook builds the command, once for each revision, in the clone that pre-commit keeps.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target=${DAEMONSET_LINT_TARGET_DIR:-$root/target}
CARGO_TARGET_DIR="$target" cargo build --quiet --release --locked --manifest-path "$root/Cargo.toml" -p daemonset-lint >&2
exec "$target/release/daemonset-lint" "$@"
