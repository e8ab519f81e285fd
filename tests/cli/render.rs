//! `--render`: what helm and kustomize print is checked, and a finding has the line of its template where this is certain. The programs are
//! stand-ins here; `tests/render.sh` has the real ones.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use daemonset_tests::command::{Output, lint_with};
use serde_json::Value;

/// Renders `chart/templates/*.yaml` as far as these tests need it: `NAME` is the release, lines with `{{ if` are left out with all that
/// follows up to `{{ end`, and `EXTRA` becomes the values that were given with `--set`.
const HELM: &str = r#"#!/bin/sh
set=
while [ "$1" != -- ]; do
  case "$1" in --set=*) set=${1#--set=};; esac
  shift
done
release=$2
chart=$3
cd "$chart" || exit 9
if [ -f fail ]; then cat fail >&2; exit 1; fi
for file in templates/*.yaml; do
  printf -- '---\n# Source: agent/%s\n' "$file"
  sed -e '/{{ if/,/{{ end/d' -e "s/NAME/$release/" -e "s/.*EXTRA.*/$set/" "$file"
done
"#;

const TEMPLATE: &str = "\
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: NAME # {{ }}
spec:
{{ if off }}
  replicas: 3
{{ end }}
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec:
      restartPolicy: Never
      containers: [{ name: agent, image: \"a:1\" }]
{{/* EXTRA */}}
";

struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    fn new(programs: &[(&str, &str)], files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        for (name, text) in programs {
            let program = bin.join(name);
            std::fs::write(&program, text).unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self { folder }
    }

    fn chart(template: &str) -> Self {
        let files = [
            ("chart/Chart.yaml", "apiVersion: v2\nname: agent\nversion: 1.0.0\n"),
            ("chart/templates/ds.yaml", template),
        ];
        Self::new(&[("helm", HELM)], &files)
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        // The stand-ins themselves need the system's programs.
        let path = format!("{}:/usr/bin:/bin", self.path("bin"));
        let path = if arguments.contains(&"--no-programs") { self.path("nothing") } else { path };
        let words = arguments.iter().filter(|word| **word != "--no-programs").map(|word| (*word).to_owned());
        let words = ["--render".to_owned()].into_iter().chain(words);
        lint_with(&[("PATH".to_owned(), path)], words, b"")
    }

    /// Rule, line of the template and rendered line of each finding.
    fn findings(&self, arguments: &[&str]) -> Vec<(String, Option<u64>, String)> {
        let report = self.run(&[&["--format", "json"], arguments].concat()).json().unwrap();
        let files = report["files"].as_array().unwrap();
        let documents = files.iter().flat_map(|file| file["documents"].as_array().unwrap());
        let findings = documents.flat_map(|document| document["findings"].as_array().unwrap());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        findings.map(|one| (text(&one["rule"]), one["templateLine"].as_u64(), text(&one["field"]))).collect()
    }
}

fn line_of(text: &str, line: &str) -> Option<u64> {
    text.lines().position(|found| found.trim() == line).map(|at| at as u64 + 1)
}

#[test]
fn a_finding_has_the_line_of_the_template() {
    let folder = Folder::chart(TEMPLATE);
    let found = folder.findings(&[&folder.path("chart")]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "api/not-supported");
    assert_eq!(found[0].1, line_of(TEMPLATE, "restartPolicy: Never"));
    let path = folder.path("chart/templates/ds.yaml");
    let text = folder.run(&[&folder.path("chart")]).stdout;
    assert!(
        text.starts_with(&format!(
            "error[api/not-supported] {path}:13:22 DaemonSet default/agent (rendered line 12)\n"
        )),
        "{text}"
    );
    let concise = folder.run(&["--format", "concise", &folder.path("chart")]).stdout;
    assert!(concise.starts_with(&format!("{path}:13:22: error: ")), "{concise}");
}

/// The line stands in the template, in a branch that is not taken; what was rendered comes from a value.
#[test]
fn a_line_from_elsewhere_has_no_line_although_the_template_has_the_same_letters() {
    let folder = Folder::chart(TEMPLATE);
    let found = folder.findings(&["--set=  replicas: 3", &folder.path("chart")]);
    let replicas = found.iter().find(|(_, _, field)| field == "spec.replicas");
    assert_eq!(replicas.unwrap().1, None, "{found:?}");
    let concise = folder.run(&["--format", "concise", "--set=  replicas: 3", &folder.path("chart")]).stdout;
    let path = folder.path("chart/templates/ds.yaml");
    assert!(
        concise.contains(&format!("{path}: error: unknown field \"spec.replicas\" [api/unknown-field]\n")),
        "{concise}"
    );
    for format in ["github", "sarif", "gitlab", "junit"] {
        let report = folder.run(&["--format", format, "--set=  replicas: 3", &folder.path("chart")]).stdout;
        assert!(report.contains("spec.replicas"), "{report}");
    }
    let github = folder.run(&["--format", "github", "--set=  replicas: 3", &folder.path("chart")]).stdout;
    let line = github.lines().find(|line| line.contains("spec.replicas")).unwrap();
    assert!(
        line.starts_with("::error file=") && !line.contains("line=") && line.contains("ds.yaml,title="),
        "{line}"
    );
}

#[test]
fn a_rendered_expression_has_no_line() {
    let folder = Folder::chart(&TEMPLATE.replace("restartPolicy: Never", "restartPolicy: NAME # {{ }}"));
    let found = folder.findings(&["--release", "Never", &folder.path("chart")]);
    let policy = found.iter().find(|(_, _, field)| field.ends_with("restartPolicy"));
    assert_eq!(policy.unwrap().1, None, "{found:?}");
}

#[test]
fn options_reach_helm_as_they_are() {
    let files = [("chart/Chart.yaml", "name: agent\n"), ("it's/v 1.yaml", "")];
    let folder = Folder::new(&[("helm", "#!/bin/sh\nprintf '%s\\n' \"$@\" >&2\nexit 3\n")], &files);
    let chart = folder.path("chart");
    let values = folder.path("it's/v 1.yaml");
    let run = folder.run(&[
        "-f",
        &values,
        "--set",
        "a=$(touch x),b=*",
        "--set-string",
        "c=-d",
        "--release=-r",
        "-n",
        "mon",
        "--kubernetes-version",
        "1.36",
        &chart,
    ]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    let expected = format!(
        "daemonset-lint: {chart}: helm template failed with exit code 3:\n  template\n  --kube-version=v1.36.0\n  --namespace=mon\n  --values={values}\n  --set=a=$(touch x),b=*\n  --set-string=c=-d\n  --\n  -r\n  {chart}\n"
    );
    assert_eq!(run.stderr, expected);
}

#[test]
fn what_helm_says_is_shown_and_is_no_command() {
    let folder = Folder::chart(TEMPLATE);
    std::fs::write(folder.path("chart/fail"), "Error: bad\x1b[2J\nmore\n").unwrap();
    std::fs::write(folder.path("good.yaml"), "apiVersion: v1\nkind: Service\nmetadata: { name: a }\n")
        .unwrap();
    let run = folder.run(&["--format", "json", &folder.path("chart"), &folder.path("good.yaml")]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.ends_with("helm template failed with exit code 1:\n  Error: bad\\u001b[2J\n  more\n"),
        "{}",
        run.stderr
    );
    let report = run.json().unwrap();
    // The other paths are checked, and the report is not a clean one.
    assert_eq!(report["summary"]["files"], 1);
    assert!(
        report["errors"][0]["message"].as_str().unwrap().starts_with("helm template failed"),
        "{report:#}"
    );
}

#[test]
fn charts_within_charts_and_library_charts_are_not_rendered_by_themselves() {
    let ds = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: NAME }\nspec: { replicas: 1 }\n";
    let folder = Folder::new(
        &[("helm", HELM)],
        &[
            ("a/Chart.yaml", "name: a\n"),
            ("a/templates/ds.yaml", ds),
            ("a/charts/sub/Chart.yaml", "name: sub\n"),
            ("a/charts/sub/templates/ds.yaml", ds),
            ("b/Chart.yaml", "name: b\n"),
            ("b/templates/ds.yaml", ds),
            ("lib/Chart.yaml", "name: lib\ntype: library\n"),
            ("lib/templates/ds.yaml", ds),
            ("plain.yaml", &ds.replace("NAME", "plain")),
        ],
    );
    let report = folder.run(&["--format", "json", &folder.path(".")]).json().unwrap();
    let names: Vec<&str> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|file| file["documents"].as_array().unwrap())
        .filter(|document| document["kind"] == "DaemonSet")
        .map(|document| document["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["NAME", "plain", "a", "b"], "{report:#}");
}

#[test]
fn kustomizations_that_others_name_are_built_with_those() {
    let kustomize = "#!/bin/sh\ncat <<END\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: \"$1-${2##*/}\" }\nspec: { replicas: 1 }\nEND\n";
    let files = [
        ("base/kustomization.yaml", "resources: [ds.yaml]\n"),
        ("base/ds.yaml", "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: raw }\n"),
        ("part/kustomization.yaml", "kind: Component\n"),
        (
            "prod/kustomization.yaml",
            "resources: [../base]\ncomponents: [../part]\npatches: [{ path: patch.yaml }]\n",
        ),
        (
            "prod/patch.yaml",
            "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: raw }\nspec: { x: 1 }\n",
        ),
    ];
    for (program, name) in [("kustomize", "build-prod"), ("kubectl", "kustomize-prod")] {
        let folder = Folder::new(&[(program, kustomize)], &files);
        let bin = folder.path("bin");
        let words = [
            "--render",
            "--format",
            "json",
            &folder.path("base"),
            &folder.path("part"),
            &folder.path("prod"),
        ];
        // Programs are searched for on this path alone.
        let output = lint_with(&[("PATH".to_owned(), format!("{bin}:/nowhere"))], words, b"");
        let report = output.json().unwrap();
        let files = report["files"].as_array().unwrap();
        assert_eq!(files.len(), 1, "{report:#}");
        assert_eq!(files[0]["documents"][0]["name"], name, "{report:#}");
        assert_eq!(files[0]["renderedBy"], program);
        assert!(files[0]["path"].as_str().unwrap().ends_with("prod/kustomization.yaml"));
        assert!(files[0]["documents"][0]["findings"][0]["templateLine"].is_null());
    }
}

#[test]
fn a_preview_of_a_chart_has_the_lines_of_the_template() {
    let template = TEMPLATE.replace("restartPolicy: Never", "nodeSelector: { pool: a }");
    let folder = Folder::chart(&template);
    let nodes = folder.path("nodes.json");
    std::fs::write(&nodes, r#"{"apiVersion":"v1","kind":"NodeList","items":[{"metadata":{"name":"one"}}]}"#)
        .unwrap();
    let words = ["--explain", "--nodes", &nodes, &folder.path("chart")];
    let text = folder.run(&words).stdout;
    let place = format!("{}:13", folder.path("chart/templates/ds.yaml"));
    assert!(text.contains(&format!("(nodeSelector, {place})")), "{text}");
    let report = folder.run(&[&["--format", "json"][..], &words].concat()).json().unwrap();
    assert_eq!(report["daemonSets"][0]["nodes"][0]["reasons"][0]["line"], 13, "{report:#}");
}

#[test]
fn nothing_is_rendered_unless_it_is_asked_for() {
    let folder = Folder::chart(TEMPLATE);
    std::fs::write(folder.path("bin/helm"), format!("#!/bin/sh\ntouch '{}'\n", folder.path("ran"))).unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.path("bin"));
    let run = lint_with(&[("PATH".to_owned(), path)], [folder.path("chart")], b"");
    assert!(run.stdout.contains("helm template agent"), "{}", run.stdout);
    assert!(!Path::new(&folder.path("ran")).exists());
    let absent = folder.run(&["--no-programs", &folder.path("chart")]);
    assert_eq!(absent.code, 2);
    assert!(absent.stderr.contains("helm is not on the PATH"), "{}", absent.stderr);
}
