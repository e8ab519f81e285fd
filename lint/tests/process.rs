//! Tests the command as a process: its environment, its exit code and its pipes.

#![allow(clippy::unwrap_used, reason = "this is not part of the product")]

use std::process::{Command, Output, Stdio};

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daemonset-lint"));
    command.env_clear().current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/tutorial"));
    command
}

fn run(arguments: &[&str]) -> Output {
    command().args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn without_nodes_and_without_a_cluster_both_ways_are_said() {
    let output = command()
        .args(["--explain", "fluentd-logging.yaml"])
        .env("HOME", "/nonexistent")
        .env("KUBECONFIG", "/nonexistent/config")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("--nodes cluster.yaml") && stderr.contains("kubeconfig"), "{stderr}");
    assert!(output.stdout.is_empty());
}

#[test]
fn exit_codes_reach_the_shell() {
    assert_eq!(run(&["fluentd-logging.yaml"]).status.code(), Some(0));
    assert_eq!(run(&["broken/replicas.yaml"]).status.code(), Some(1));
    assert_eq!(run(&["absent.yaml"]).status.code(), Some(2));
    assert_eq!(run(&["--version"]).status.code(), Some(0));
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(&["--completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains("kubernetes-version"), "{shell}");
    }
}

#[test]
fn help_teaches_by_example() {
    let help = text(&run(&["--help"]).stdout);
    for wanted in ["helm template", "kubectl get nodes,pods -A -o yaml", "Exit codes"] {
        assert!(help.contains(wanted), "{help}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    let mut child = command()
        .args(["--format", "json", "."])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!text(&output.stderr).contains("panicked"), "{}", text(&output.stderr));
}

/// An empty folder for one test.
fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A DaemonSet on one line, with this number of characters in an annotation before an unknown field.
fn one_line(name: &str, characters: usize) -> String {
    format!(
        r#"{{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{{"name":"{name}","annotations":{{"text":"{}"}}}},"spec":{{"replicas":1,"selector":{{"matchLabels":{{"app":"a"}}}},"template":{{"metadata":{{"labels":{{"app":"a"}}}},"spec":{{"containers":[{{"name":"a","image":"a:1"}}]}}}}}}}}"#,
        "ä".repeat(characters)
    )
}

#[test]
fn a_place_far_to_the_right_is_shown_in_a_window() {
    let folder = folder("long-lines");
    let list = |count: usize| {
        let items: Vec<String> = (0..count).map(|n| one_line(&format!("a{n}"), 3000)).collect();
        format!("{{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[{}]}}\n", items.join(","))
    };
    let broken = format!("a: {}\tb: [\n", "x ".repeat(50_000));
    std::fs::write(folder.join("1.json"), one_line("a", 70_000)).unwrap();
    std::fs::write(folder.join("2.json"), list(60)).unwrap();
    std::fs::write(folder.join("3.yaml"), broken).unwrap();
    std::fs::write(
        folder.join("4.yaml"),
        one_line("\u{65e5}", 66_000).replace("\"replicas\"", "? {a: b} : \"replicas\""),
    )
    .unwrap();
    let first = one_line("a", 70_000);
    let before = first.split("\"replicas\"").next().unwrap_or_default();
    let column = before.chars().count().saturating_add(1);
    for color in ["never", "always"] {
        let output = command()
            .args(["--color", color, "1.json", "2.json", "3.yaml", "4.yaml", "1.json"])
            .current_dir(&folder)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        let stdout = text(&output.stdout);
        assert!(stdout.contains(&format!("1.json:1:{column}")), "{stdout}");
        assert!(stdout.contains("\"replicas\":1") && stdout.contains('…'), "{stdout}");
        let longest = stdout.lines().map(|line| line.chars().count()).max();
        assert!(longest < Some(400), "{longest:?}");
        assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn where_no_threads_can_be_started_one_is_enough() {
    let folder = folder("threads");
    let names: Vec<String> = (0..20).map(|n| format!("{n}.json")).collect();
    for name in &names {
        std::fs::write(folder.join(name), one_line("a", 10)).unwrap();
    }
    // No address space has room for such a stack, so the system refuses every thread.
    let output = command()
        .args(&names)
        .current_dir(&folder)
        .env("RUST_MIN_STACK", "200000000000000")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("in 20 files"), "{}", text(&output.stdout));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}
