//! What became of a DaemonSet on each node, and the recorded text of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::refusal::refused_by;

/// What became of one node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A pod was bound there.
    Runs,
    /// A pod was made for it and waits; the scheduler's sentences about this node.
    Pending(Vec<String>),
    /// The controller made a pod for it and the API server did not store it: what it said, without what stands before it about the pod.
    Refused(String),
    /// A quota takes some of the pods: of the nodes that are listed so, this many stay without one, and which of them is chance.
    Short(usize, String),
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
    /// Of one that its admission rejected: what it said.
    pub said: Option<String>,
    /// What its admission warned of.
    pub warnings: Vec<String>,
    /// `status.desiredNumberScheduled`.
    pub desired: u64,
    /// By node.
    pub nodes: BTreeMap<String, Place>,
    /// By node, the pods that were to make room for the pending one.
    pub preempted: BTreeMap<String, Vec<String>>,
}

/// What stands before a warning in a record.
const WARNING: &str = "  warning: ";

impl Placement {
    /// Of a DaemonSet, by `namespace/name`, of which nothing is known yet.
    pub fn new(daemon_set: &str) -> Self {
        Self {
            daemon_set: daemon_set.to_owned(),
            rejected: false,
            said: None,
            warnings: Vec::new(),
            desired: 0,
            nodes: BTreeMap::new(),
            preempted: BTreeMap::new(),
        }
    }
}

/// The text in which the placements of a scenario are recorded.
pub fn write_record(placements: &[Placement]) -> String {
    let mut text = String::new();
    for placement in placements {
        if placement.rejected {
            let said = placement.said.as_ref().map_or_else(String::new, |said| format!(" [{said}]"));
            let _ = writeln!(text, "{}: rejected{said}", placement.daemon_set);
            continue;
        }
        let _ = writeln!(text, "{}: desired {}", placement.daemon_set, placement.desired);
        for warning in &placement.warnings {
            let _ = writeln!(text, "{WARNING}{warning}");
        }
        let mut groups: BTreeMap<&Place, Vec<&str>> = BTreeMap::new();
        for (node, place) in &placement.nodes {
            groups.entry(place).or_default().push(node);
        }
        for (place, nodes) in groups {
            let head = match place {
                Place::Runs => "runs".to_owned(),
                Place::Pending(sentences) => format!("pending [{}]", sentences.join("; ")),
                Place::Refused(said) => format!("refused ({}) [{said}]", refused_by(said)),
                Place::Short(count, said) => format!("{count} refused ({}) [{said}]", refused_by(said)),
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
        if let Some(line) = line.strip_prefix("  ") {
            let placement = placements.last_mut().ok_or_else(told)?;
            if let Some(warning) = line.strip_prefix(WARNING.trim_start()) {
                placement.warnings.push(warning.to_owned());
                continue;
            }
            let (head, tail) = line.rsplit_once(": ").ok_or_else(told)?;
            let words = || tail.split(' ').map(str::to_owned);
            if let Some(node) = head.strip_prefix("preempts ") {
                placement.preempted.insert(node.to_owned(), words().collect());
                continue;
            }
            let place = match head {
                "runs" => Place::Runs,
                "not wanted" => Place::NotWanted,
                _ => {
                    let (kind, inner) =
                        head.strip_suffix(']').and_then(|head| head.split_once('[')).ok_or_else(told)?;
                    match kind.split_once(" (").map_or(kind, |(kind, _)| kind).split_once("refused") {
                        Some(("", _)) => Place::Refused(inner.to_owned()),
                        Some((count, _)) => {
                            Place::Short(count.trim().parse().map_err(|_| told())?, inner.to_owned())
                        }
                        None => Place::Pending(inner.split("; ").map(str::to_owned).collect()),
                    }
                }
            };
            placement.nodes.extend(words().map(|node| (node, place.clone())));
        } else {
            let (head, tail) = line.split_once(": ").ok_or_else(told)?;
            let mut placement = Placement::new(head);
            let said = tail.strip_prefix("rejected [").and_then(|tail| tail.strip_suffix(']'));
            placement.said = said.map(str::to_owned);
            placement.rejected = tail.starts_with("rejected");
            placement.desired =
                tail.strip_prefix("desired ").and_then(|count| count.parse().ok()).unwrap_or(0);
            placements.push(placement);
        }
    }
    Ok(placements)
}

#[cfg(test)]
mod tests {
    use super::{Place, Placement, read_record, write_record};

    #[test]
    fn what_is_recorded_is_read_again() {
        let mut first = Placement::new("agents/first");
        first.desired = 3;
        first
            .warnings
            .push("would violate PodSecurity \"baseline:latest\": host namespaces (hostPID=true)".into());
        let said = "exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2";
        for (node, place) in [
            ("a", Place::Runs),
            ("b", Place::Pending(vec!["Insufficient cpu".into(), "Too many pods".into()])),
            (
                "c",
                Place::Refused("spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//80\"".into()),
            ),
            ("d", Place::Short(2, said.into())),
            ("e", Place::Short(2, said.into())),
            ("f", Place::NotWanted),
        ] {
            first.nodes.insert(node.into(), place);
        }
        let mut second = Placement::new("gone/second");
        (second.rejected, second.said) = (true, Some("namespaces \"gone\" not found".into()));
        let mut third = Placement::new("gone/third");
        third.rejected = true;
        let all = vec![first, second, third];
        assert_eq!(read_record(&write_record(&all)).as_ref(), Ok(&all));
    }
}
