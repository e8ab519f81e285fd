#!/usr/bin/env bash
# The hook in the real pre-commit: a bad manifest stops the commit with the frame on screen, a good one passes.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

bash "$root/tests/venv.sh" "$scratch/venv" pre-commit
export PRE_COMMIT_HOME="$scratch/cache" GIT_CONFIG_GLOBAL="$scratch/gitconfig"
git config --file "$GIT_CONFIG_GLOBAL" user.name tester
git config --file "$GIT_CONFIG_GLOBAL" user.email tester@example.invalid
git config --file "$GIT_CONFIG_GLOBAL" safe.directory '*'
# The hook builds in its own clone; the crates that this checkout has built already need not be built again.
export DAEMONSET_LINT_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}"

git init --quiet "$scratch/repo"
cd "$scratch/repo"
cat > .pre-commit-config.yaml <<CONFIG
repos:
  - repo: $root
    rev: $(git -C "$root" rev-parse HEAD)
    hooks: [{ id: daemonset-lint }]
CONFIG
"$scratch/venv/bin/pre-commit" install >/dev/null
git add .pre-commit-config.yaml
git commit --quiet -m "configuration" >"$scratch/first" 2>&1 || { cat "$scratch/first"; exit 1; }

cp "$root/tests/tutorial/broken/replicas.yaml" agent.yaml
git add agent.yaml
if git commit -m "a bad manifest" >"$scratch/bad" 2>&1; then
  cat "$scratch/bad"; echo "a bad manifest was committed"; exit 1
fi
cat "$scratch/bad"
grep -q 'unknown field "spec.replicas"' "$scratch/bad"
grep -q 'agent.yaml:' "$scratch/bad"

cp "$root/tests/tutorial/fluentd-logging.yaml" agent.yaml
git add agent.yaml
git commit -m "a good manifest" >"$scratch/good" 2>&1 || { cat "$scratch/good"; exit 1; }
cat "$scratch/good"
# Files that are no whole objects do not stop a commit: a template, a patch, values, and JSON with comments.
mkdir -p chart/templates overlay
printf 'apiVersion: v2\nname: agent\nversion: 1.0.0\n' > chart/Chart.yaml
printf 'kind: DaemonSet\n' > chart/values.yaml
printf 'apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: {{ .Release.Name }} }\n' > chart/templates/ds.yaml
printf 'patches: [{ path: patch.yaml }]\n' > overlay/kustomization.yaml
printf 'apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: agent }\nspec: { template: { spec: { hostPID: true } } }\n' > overlay/patch.yaml
printf '{ // comment\n}\n' > settings.json
git add chart overlay settings.json
git commit -m "parts" >"$scratch/parts" 2>&1 || { cat "$scratch/parts"; exit 1; }
cat "$scratch/parts"

echo "pre-commit: the bad manifest was stopped, the good one and the parts passed"
