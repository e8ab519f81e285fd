//! Labels, taints and gates.

use daemonset_validation::matching::node_selector::MismatchKind;
use daemonset_validation::placement::{NearestTerm, NodeTaint, UnmetRequirement};
use daemonset_validation::words::requirement::{more, requirement};

use super::Sentence;

/// Taints that are not tolerated.
pub(super) fn taints(taints: &[NodeTaint]) -> Sentence {
    let (noun, verb) = if taints.len() == 1 { ("taint", "is") } else { ("taints", "are") };
    let named = taints.iter().map(|taint| Sentence::default().code(&printed(taint)));
    Sentence::new(noun)
        .text(" ")
        .join(Sentence::joined(named, ", "))
        .text(" ")
        .text(verb)
        .text(" not tolerated")
}

/// A taint as kubectl prints it.
pub(crate) fn printed(taint: &NodeTaint) -> String {
    if taint.value.is_empty() {
        format!("{}:{}", taint.key, taint.effect)
    } else {
        format!("{}={}:{}", taint.key, taint.value, taint.effect)
    }
}

/// The value of a label of the node.
fn has(key: &str, actual: Option<&str>) -> Sentence {
    let label = Sentence::new("label ").code(key);
    match actual {
        None => label.text(" is absent"),
        Some(value) => label.text(" is ").code_value(value),
    }
}

/// An entry of `nodeSelector`.
pub(super) fn selector(key: &str, wanted: &str, actual: Option<&str>) -> Sentence {
    has(key, actual).text(", the manifest wants ").code(&format!("{key}: {wanted}"))
}

/// The node affinity's term with the fewest unmet requirements.
pub(super) fn nearest_term(term: &NearestTerm) -> Sentence {
    let sentence = Sentence::joined(term.unmet.iter().map(unmet), "; ").text(&more(term.more_unmet, "; "));
    if term.terms == 1 { sentence } else { sentence.text(&format!(" (the closest of {} terms)", term.terms)) }
}

fn unmet(unmet: &UnmetRequirement) -> Sentence {
    match unmet {
        UnmetRequirement::Label { requirement: one, mismatch, actual } => {
            let wanted = requirement(one);
            let has = || has(&one.key, actual.as_deref());
            match mismatch {
                MismatchKind::Invalid => {
                    Sentence::default().code(&wanted).text(" is invalid, so it matches no node")
                }
                MismatchKind::NotANumber => has().text(", the manifest compares numbers: ").code(&wanted),
                _ => has().text(", the manifest wants ").code(&wanted),
            }
        }
        UnmetRequirement::Field(one) => {
            Sentence::new("the node is `").node().text("`, the manifest wants ").code(&requirement(one))
        }
        UnmetRequirement::EmptyTerm => Sentence::new("the term is empty, and an empty term matches no node"),
    }
}

/// Scheduling gates.
pub(super) fn gates(gates: &[Box<str>], others: usize) -> Sentence {
    let named = gates.iter().map(|gate| Sentence::default().code(gate));
    Sentence::new("the pod waits until ")
        .join(Sentence::joined(named, ", "))
        .text(&more(others, ", "))
        .text(" is removed from its scheduling gates")
}
