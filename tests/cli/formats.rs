//! The formats for CI services: their shape, what is in files, and that nothing in a manifest is more than text in them. `tests/formats.sh`
//! compares them with their public schemas.

#[path = "formats/github.rs"]
mod github;
#[path = "formats/xml.rs"]
mod xml;

use std::path::Path;

use daemonset_tests::command::{Output, lint, lint_with};
use serde_json::Value;

use crate::github::Command;

const AGENT: &str = "\
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent, namespace: monitoring }
spec:
  replicas: 3
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec:
      containers:
        - { name: agent, image: \"example.com/agent:1.0\" }
";

/// Names with everything that has a meaning somewhere.
const HOSTILE: &str = "x\n::error::y\r<script>\"'&]]> \u{1b}[2J\u{7}%0A%25 \u{202e}\u{2028}\u{fffe}\u{ffff}\u{0} {0} [a](http://b) ##[group] ##vso[x]";

fn hostile() -> String {
    // YAML has some of the characters only as escapes.
    let escaped = HOSTILE.chars().map(|one| match one {
        ' '..='~' if !"\"\\".contains(one) => one.to_string(),
        _ => format!("\\u{:04x}", u32::from(one)),
    });
    let name = format!("\"{}\"", escaped.collect::<String>());
    AGENT
        .replace("name: agent, namespace: monitoring", &format!("name: {name}, namespace: {name}"))
        .replace("replicas: 3", &format!("{name}: 3"))
}

/// A folder with files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The report of files in a format, with the folder as the root of the repository.
fn report(format: &str, folder: &Path, arguments: &[&str]) -> Output {
    let mut words = vec!["--format", format];
    words.extend(arguments);
    lint_with(&[("GITHUB_WORKSPACE".to_owned(), text(folder).to_owned())], words, b"")
}

fn sarif(folder: &Path, arguments: &[&str]) -> Value {
    report("sarif", folder, arguments).json().unwrap()["runs"][0].clone()
}

#[test]
fn sarif_has_rules_places_and_fingerprints() {
    let folder = folder(&[("a b/ü:1.yaml", AGENT), ("broken.yaml", "kind: [")]);
    let file = folder.path().join("a b/ü:1.yaml");
    let run = sarif(folder.path(), &[text(&file), text(&folder.path().join("broken.yaml"))]);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2, "{run:#}");
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        for key in ["shortDescription", "fullDescription", "help", "helpUri", "defaultConfiguration"] {
            assert!(!rule[key].is_null(), "{rule:#}");
        }
        assert!(rule["help"]["markdown"].as_str().unwrap().starts_with("# "));
    }
    let result = results.iter().find(|result| result["ruleId"] == "api/unknown-field").unwrap();
    let place = &result["locations"][0];
    assert_eq!(
        place["logicalLocations"][0]["fullyQualifiedName"],
        "DaemonSet monitoring/agent: spec.replicas"
    );
    let place = &place["physicalLocation"];
    assert_eq!(
        place["artifactLocation"],
        serde_json::json!({ "uri": "a%20b/%C3%BC%3A1.yaml", "uriBaseId": "%SRCROOT%" })
    );
    assert_eq!(
        place["region"],
        serde_json::json!({ "startLine": 5, "startColumn": 3, "endLine": 5, "endColumn": 11 })
    );
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn fingerprints_stay_when_lines_move_and_are_different_in_a_run() {
    let folder = folder(&[("one.yaml", AGENT), ("two.yaml", &format!("# A comment.\n{AGENT}"))]);
    let prints = |files: &[&str]| {
        let files: Vec<String> =
            files.iter().map(|file| text(&folder.path().join(file)).to_owned()).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let of_sarif: Vec<Value> = sarif(folder.path(), &files)["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| result["partialFingerprints"]["ruleObjectField/v1"].clone())
            .collect();
        let of_gitlab: Vec<Value> = report("gitlab", folder.path(), &files)
            .json()
            .unwrap()
            .as_array()
            .unwrap()
            .iter()
            .map(|issue| issue["fingerprint"].clone())
            .collect();
        assert_eq!(of_sarif, of_gitlab);
        of_sarif
    };
    let (one, two) = (prints(&["one.yaml"]), prints(&["two.yaml"]));
    assert_eq!(one, two);
    let both = prints(&["one.yaml", "two.yaml"]);
    assert_eq!(both.len(), 2);
    assert_ne!(both[0], both[1]);
    assert!(both.contains(&one[0]));
}

#[test]
fn what_could_not_be_read_is_never_a_clean_report() {
    let folder = folder(&[("agent.yaml", AGENT)]);
    let absent = folder.path().join("absent.yaml");
    let run = sarif(folder.path(), &[text(&absent)]);
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let said = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert!(said.as_str().unwrap().contains("absent.yaml: no such file"), "{run:#}");
    let junit = report("junit", folder.path(), &[text(&absent)]);
    assert_eq!(junit.code, 2);
    assert!(
        junit.stdout.contains("errors=\"1\"") && junit.stdout.contains("<error message="),
        "{}",
        junit.stdout
    );
    let github = report("github", folder.path(), &[text(&absent)]);
    assert!(github.stdout.starts_with("::error title=cannot be checked::"), "{}", github.stdout);
}

#[test]
fn hostile_names_are_text() {
    let name = "a,b%:c<d>&\"e.yaml";
    let folder = folder(&[(name, &hostile())]);
    let file = folder.path().join(name);
    let print = |format: &str| {
        let Output { stdout, .. } = report(format, folder.path(), &[text(&file)]);
        // No format lets a character through that commands a terminal, or that is not seen.
        let hidden =
            stdout.chars().find(|one| one.is_control() && *one != '\n' || "\u{202e}\u{2028}".contains(*one));
        assert_eq!(hidden, None, "{format}: {stdout}");
        stdout
    };
    let results = report("json", folder.path(), &[text(&file)]).json().unwrap();
    let count = results["summary"]["errors"].as_u64().unwrap();
    assert!(count >= 2, "{results:#}");

    let lines = print("github");
    let commands: Vec<Command> = lines.lines().map(|line| Command::parse(line).unwrap()).collect();
    assert_eq!(commands.len() as u64, count, "{lines}");
    for command in &commands {
        assert_eq!((command.name.as_str(), command.property("file")), ("error", Some(name)), "{lines}");
    }
    let said = commands.iter().map(|command| command.message.as_str()).collect::<Vec<_>>().join("\n");
    assert!(said.contains("\\n::error::y\\r<script>"), "{said}");

    let document = print("junit");
    let elements = xml::elements(&document).unwrap();
    assert_eq!(elements.iter().filter(|element| element.name == "testcase").count(), 1, "{document}");
    assert!(elements.iter().all(|element| element.name != "script"), "{document}");
    let suite = elements.iter().find(|element| element.name == "testsuite").unwrap();
    assert!(suite.attribute("name").unwrap().ends_with(name), "{document}");
    assert!(!document.contains(['\u{fffe}', '\u{ffff}']));

    let issues: Value = serde_json::from_str(&print("gitlab")).unwrap();
    assert_eq!(issues.as_array().unwrap().len() as u64, count);
    for issue in issues.as_array().unwrap() {
        assert_eq!(issue["location"]["path"], name);
        assert!(!issue["description"].as_str().unwrap().contains('\n'), "{issue:#}");
    }

    let run = serde_json::from_str::<Value>(&print("sarif")).unwrap()["runs"][0].clone();
    for result in run["results"].as_array().unwrap() {
        let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(uri, "a%2Cb%25%3Ac%3Cd%3E%26%22e.yaml");
        let message = result["message"]["text"].as_str().unwrap();
        assert!(!message.contains("[a](http"), "{message}");
        assert!(!message.contains(" {0} "), "{message}");
    }

    for line in print("concise").lines().filter(|line| !line.is_empty()) {
        assert!(line.contains("e.yaml:") && line.ends_with(']'), "{line}");
    }
}

#[test]
fn on_github_no_line_of_the_text_is_a_command() {
    let folder = folder(&[("agent.yaml", &hostile())]);
    let file = folder.path().join("agent.yaml");
    let environment = [("GITHUB_ACTIONS".to_owned(), "true".to_owned())];
    let Output { stdout, stderr, .. } = lint_with(&environment, [text(&file), "::error::absent"], b"");
    let (log, annotations) = stdout.split_once("::group::Annotations\n").unwrap();
    assert!(!log.contains("##[") && !log.contains("##vso["), "{log}");
    assert!(log.lines().all(|line| !line.trim_start().starts_with("::")), "{log}");
    assert!(log.contains("error["), "{log}");
    let annotations = annotations.strip_suffix("::endgroup::\n").unwrap();
    assert!(
        annotations.lines().all(|line| Command::parse(line).is_some_and(|command| command.name == "error"))
    );
    assert!(
        stderr.lines().all(|line| !line.trim_start().starts_with("::") && !line.contains("##[")),
        "{stderr}"
    );
}

#[test]
fn annotations_of_many_findings_are_the_ten_that_github_keeps() {
    let keys: String = (0..25).map(|key| format!("  k{key}: 1\n")).collect();
    let folder = folder(&[("agent.yaml", &AGENT.replace("  replicas: 3\n", &keys))]);
    let file = folder.path().join("agent.yaml");
    let Output { stdout, .. } = report("github", folder.path(), &[text(&file)]);
    let commands = stdout.lines().filter(|line| Command::parse(line).is_some()).count();
    let lines = stdout.lines().filter(|line| line.ends_with("[api/unknown-field]")).count();
    assert_eq!((commands, lines), (10, 15), "{stdout}");
    let last = stdout.lines().last().unwrap();
    assert_eq!(
        last,
        "daemonset-lint: 15 more errors without an annotation: GitHub keeps 10 of each type of a step"
    );
    // The log has the others already where the text is printed.
    let environment = [("GITHUB_ACTIONS".to_owned(), "true".to_owned())];
    let log = lint_with(&environment, [text(&file)], b"").stdout;
    let (_, annotations) = log.split_once("::group::").unwrap();
    assert_eq!(annotations.lines().count(), 13, "{annotations}");
}

#[test]
fn a_test_case_is_a_daemon_set() {
    let two = format!(
        "{AGENT}---\n{}",
        AGENT.replace("name: agent,", "name: other,").replace("  replicas: 3\n", "")
    );
    let folder = folder(&[
        ("a.yaml", &two),
        ("chart/Chart.yaml", "name: c\n"),
        ("chart/templates/ds.yaml", "kind: DaemonSet\nname: {{ x }}\n"),
        ("service.yaml", "apiVersion: v1\nkind: Service\nmetadata: { name: a }\n"),
        ("empty.yaml", ""),
    ]);
    let Output { stdout, code, .. } = report("junit", folder.path(), &[text(folder.path())]);
    assert_eq!(code, 1);
    let elements = xml::elements(&stdout).unwrap();
    let of = |name: &str| elements.iter().filter(|element| element.name == name).collect::<Vec<_>>();
    assert_eq!(of("testsuite").len(), 2, "{stdout}");
    let names: Vec<&str> = of("testcase").iter().map(|case| case.attribute("name").unwrap()).collect();
    assert_eq!(names, ["DaemonSet monitoring/agent", "DaemonSet monitoring/other", "the file"], "{stdout}");
    assert_eq!((of("failure").len(), of("skipped").len()), (1, 1), "{stdout}");
    let all = of("testsuites")[0];
    let count = |name: &str| all.attribute(name).unwrap();
    assert_eq!([count("tests"), count("failures"), count("errors")], ["3", "1", "0"], "{stdout}");
}

#[test]
fn reports_in_files_are_whole_and_those_of_standard_output() {
    let folder = folder(&[("agent.yaml", AGENT)]);
    let file = folder.path().join("agent.yaml");
    let formats = ["text", "concise", "json", "sarif", "junit", "gitlab", "github"];
    let name = |format: &str| folder.path().join(format!("report.{format}"));
    let mut words = vec![text(&file).to_owned(), "--quiet".to_owned()];
    for format in formats {
        words.extend(["--output".to_owned(), format!("{format}={}", text(&name(format)))]);
    }
    // A report of an earlier run is replaced.
    std::fs::write(name("json"), "old").unwrap();
    let run = lint(&words, b"");
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    for format in formats {
        let alone = lint(["--format", format, text(&file)], b"");
        assert_eq!(std::fs::read_to_string(name(format)).unwrap(), alone.stdout, "{format}");
    }
    // Nothing else is left behind.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), formats.len() + 1);
}

#[test]
fn a_run_that_cannot_start_leaves_old_reports_alone() {
    let folder = folder(&[("agent.yaml", AGENT), ("report.json", "old")]);
    let (file, report) = (folder.path().join("agent.yaml"), folder.path().join("report.json"));
    let output = format!("json={}", text(&report));
    for wrong in [
        ["--kubernetes-version", "1.2"],
        ["--output", "sarif=/no/such/folder/x.sarif"],
        ["--output", &format!("sarif={}", text(&report))],
        ["--output", &format!("sarif={}", text(&file))],
    ] {
        let run = lint([&["--output", &output, text(&file)][..], &wrong].concat(), b"");
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{wrong:?}: {}", run.stderr);
        assert_eq!(std::fs::read_to_string(&report).unwrap(), "old", "{wrong:?}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), AGENT, "{wrong:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_report_in_the_folder_that_is_checked_is_not_checked() {
    let folder = folder(&[("agent.yaml", AGENT)]);
    let output = format!("json={}", text(&folder.path().join("report.json")));
    let words = ["--output", &output, text(folder.path())];
    let first = lint(words, b"").stdout;
    assert_eq!(lint(words, b"").stdout, first);
}
