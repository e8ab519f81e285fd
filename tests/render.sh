#!/usr/bin/env bash
# Charts and kustomizations, rendered by the real programs: what is printed, and the lines of the templates. HELM, KUSTOMIZE and DAEMONSET_LINT
# name programs that are built already. UPDATE=1 records tests/render/expected.txt again.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
export HELM="${HELM:-$root/target/bin/helm}" KUSTOMIZE="${KUSTOMIZE:-$root/target/bin/kustomize}"
[ -x "$HELM" ] || tests/controlplane/helm.sh
[ -x "$KUSTOMIZE" ] || tests/controlplane/kustomize.sh
if [ -z "${DAEMONSET_LINT:-}" ]; then
  cargo build --quiet --bin daemonset-lint
  DAEMONSET_LINT="${CARGO_TARGET_DIR:-$root/target}/debug/daemonset-lint"
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin" "$scratch/home"
ln -s "$HELM" "$scratch/bin/helm"
ln -s "$KUSTOMIZE" "$scratch/bin/kustomize"
ln -s "$DAEMONSET_LINT" "$scratch/bin/daemonset-lint"
cp -r tests/render/files "$scratch/files"
cd "$scratch/files"
# Only these programs, and no settings of the machine.
export PATH="$scratch/bin:/usr/bin:/bin" HOME="$scratch/home"
unset GITHUB_ACTIONS CI GITLAB_CI TF_BUILD COLUMNS NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE KUBECONFIG || true
helm package charts/agent -d packed >/dev/null

printed="$scratch/printed.txt"
while IFS= read -r command; do
  code=0
  echo "\$ $command" >>"$printed"
  bash -c "$command" >>"$printed" 2>&1 || code=$?
  printf '[exit %s]\n\n' "$code" >>"$printed"
done < "$root/tests/render/commands.txt"
# A path of this run is no part of what is recorded.
sed -i "s#$scratch#/scratch#g" "$printed"

expected="$root/tests/render/expected.txt"
if [ "${UPDATE:-}" = 1 ]; then
  cp "$printed" "$expected"
fi
diff -u "$expected" "$printed"

# Nothing is left in the chart, and no copy of it stays.
diff -r "$root/tests/render/files/charts" charts
ls -d "${TMPDIR:-/tmp}"/daemonset-lint-* 2>/dev/null && { echo "a copy of a chart was left behind"; exit 1; }

# Every line that a finding names is, letter for letter, the line that helm printed.
daemonset-lint --render --format json charts/lines >lines.json || true
helm template --kube-version=v1.37.0 -- lines "$PWD/charts/lines" >lines.txt
python3 - <<'END'
import json
rendered = open("lines.txt").read().split("\n")
known = unknown = 0
for file in json.load(open("lines.json"))["files"]:
    template = open(file["path"]).read().split("\n") if "/templates/" in file["path"] else []
    for document in file["documents"]:
        for finding in document["findings"]:
            if "templateLine" in finding:
                known += 1
                assert template[finding["templateLine"] - 1] == rendered[finding["line"] - 1], finding
            else:
                unknown += 1
assert known >= 5 and unknown >= 4, (known, unknown)
print(f"render: {known} lines are those of the template, {unknown} are not known")
END
