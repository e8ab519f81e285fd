//! The answers for a cluster's nodes, ours and the oracle's.

use serde::Deserialize;

/// What is said of one node.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeAnswer {
    /// The node's name.
    pub name: String,
    /// `runs`, `pending`, `notWanted`; we may also say `unknown`.
    pub verdict: String,
    /// The first filter that objects to a pending pod.
    pub plugin: String,
    /// Why, in the scheduler's words or in ours.
    pub reasons: Vec<String>,
    /// What does not suffice, where `NodeResourcesFit` objects.
    pub resources: Vec<ResourceAnswer>,
    /// The pods that would be preempted, `namespace/name`, in order; `None` where preemption does not help.
    pub victims: Option<Vec<String>>,
}

/// A resource of which too little is left, in the scheduler's units (thousandths for `cpu`).
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceAnswer {
    /// Its name.
    pub resource: String,
    /// What the pod asks for.
    pub requested: i64,
    /// What the pods on the node have.
    pub used: i64,
    /// What the node has to give.
    pub capacity: i64,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    nodes: Vec<NodeAnswer>,
    #[serde(default)]
    malformed: String,
    #[serde(default)]
    panic: String,
}

/// Reads the oracle's line.
///
/// # Errors
///
/// The oracle's apology, or what is wrong with the line.
pub fn read_theirs(line: &str) -> Result<Vec<NodeAnswer>, String> {
    let line: Line = serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
    match (line.malformed, line.panic) {
        (malformed, panic) if malformed.is_empty() && panic.is_empty() => Ok(line.nodes),
        (malformed, panic) => Err(malformed + &panic),
    }
}
