//! Affinity and anti-affinity between pods.

use daemonset_validation::placement::{AntiAffinity, OtherPod, PodSelector, Requirement, WantedPods};
use daemonset_validation::words::requirement::more;

use super::Sentence;

/// The node lacks the label of a term.
pub(super) fn without_label(key: &str) -> Sentence {
    Sentence::new("label ").code(key).text(" is absent, and pod affinity uses it as its topologyKey")
}

/// No pod that the affinity requires runs in the node's domain, or this is not known.
pub(super) fn far(wanted: &WantedPods, unknown: bool, node: &str) -> Sentence {
    let pods = selected(&wanted.selector);
    if unknown {
        return Sentence::new("whether a pod that pod affinity requires (")
            .join(pods)
            .text(") runs where ")
            .domain(&wanted.domain, node)
            .text(" depends on labels of namespaces, which were not read");
    }
    let together = if wanted.other_terms { " and all other terms select" } else { "" };
    Sentence::new("no pod that pod affinity requires (")
        .join(pods)
        .text(")")
        .text(together)
        .text(" runs where ")
        .domain(&wanted.domain, node)
}

const UNSURE: &str = ", if the term selects its namespace, whose labels were not read";

fn unsure(found: &AntiAffinity) -> &'static str {
    if found.certain { "" } else { UNSURE }
}

/// The pod's anti-affinity selects a pod in the node's domain.
pub(super) fn anti_affinity(found: &AntiAffinity, node: &str) -> Sentence {
    Sentence::new("pod anti-affinity excludes ")
        .join(selected(&found.selector))
        .text(", and where ")
        .domain(&found.domain, node)
        .text(" there is ")
        .join(named(&found.other, node))
        .text(unsure(found))
}

/// The anti-affinity of a pod in the node's domain selects the pod.
pub(super) fn repelled(found: &AntiAffinity, node: &str) -> Sentence {
    let other = named(&found.other, node);
    if matches!(found.other, OtherPod::Own { .. }) {
        return other.text(" excludes others where ").domain(&found.domain, node).text(unsure(found));
    }
    other
        .text(" excludes ")
        .join(selected(&found.selector))
        .text(" where ")
        .domain(&found.domain, node)
        .text(" by its pod anti-affinity, and this pod is one of them")
        .text(unsure(found))
}

/// A pod with its name and node.
fn named(other: &OtherPod, node: &str) -> Sentence {
    let (sentence, on) = match other {
        OtherPod::Own { node } => (Sentence::new("this DaemonSet's own pod"), node),
        OtherPod::Existing { pod: Some(pod), node } => (Sentence::new("pod ").pod(pod), node),
        OtherPod::Existing { pod: None, node } => (Sentence::new("another pod"), node),
    };
    match on.as_deref() {
        None => sentence,
        Some(on) if on == node => sentence.text(" on ").node(),
        Some(on) => sentence.text(" on ").text(on),
    }
}

/// The pods of a selector, in kubectl's syntax.
fn selected(selector: &PodSelector) -> Sentence {
    match selector {
        PodSelector::Nothing => Sentence::new("no pods at all"),
        PodSelector::Everything => Sentence::new("all pods"),
        PodSelector::Matching { requirements, more: others } => {
            let all: Vec<String> = requirements.iter().map(printed).collect();
            Sentence::new("pods with ").code(&all.join(",")).text(&more(*others, " "))
        }
    }
}

fn printed(one: &Requirement) -> String {
    let values = || format!("{}{}", one.values.join(","), more(one.more_values, " "));
    match &*one.operator {
        "=" => format!("{}={}", one.key, values()),
        "In" => format!("{} in ({})", one.key, values()),
        "NotIn" => format!("{} notin ({})", one.key, values()),
        "DoesNotExist" => format!("!{}", one.key),
        _ => one.key.to_string(),
    }
}
