//! Compares, node by node, what the control plane did with what the command says.

use super::ours::{Ours, OursNode};
use super::placement::{Place, Placement};
use super::sentence::said_by;

/// A node (or the whole DaemonSet) of which the command says something else.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// The node; empty for what concerns the DaemonSet as a whole.
    pub node: String,
    /// What the control plane did.
    pub real: String,
    /// What the command says.
    pub ours: String,
}

/// The nodes where they differ. The counts of desired pods are compared too.
pub fn compare(real: &Placement, ours: &Ours) -> Vec<Disagreement> {
    let whole = |real: String, ours: String| Disagreement { node: String::new(), real, ours };
    if real.rejected || ours.rejected {
        let word = |rejected: bool| if rejected { "rejected" } else { "accepted" }.to_owned();
        let differ = real.rejected != ours.rejected;
        return Vec::from_iter(differ.then(|| whole(word(real.rejected), word(ours.rejected))));
    }
    let mut found = Vec::new();
    for (name, place) in &real.nodes {
        let node = ours.nodes.iter().find(|node| node.name == *name);
        let victims = real.preempted.get(name).map(Vec::as_slice).unwrap_or_default();
        if node.is_some_and(|node| node.preempts != victims) {
            found.push(Disagreement {
                node: name.clone(),
                real: format!("preempts {victims:?}"),
                ours: node.map_or_else(String::new, |node| format!("preempts {:?}", node.preempts)),
            });
        }
        if !node.is_some_and(|node| agrees(place, node)) {
            found.push(Disagreement {
                node: name.clone(),
                real: shown(place),
                ours: node.map_or("no such node".into(), told),
            });
        }
    }
    let desired =
        ours.nodes.iter().filter(|node| node.verdict == "runs" || node.verdict == "pending").count();
    if u64::try_from(desired) != Ok(real.desired) {
        found.push(whole(format!("desired {}", real.desired), format!("desired {desired}")));
    }
    if ours.nodes.len() != real.nodes.len() {
        found.push(whole(format!("{} nodes", real.nodes.len()), format!("{} nodes", ours.nodes.len())));
    }
    found
}

fn agrees(real: &Place, ours: &OursNode) -> bool {
    match real {
        Place::Runs => ours.verdict == "runs",
        Place::NotWanted => ours.verdict == "notWanted",
        Place::Pending(sentences) => {
            ours.verdict == "pending" && sentences.iter().all(|sentence| names(ours, sentence))
        }
    }
}

/// Whether our first filter is the one that says the sentence, and whether a resource that is missing is named.
fn names(ours: &OursNode, sentence: &str) -> bool {
    let Some((_, first, _)) = ours.reasons.first() else { return false };
    if !said_by(sentence, first) {
        return false;
    }
    let Some(resource) = sentence.strip_prefix("Insufficient ") else { return true };
    ours.reasons.iter().any(|(_, filter, message)| filter == first && message.contains(resource))
}

fn shown(place: &Place) -> String {
    match place {
        Place::Runs => "runs".into(),
        Place::Pending(sentences) => format!("pending [{}]", sentences.join("; ")),
        Place::NotWanted => "not wanted".into(),
    }
}

fn told(node: &OursNode) -> String {
    let reasons: Vec<_> =
        node.reasons.iter().map(|(_, filter, message)| format!("{filter}: {message}")).collect();
    format!("{} [{}]", node.verdict, reasons.join("; "))
}
