//! The reasons of this filter.

use super::state::{Answer, InterPodAffinity, Own};
use super::tally::{Number, Other};
use super::term::Selected;
use crate::path::FieldPath;
use crate::placement::cause::{AntiAffinity, Cause, Domain, OtherPod, PodName, PodSelector, WantedPods};
use crate::placement::filter::Filter;
use crate::placement::kind::Kind;
use crate::placement::paths::pod_path;
use crate::placement::reason::{Missing, Reason};
use crate::placement::remedy::Remedy;
use crate::placement::site::Site;
use crate::placement::snapshot::{NodeIndex, Snapshot};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";

/// The answer depends on labels of namespaces, which were not read.
const LABELS_OF_NAMESPACES: Missing = Missing::Kind(Kind::Namespace);

fn term_path(list: &'static str, index: usize) -> FieldPath {
    pod_path(&["affinity", list, REQUIRED]).index(index)
}

fn domain(site: &Site<'_>, key: &str) -> Domain {
    let value = site.node.labels.get(key).map(String::as_str).unwrap_or_default();
    Domain { key: key.into(), value: value.into() }
}

/// A pod with its name and node.
fn other_pod(snapshot: &Snapshot, other: Other) -> OtherPod {
    let name = |node: NodeIndex| Some(snapshot.nodes().get(node as usize)?.name.clone());
    match other {
        Other::New(node) => OtherPod::Own { node: name(node) },
        Other::There(index, _) => {
            let pod = snapshot.pod(index);
            let node = pod.and_then(|pod| pod.node).and_then(name);
            OtherPod::Existing { pod: pod.map(PodName::of), node }
        }
    }
}

/// Adds what is missing where it is not certain that the term selects the pod.
fn certain(reason: Reason, selected: Selected) -> Reason {
    if selected == Selected::Yes { reason } else { reason.missing(LABELS_OF_NAMESPACES) }
}

/// No wanted pod runs in the node's domain.
pub(super) fn far(affinity: &InterPodAffinity<'_>, site: &Site<'_>, answer: Answer) -> Option<Reason> {
    let at =
        |own: &Own| affinity.topology(&own.tallies).and_then(|topology| own.tallies.at(topology, site.index));
    // They are in the order of their first terms.
    if let Some(own) = affinity.to.iter().find(|own| at(own).is_none()) {
        let key = &*affinity.topology(&own.tallies)?.key;
        let path = term_path("podAffinity", *own.terms.first()?).field("topologyKey");
        let reason = Reason::new(Filter::InterPodAffinity, Cause::AffinityLabel { key: key.into() }, path);
        return Some(reason.remedy(Remedy::any_label(key)).unresolvable());
    }
    let unmatched = affinity
        .to
        .iter()
        .find(|own| at(own).is_some_and(|tally| tally.without(Number::default()) != Selected::Yes));
    // With preempted pods removed, no term may be left without pods; then the first one is named.
    let own = unmatched.or_else(|| affinity.to.first())?;
    let index = *own.terms.first()?;
    let cause = Cause::PodAffinity(Box::new(WantedPods {
        selector: own.selectors.first()?.clone(),
        domain: domain(site, &affinity.topology(&own.tallies)?.key),
        other_terms: affinity.terms_to > 1,
    }));
    let path = term_path("podAffinity", index);
    if answer == Answer::Unknown {
        let reason = Reason::new(Filter::InterPodAffinity, cause, path.field("namespaceSelector"));
        return Some(reason.missing(LABELS_OF_NAMESPACES));
    }
    let reason = Reason::new(Filter::InterPodAffinity, cause, path);
    Some(reason.remedy(Remedy::RunWantedPod).unresolvable())
}

/// The pod's anti-affinity selects a pod in the node's domain.
pub(super) fn unwanted(
    snapshot: &Snapshot,
    site: &Site<'_>,
    (index, selector, key): (usize, &PodSelector, &str),
    other: Other,
    selected: Selected,
) -> Reason {
    let cause = Cause::PodAntiAffinity(Box::new(AntiAffinity {
        selector: selector.clone(),
        domain: domain(site, key),
        other: other_pod(snapshot, other),
        certain: selected == Selected::Yes,
    }));
    let remedy = match other {
        Other::New(_) => Remedy::SpreadByHost,
        Other::There(..) => Remedy::NarrowTerm,
    };
    let path = term_path("podAntiAffinity", index);
    certain(Reason::new(Filter::InterPodAffinity, cause, path).remedy(remedy), selected)
}

/// The anti-affinity of a pod in the node's domain selects the pod.
pub(super) fn repelled(
    snapshot: &Snapshot,
    site: &Site<'_>,
    key: &str,
    other: Other,
    selected: Selected,
) -> Reason {
    let (selector, remedy, path) = match other {
        // Its own term, which the reason about the template's anti-affinity names.
        Other::New(_) => {
            let path = pod_path(&["affinity", "podAntiAffinity", REQUIRED]);
            (PodSelector::Nothing, Remedy::DeleteTerm, path)
        }
        Other::There(index, number) => {
            let term = snapshot.pod(index).and_then(|pod| pod.shape.anti_affinity.get(number));
            let selector = term.and_then(|term| term.label_selector.as_ref()).into();
            let labels = FieldPath::of(&["spec", "template", "metadata", "labels"]);
            (selector, Remedy::ChangeLabels, labels)
        }
    };
    let cause = Cause::Repelled(Box::new(AntiAffinity {
        selector,
        domain: domain(site, key),
        other: other_pod(snapshot, other),
        certain: selected == Selected::Yes,
    }));
    certain(Reason::new(Filter::InterPodAffinity, cause, path).remedy(remedy), selected)
}
