//! `--snapshot FILE`: the file takes its place when it is complete, and every failure leaves the old file as it was.

#![allow(clippy::unwrap_used, reason = "this is not part of the product")]
#![cfg(unix)]

use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const NODES: &str = r#"{"apiVersion":"v1","kind":"NodeList","items":[{"metadata":{"name":"one"}}]}"#;

const AGENT: &str = "\
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec: { containers: [{ name: agent, image: 'agent:1' }] }
";

/// An empty folder for one test, with nodes and a manifest.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("snapshot-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("nodes.json"), NODES).unwrap();
    fs::write(folder.join("agent.yaml"), AGENT).unwrap();
    folder
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daemonset-lint"));
    command.env_clear().current_dir(folder).stdin(Stdio::null()).arg("--explain").args(arguments);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// The names in a folder that are not the test's own.
fn leftovers(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with('.')).collect()
}

/// Whether a process has a file open that is in this folder and has no name, as Linux allows it.
fn has_file_without_name(folder: &Path, process: &str) -> bool {
    let Ok(open) = fs::read_dir(format!("/proc/{process}/fd")) else { return false };
    let paths = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let folder = folder.canonicalize().unwrap();
    paths.into_iter().any(|path| path.starts_with(&folder) && path.to_string_lossy().ends_with(" (deleted)"))
}

fn assert_whole(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(text.contains("\"one\"") && json.get("kind").is_some(), "{text}");
}

#[test]
fn a_file_may_be_read_and_replaced_in_one_run() {
    let folder = folder("same");
    for _ in 0..2 {
        let output = run(&folder, &["--nodes", "nodes.json", "--snapshot", "nodes.json", "agent.yaml"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_whole(&folder.join("nodes.json"));
    }
    assert!(leftovers(&folder).is_empty());
}

#[test]
fn where_the_cluster_cannot_be_read_the_old_file_stays() {
    let folder = folder("failures");
    fs::write(folder.join("old.json"), "old").unwrap();
    fs::write(folder.join("cut.json"), &NODES[..50]).unwrap();
    fs::write(folder.join("none.json"), r#"{"kind":"PodList","apiVersion":"v1","items":[]}"#).unwrap();
    for nodes in [
        &["--nodes", "missing.json"][..],
        &["--nodes", "cut.json"],
        &["--nodes", "none.json"],
        &["--nodes", "nodes.json", "--nodes", "cut.json"],
        &["--kubeconfig", "missing"],
    ] {
        let output = run(&folder, &[nodes, &["--snapshot", "old.json", "agent.yaml"]].concat());
        assert_eq!(output.status.code(), Some(2), "{nodes:?} {output:?}");
        assert_eq!(fs::read_to_string(folder.join("old.json")).unwrap(), "old", "{nodes:?}");
        let output = run(&folder, &[nodes, &["--snapshot", "new.json", "agent.yaml"]].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(!folder.join("new.json").exists(), "{nodes:?}");
    }
    assert!(leftovers(&folder).is_empty());
}

#[test]
fn permissions_stay_and_links_lead_to_what_is_replaced() {
    let folder = folder("links");
    fs::create_dir(folder.join("data")).unwrap();
    let target = folder.join("data/cluster.json");
    fs::write(&target, "old").unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("data/cluster.json", folder.join("one")).unwrap();
    symlink(folder.join("one"), folder.join("two")).unwrap();
    symlink("data/later.json", folder.join("dangling")).unwrap();
    for name in ["one", "two", "dangling"] {
        fs::write(&target, "old").unwrap();
        let output = run(&folder, &["--nodes", "nodes.json", "--snapshot", name, "agent.yaml"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(folder.join(name).is_symlink());
        assert_whole(&folder.join(name));
    }
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(folder.join("data/later.json").is_file());
    assert!(leftovers(&folder).is_empty() && leftovers(&folder.join("data")).is_empty());
}

#[test]
fn what_is_no_file_is_written_straight() {
    let folder = folder("straight");
    let output = run(&folder, &["--nodes", "nodes.json", "--snapshot", "/dev/null", "agent.yaml"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!fs::metadata("/dev/null").unwrap().is_file());

    let output = run(&folder, &["--nodes", "nodes.json", "--snapshot", "/dev/stdout", "agent.yaml"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("{\"apiVersion\":\"v1\",\"kind\":\"List\"") && text.contains("runs on 1 of 1"),
        "{text}"
    );

    // In a regular file, the report follows the snapshot and does not overwrite it.
    let file = fs::File::create(folder.join("both.txt")).unwrap();
    let mut both = command(&folder, &["--nodes", "nodes.json", "--snapshot", "/dev/stdout", "agent.yaml"]);
    assert!(both.stdout(file).status().unwrap().success());
    assert_eq!(fs::read_to_string(folder.join("both.txt")).unwrap(), text);

    let fifo = folder.join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let mut child =
        command(&folder, &["--nodes", "nodes.json", "--snapshot", "fifo", "agent.yaml"]).spawn().unwrap();
    let mut text = String::new();
    fs::File::open(&fifo).unwrap().read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(text.contains("\"one\""), "{text}");
    assert!(leftovers(&folder).is_empty());
}

#[test]
fn what_cannot_be_written_is_said() {
    let folder = folder("refused");
    fs::create_dir(folder.join("sub")).unwrap();
    symlink("loop", folder.join("loop")).unwrap();
    for (path, reason) in [
        ("sub", "it is a folder"),
        ("sub/", "it is a folder"),
        ("new/", "it is a folder"),
        ("absent/new.json", "no such file or folder"),
        ("loop", "too many levels of symbolic links"),
    ] {
        let output = run(&folder, &["--nodes", "nodes.json", "--snapshot", path, "agent.yaml"]);
        assert_eq!(output.status.code(), Some(2), "{path}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr, format!("daemonset-lint: --snapshot {path}: {reason}\n"));
    }
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let folder = folder("full");
    let old = "o".repeat(3000);
    fs::write(folder.join("old.json"), &old).unwrap();
    let node = |n: usize| format!(r#"{{"metadata":{{"name":"one{n}"}}}}"#);
    let nodes: Vec<String> = (0..2000).map(node).collect();
    let list = format!(r#"{{"apiVersion":"v1","kind":"NodeList","items":[{}]}}"#, nodes.join(","));
    fs::write(folder.join("nodes.json"), list).unwrap();
    // A limit for the size of files has the effect of a full disk: a write fails.
    let script =
        "trap '' XFSZ; ulimit -f 8; exec \"$0\" --explain --nodes nodes.json --snapshot old.json agent.yaml";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_daemonset-lint")]).current_dir(&folder);
    let output = shell.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("daemonset-lint: --snapshot old.json: "), "{stderr}");
    assert_eq!(fs::read_to_string(folder.join("old.json")).unwrap(), old);
    assert!(leftovers(&folder).is_empty());
}

#[test]
fn a_run_that_is_ended_leaves_the_old_file() {
    let folder = folder("ended");
    fs::write(folder.join("old.json"), "old").unwrap();
    for signal in ["INT", "TERM", "HUP", "KILL"] {
        let mut command = command(&folder, &["--nodes", "-", "--snapshot", "old.json", "agent.yaml"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        // The command waits for its nodes on standard input, after it has begun the file.
        let process = child.id().to_string();
        let begun = Instant::now();
        while leftovers(&folder).is_empty() && !has_file_without_name(&folder, &process) {
            assert!(begun.elapsed() < Duration::from_secs(20), "the snapshot is not begun");
            std::thread::sleep(Duration::from_millis(5));
        }
        let without_name = has_file_without_name(&folder, &process);
        assert!(Command::new("kill").args(["-s", signal, &process]).status().unwrap().success());
        assert!(!child.wait().unwrap().success());
        assert_eq!(fs::read_to_string(folder.join("old.json")).unwrap(), "old", "{signal}");
        assert!(!without_name || leftovers(&folder).is_empty(), "{signal}");
        for name in leftovers(&folder) {
            assert!(name.starts_with(".daemonset-lint-"), "{name}");
            fs::remove_file(folder.join(name)).unwrap();
        }
    }
}

#[test]
fn runs_at_once_leave_one_whole_file() {
    let folder = folder("at-once");
    let spawn = || {
        let mut command =
            command(&folder, &["--nodes", "nodes.json", "--snapshot", "new.json", "agent.yaml"]);
        command.stdout(Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = (0..8).map(|_| spawn()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_whole(&folder.join("new.json"));
    assert!(leftovers(&folder).is_empty());
}
