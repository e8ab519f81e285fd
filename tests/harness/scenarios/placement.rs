//! What became of a DaemonSet on each node, and the recorded text of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What became of one node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A pod was bound there.
    Runs,
    /// A pod was made for it and waits; the scheduler's sentences about this node.
    Pending(Vec<String>),
    /// No pod was made.
    NotWanted,
}

/// What became of one DaemonSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// `namespace/name`.
    pub daemon_set: String,
    /// Whether the API server rejected it; then there is nothing else.
    pub rejected: bool,
    /// `status.desiredNumberScheduled`.
    pub desired: u64,
    /// By node.
    pub nodes: BTreeMap<String, Place>,
    /// By node, the pods that were to make room for the pending one.
    pub preempted: BTreeMap<String, Vec<String>>,
}

/// The text in which the placements of a scenario are recorded.
pub fn write_record(placements: &[Placement]) -> String {
    let mut text = String::new();
    for placement in placements {
        if placement.rejected {
            let _ = writeln!(text, "{}: rejected", placement.daemon_set);
            continue;
        }
        let _ = writeln!(text, "{}: desired {}", placement.daemon_set, placement.desired);
        let mut groups: BTreeMap<&Place, Vec<&str>> = BTreeMap::new();
        for (node, place) in &placement.nodes {
            groups.entry(place).or_default().push(node);
        }
        for (place, nodes) in groups {
            let head = match place {
                Place::Runs => "runs".to_owned(),
                Place::Pending(sentences) => format!("pending [{}]", sentences.join("; ")),
                Place::NotWanted => "not wanted".to_owned(),
            };
            let _ = writeln!(text, "  {head}: {}", nodes.join(" "));
        }
        for (node, pods) in &placement.preempted {
            let _ = writeln!(text, "  preempts {node}: {}", pods.join(" "));
        }
    }
    text
}

/// Reads what [`write_record`] wrote.
///
/// # Errors
///
/// With the line that is not of that form.
pub fn read_record(text: &str) -> Result<Vec<Placement>, String> {
    let mut placements: Vec<Placement> = Vec::new();
    for line in text.lines() {
        let told = || format!("not a record: {line}");
        let (head, tail) = line.rsplit_once(": ").ok_or_else(told)?;
        let words = || tail.split(' ').map(str::to_owned);
        if let Some(head) = head.strip_prefix("  ") {
            let placement = placements.last_mut().ok_or_else(told)?;
            if let Some(node) = head.strip_prefix("preempts ") {
                placement.preempted.insert(node.to_owned(), words().collect());
                continue;
            }
            let place = match head {
                "runs" => Place::Runs,
                "not wanted" => Place::NotWanted,
                _ => {
                    let inner = head.strip_prefix("pending [").and_then(|rest| rest.strip_suffix(']'));
                    Place::Pending(inner.ok_or_else(told)?.split("; ").map(str::to_owned).collect())
                }
            };
            placement.nodes.extend(words().map(|node| (node, place.clone())));
        } else {
            placements.push(Placement {
                daemon_set: head.to_owned(),
                rejected: tail == "rejected",
                desired: tail.strip_prefix("desired ").and_then(|count| count.parse().ok()).unwrap_or(0),
                nodes: BTreeMap::new(),
                preempted: BTreeMap::new(),
            });
        }
    }
    Ok(placements)
}
