//! Compares, node by node, what the control plane did with what the command says.

use super::ours::{Ours, OursNode};
use super::placement::{Place, Placement};
use super::refusal::{by_admission, refused_by};
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
        if real.rejected != ours.rejected {
            return vec![whole(word(real.rejected), word(ours.rejected))];
        }
        // The server's own sentence is among the findings.
        let said = |said: &String| ours.findings.iter().any(|(_, message)| message.contains(said.as_str()));
        let unsaid = real.said.iter().filter(|sentence| !said(sentence));
        return unsaid.map(|sentence| whole(format!("rejected [{sentence}]"), all(&ours.findings))).collect();
    }
    let mut found = Vec::new();
    let warned =
        |text: &str| ours.findings.iter().any(|(rule, message)| rule == "api/warning" && message == text);
    for warning in real.warnings.iter().filter(|warning| !warned(warning)) {
        found.push(whole(format!("warning: {warning}"), all(&ours.findings)));
    }
    for (rule, message) in &ours.findings {
        if rule == "api/warning" && by_admission(message) && !real.warnings.contains(message) {
            found.push(whole("no such warning".to_owned(), message.clone()));
        }
    }
    if let Some(Place::Short(count, said)) =
        real.nodes.values().find(|place| matches!(place, Place::Short(..)))
    {
        // Which nodes stay without a pod is chance; how many do is not.
        let refused = ours.nodes.iter().filter(|node| node.verdict == "refused").count();
        if refused != *count {
            found.push(whole(format!("{count} refused [{said}]"), format!("{refused} refused")));
        }
    }
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
    let wanted = ["runs", "pending", "refused"];
    let desired = ours.nodes.iter().filter(|node| wanted.contains(&node.verdict.as_str())).count();
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
        Place::Refused(said) => refuses(ours, said),
        Place::Short(_, said) => ours.verdict == "runs" || refuses(ours, said),
        Place::Pending(sentences) => {
            ours.verdict == "pending" && sentences.iter().all(|sentence| names(ours, sentence))
        }
    }
}

/// Whether the pod is refused by the plugin that says the sentence, in the server's own words.
fn refuses(ours: &OursNode, said: &str) -> bool {
    let plugin = refused_by(said);
    let stage = if plugin == "Validation" { "apiserver" } else { "admission" };
    let first = ours.reasons.first();
    ours.verdict == "refused"
        && first.is_some_and(|(at, filter, message)| at == stage && filter == plugin && message == said)
}

fn all(findings: &[(String, String)]) -> String {
    let words: Vec<_> = findings.iter().map(|(rule, message)| format!("{rule}: {message}")).collect();
    format!("[{}]", words.join("; "))
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
        Place::Refused(said) => format!("refused ({}) [{said}]", refused_by(said)),
        Place::Short(count, said) => format!("runs, or is one of {count} that are refused [{said}]"),
        Place::NotWanted => "not wanted".into(),
    }
}

fn told(node: &OursNode) -> String {
    let reasons: Vec<_> =
        node.reasons.iter().map(|(_, filter, message)| format!("{filter}: {message}")).collect();
    format!("{} [{}]", node.verdict, reasons.join("; "))
}
