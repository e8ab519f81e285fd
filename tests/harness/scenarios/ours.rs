//! The command's prediction: `daemonset-lint --explain --format json`, live or from files.

use std::path::Path;

use serde_json::Value;

use crate::command::lint;

/// What the command says of one DaemonSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ours {
    /// Whether it says that the API server rejects it.
    pub rejected: bool,
    /// The sentences of its findings, by their rules.
    pub findings: Vec<(String, String)>,
    /// The nodes, in the snapshot's order.
    pub nodes: Vec<OursNode>,
}

/// What the command says of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OursNode {
    /// The node's name.
    pub name: String,
    /// `runs`, `pending`, `refused`, `notWanted` or `unknown`.
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
    let files = report["lint"]["files"].as_array().into_iter().flatten();
    let documents: Vec<_> =
        files.flat_map(|file| file["documents"].as_array().into_iter().flatten()).collect();
    let one = |item: &Value| {
        let found = documents.iter().filter(|document| {
            ["namespace", "name"].iter().all(|key| document[key] == item[key])
                && document["kind"] == "DaemonSet"
        });
        daemon_set(item, &found.flat_map(|document| findings(document)).collect::<Vec<_>>())
    };
    Ok(report["daemonSets"].as_array().into_iter().flatten().map(one).collect())
}

fn findings(document: &Value) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = document["findings"].as_array().into_iter().flatten();
    all.map(|finding| (word(&finding["rule"]), word(&finding["message"]))).collect()
}

fn daemon_set(item: &Value, findings: &[(String, String)]) -> Ours {
    let nodes = item["nodes"].as_array().into_iter().flatten();
    Ours {
        rejected: item["verdict"] == "rejected",
        findings: findings.to_vec(),
        nodes: nodes.map(node).collect(),
    }
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
