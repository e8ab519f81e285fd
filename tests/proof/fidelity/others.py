"""This command and other tools on the same random cases: how many of the server's rejections they find, and how often they are wrong."""
import json
import os
import subprocess
import sys

work, oracle, schema_tool, oracle_folder, lint = sys.argv[1:6]
questions = [json.loads(line) for line in open(f"{work}/questions.jsonl")]
creates = [question for question in questions if "old" not in question]
text = "".join(json.dumps(question) + "\n" for question in creates)
answers = subprocess.run([oracle, "judge"], input=text, capture_output=True, text=True, check=True).stdout
valid = {}
folder = f"{work}/cases"
os.mkdir(folder)
for question, line in zip(creates, answers.splitlines()):
    answer = json.loads(line)
    if "panic" in answer or "malformed" in answer:
        continue
    name = f"case-{question['id']}.json"
    valid[name] = answer["valid"]
    with open(f"{folder}/{name}", "w") as out:
        out.write(question["doc"])
rejected = sum(1 for accepted in valid.values() if not accepted)


def row(tool, refused):
    found = sum(1 for name, accepted in valid.items() if not accepted and name in refused)
    wrong = sum(1 for name, accepted in valid.items() if accepted and name in refused)
    print(f"| {tool} | {found} of {rejected} ({100 * found / max(rejected, 1):.1f} %) | {wrong} |")


print(f"\n## Other tools\n\nOn {len(valid)} of the creates for 1.37, {rejected} of which the server rejects.\n")
print("| tool | rejections found | false alarms |\n|---|---|---|")
# The command itself, on the same files as the others. Exit code 1 says that there are findings.
report = json.loads(subprocess.run([lint, "--format", "json", folder], capture_output=True, text=True).stdout)
ours = set()
for file in report["files"]:
    errors = [finding for finding in file["findings"] if finding["severity"] == "error"]
    if errors or any(document["verdict"] in ("rejected", "unreadable") for document in file["documents"]):
        ours.add(os.path.basename(file["path"]))
row("daemonset-lint", ours)

go = lambda *words, **more: subprocess.run(["go", *words], check=True, capture_output=True, text=True, **more).stdout.strip()
environment = {**os.environ, "GOBIN": f"{work}/bin"}
if os.path.exists(schema_tool):
    go("install", "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0", env=environment)
    module = go("list", "-m", "-f", "{{.Dir}}", "k8s.io/kubernetes", cwd=oracle_folder)
    swagger = f"{module}/api/openapi-spec/swagger.json"
    subprocess.run([sys.executable, schema_tool, swagger, "1.37.2", f"{work}/schemas"], check=True, capture_output=True)
    location = f"{work}/schemas/{{{{.NormalizedKubernetesVersion}}}}-standalone{{{{.StrictSuffix}}}}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    output = subprocess.run(
        [f"{work}/bin/kubeconform", "-strict", "-kubernetes-version", "1.37.2", "-schema-location", location, "-output", "json", folder],
        capture_output=True, text=True).stdout
    resources = json.loads(output)["resources"]
    row("kubeconform 0.8.0, strict", {os.path.basename(one["filename"]) for one in resources})
else:
    print("| kubeconform | not measured: the tool that makes its schemas is absent | |")

try:
    go("install", "sigs.k8s.io/kubectl-validate@latest", env=environment)
    output = subprocess.run([f"{work}/bin/kubectl-validate", folder, "--output", "json"], capture_output=True, text=True).stdout
    verdicts = json.loads(output)
    refused = set()
    for name, statuses in verdicts.items():
        statuses = statuses if isinstance(statuses, list) else [statuses]
        if any(status.get("status") != "Success" for status in statuses if isinstance(status, dict)):
            refused.add(os.path.basename(name))
    row("kubectl-validate (newest, its default schemas)", refused)
except (subprocess.CalledProcessError, ValueError) as error:
    print(f"| kubectl-validate | not measured: {type(error).__name__} | |")
