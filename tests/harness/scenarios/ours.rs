//! The command's prediction: `daemonset-lint --explain --format json`, live or from files.

use std::path::Path;

use serde_json::Value;

use crate::command::lint;

/// What the command says of one DaemonSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ours {
    /// Whether it says that the API server rejects it.
    pub rejected: bool,
    /// The nodes, in the snapshot's order.
    pub nodes: Vec<OursNode>,
}

/// What the command says of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OursNode {
    /// The node's name.
    pub name: String,
    /// `runs`, `pending`, `notWanted` or `unknown`.
    pub verdict: String,
    /// For each reason the stage, the filter and the sentence.
    pub reasons: Vec<(String, String, String)>,
    /// The pods that preemption would end.
    pub preempts: Vec<String>,
}

/// Asks about the DaemonSets of a file, with the cluster of the kubeconfig.
///
/// # Errors
///
/// Where the command cannot run.
pub fn explain_live(kubeconfig: &Path, file: &Path) -> Result<Vec<Ours>, String> {
    explain(&["--kubeconfig".into(), kubeconfig.display().to_string()], file)
}

/// Asks about the DaemonSets of a file, with the objects of files.
///
/// # Errors
///
/// Where the command cannot run.
pub fn explain_file(snapshot: &[&Path], file: &Path) -> Result<Vec<Ours>, String> {
    let flags: Vec<_> =
        snapshot.iter().flat_map(|path| ["--nodes".to_owned(), path.display().to_string()]).collect();
    explain(&flags, file)
}

fn explain(flags: &[String], file: &Path) -> Result<Vec<Ours>, String> {
    let file = file.display().to_string();
    let fixed = ["--explain", "--format", "json", file.as_str()];
    let output = lint(fixed.into_iter().chain(flags.iter().map(String::as_str)), b"");
    if output.code > 1 {
        return Err(output.stderr);
    }
    let report = output.json()?;
    Ok(report["daemonSets"].as_array().into_iter().flatten().map(daemon_set).collect())
}

fn daemon_set(item: &Value) -> Ours {
    let nodes = item["nodes"].as_array().into_iter().flatten();
    Ours { rejected: item["verdict"] == "rejected", nodes: nodes.map(node).collect() }
}

fn node(node: &Value) -> OursNode {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let reason = |reason: &Value| (word(&reason["stage"]), word(&reason["filter"]), word(&reason["message"]));
    OursNode {
        name: word(&node["name"]),
        verdict: word(&node["verdict"]),
        reasons: node["reasons"].as_array().into_iter().flatten().map(reason).collect(),
        preempts: node["preempts"].as_array().into_iter().flatten().map(word).collect(),
    }
}
