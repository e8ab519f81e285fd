#!/usr/bin/env bash
# The page of --format html in a real headless Chromium: clicks, keys, filters, hostile names, thousands of nodes. Pictures and
# pages are left in target/browser.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
command -v chromium-headless-shell >/dev/null || missing+=(chromium-headless-shell fonts-dejavu-core)
command -v pdftotext >/dev/null || missing+=(poppler-utils)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
CHROMIUM=$(command -v chromium-headless-shell)

# The driver's version is in tests/browser/package-lock.json; it brings no browser of its own.
mkdir -p target/browser
cp tests/browser/package.json tests/browser/package-lock.json target/browser/
npm ci --prefix target/browser --ignore-scripts --no-audit --no-fund --silent

if [ -z "${DAEMONSET_LINT:-}" ]; then
  cargo build --release -q -p daemonset-lint
  DAEMONSET_LINT="${CARGO_TARGET_DIR:-$PWD/target}/release/daemonset-lint"
fi
export CHROMIUM DAEMONSET_LINT
exec node tests/browser/checks.mjs
