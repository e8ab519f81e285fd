#!/usr/bin/env bash
# User CPU on 5,000 files of 4 KB, beside kubeconform in the same run. Needs Go, Python and ../shared/tools, which makes kubeconform's
# schemas from the server's own swagger.json. Quote the ratio, not the seconds.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
tool="$root/../shared/tools/kubeconform-schemas.py"
[ -f "$tool" ] || { echo "skipped: $tool is absent"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

GOBIN="$work/bin" go install github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0
swagger=$(cd "$root/tests/oracle" && go list -m -f '{{.Dir}}' k8s.io/kubernetes)/api/openapi-spec/swagger.json
python3 "$tool" "$swagger" 1.37.2 "$work/schemas"
profile=${PROFILE:-dist}
cargo build --profile "$profile" --manifest-path "$root/Cargo.toml" -p daemonset-lint
lint="${CARGO_TARGET_DIR:-$root/target}/$profile/daemonset-lint"

# Each file has a name and labels of its own, as 5,000 different agents would.
mkdir "$work/files"
for number in $(seq 1 5000); do
  sed "s/telemetry-agent/telemetry-$number/" "$root/tests/bench/agent.yaml" > "$work/files/agent-$number.yaml"
done

cd "$work"
TIMEFORMAT='%U s user, %S s system'
for round in 1 2 3; do
  printf 'daemonset-lint  '; time "$lint" files > lint.out
  printf 'kubeconform     '
  time bin/kubeconform -strict -kubernetes-version 1.37.2 -summary \
    -schema-location 'schemas/{{.NormalizedKubernetesVersion}}-standalone{{.StrictSuffix}}/{{.ResourceKind}}{{.KindSuffix}}.json' \
    files > kubeconform.out
done
cat lint.out kubeconform.out
printf 'one file, cold   '
TIMEFORMAT='%R s'
time "$lint" files/agent-1.yaml
