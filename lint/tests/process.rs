//! The command as a process: what only a process has, its environment, its exit code and its pipes.

#![allow(clippy::unwrap_used, reason = "this is no part of the product")]

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
