//! docs/ci.md: every command on the page works on a repository such as the page speaks of, and the files that it shows are written.

use std::path::Path;

use daemonset_tests::command::lint_with;
use daemonset_tests::root;
use daemonset_tests::session::split;

/// A fenced block of the page: its language and its lines.
fn blocks(page: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            blocks.push((language, lines.by_ref().take_while(|line| *line != "```").collect()));
        }
    }
    blocks
}

/// The commands of the page: lines of scripts, and steps of pipelines.
fn commands<'p>(blocks: &[(&'p str, Vec<&'p str>)]) -> Vec<&'p str> {
    let lines =
        blocks.iter().filter(|(language, _)| matches!(*language, "sh" | "yaml")).flat_map(|(_, lines)| lines);
    lines
        .map(|line| line.trim().trim_start_matches("- ").trim_start_matches("run: "))
        .filter(|line| line.starts_with("daemonset-lint ") || line.contains("| daemonset-lint "))
        .collect()
}

const AGENT: &str = "\
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent, namespace: monitoring }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec:
      containers:
        - { name: agent, image: \"example.com/agent:1.0\" }
";

const NODES: &str = r#"{"apiVersion":"v1","kind":"NodeList","items":[{"metadata":{"name":"one"}}]}"#;

/// A stand-in for `helm template` and `kustomize build`: prints the manifest.
#[cfg(unix)]
fn stand_in(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    std::fs::write(
        path,
        format!("#!/bin/sh\ncat <<'END'\n---\n# Source: agent/templates/ds.yaml\n{AGENT}END\n"),
    )
    .unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A repository with the folders that the page names.
#[cfg(unix)]
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("manifests/agent.yaml", AGENT),
        ("charts/agent/Chart.yaml", "apiVersion: v2\nname: agent\nversion: 1.0.0\n"),
        ("charts/agent/ci/values.yaml", "a: b\n"),
        ("charts/agent/templates/ds.yaml", "name: {{ .Release.Name }}\n"),
        ("clusters/production/kustomization.yaml", "resources: [agent.yaml]\n"),
        ("clusters/production/agent.yaml", AGENT),
        ("apps/agent.yaml", AGENT),
        ("cluster.yaml", NODES),
    ];
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::fs::create_dir(folder.path().join("bin")).unwrap();
    ["helm", "kustomize"].iter().for_each(|name| stand_in(&folder.path().join("bin").join(name)));
    folder
}

#[cfg(unix)]
#[test]
fn every_command_of_the_page_works() {
    let page = std::fs::read_to_string(root().join("docs/ci.md")).unwrap();
    let blocks = blocks(&page);
    let commands = commands(&blocks);
    assert!(commands.len() >= 8, "{commands:#?}");
    for command in commands {
        let repository = repository();
        std::env::set_current_dir(repository.path()).unwrap();
        let (before, command) =
            command.rsplit_once("| ").map_or(("", command), |(before, command)| (before, command));
        let words = split(command.split(" #").next().unwrap());
        let input = if before.is_empty() { "" } else { AGENT };
        let path = repository.path().join("bin").to_str().unwrap().to_owned();
        let output = lint_with(&[("PATH".to_owned(), path)], &words[1..], input.as_bytes());
        assert_eq!(output.code, 0, "{command}: {}{}", output.stdout, output.stderr);
        assert_eq!(output.stderr, "", "{command}");
        // What a later step uploads is there.
        for file in words.iter().filter_map(|word| word.split_once('=').map(|(_, file)| file)) {
            if ["sarif", "xml", "json"].iter().any(|end| file.ends_with(&format!(".{end}"))) {
                assert!(repository.path().join(file).is_file(), "{command}");
                assert!(page.contains(&format!(": {file}")), "no step uses {file}");
            }
        }
    }
    std::env::set_current_dir(root()).unwrap();
}

/// The configurations on the page are YAML.
#[test]
fn the_configurations_of_the_page_can_be_read() {
    let page = std::fs::read_to_string(root().join("docs/ci.md")).unwrap();
    let mut count = 0;
    for (_, lines) in blocks(&page).iter().filter(|(language, _)| *language == "yaml") {
        let value = daemonset_tests::values::read(&lines.join("\n"));
        assert!(value.is_object() || value.is_array(), "{value}");
        count += 1;
    }
    assert!(count >= 3);
}
