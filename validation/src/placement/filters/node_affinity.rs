//! The node's labels and name: the plain node selector and the required node affinity.

use k8s_openapi::api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm, PodSpec};

use crate::matching::node_selector::{self, Mismatch, MismatchKind, Place, RequiredNodeAffinity};
use crate::path::FieldPath;
use crate::placement::cause::{Cause, NearestTerm, Requirement, UnmetRequirement};
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::near_label::NearLabel;
use crate::placement::paths::pod_path;
use crate::placement::reason::Reason;
use crate::placement::remedy::{LabelChange, LabelTarget, Remedy, SelectorChange};
use crate::placement::site::Site;
use crate::placement::snapshot::Node;

/// Each label of `nodeSelector` and one term of the required affinity must match.
///
/// Upstream: `scheduler/framework/plugins/nodeaffinity.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    if !cluster.context.pod.is_as_the_controller_saw_it() {
        ask(cluster, &cluster.context.pod.spec, site, reasons);
    }
}

/// The same check by the controller, which knows only the template.
pub(in crate::placement) fn of_template(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    ask(cluster, cluster.context.pod.template, site, reasons);
}

fn ask(cluster: &Cluster<'_>, pod: &PodSpec, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    let node = site.node;
    let seen = node_selector::Node { name: &node.name, labels: &node.labels };
    let mismatches = RequiredNodeAffinity::of(pod).mismatches(seen);
    for mismatch in &mismatches {
        if let Place::NodeSelector(key) = mismatch.place {
            let value = pod.node_selector.as_ref().and_then(|labels| labels.get(key)).map(String::as_str);
            reasons.push(plain(cluster, key, value.unwrap_or_default(), node));
        }
    }
    let affinity = pod.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    let required =
        affinity.and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_ref());
    if let Some(required) = required {
        reasons.extend(nearest_term(cluster, &required.node_selector_terms, &mismatches, node));
    }
}

fn affinity_path() -> FieldPath {
    pod_path(&[
        "affinity",
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
    ])
}

/// The node's value of a label.
fn actual(key: &str, node: &Node) -> Option<Box<str>> {
    node.labels.get(key).map(|value| value.as_str().into())
}

/// An entry of `nodeSelector` that the node does not match.
fn plain(cluster: &Cluster<'_>, key: &str, wanted: &str, node: &Node) -> Reason {
    let actual = actual(key, node);
    let reason = |actual: Option<Box<str>>, remedy: Option<Remedy>| {
        let cause = Cause::NodeSelector { key: key.into(), wanted: wanted.into(), actual };
        Reason::new(Filter::NodeAffinity, cause, pod_path(&["nodeSelector"]).key(key)).remedy(remedy)
    };
    if let Some(near) = cluster.near_label(key, &[wanted]) {
        return reason(actual, Some(Remedy::Correct(Box::new([near]))));
    }
    if is_operating_system(key) && actual.is_some() {
        return reason(actual, None);
    }
    let (mut labels, mut manifest): (Box<[LabelChange]>, Box<[SelectorChange]>) = Default::default();
    if is_given_by_the_platform(key) {
        manifest = Box::new([match &actual {
            Some(value) => SelectorChange::WriteSelector { key: key.into(), value: value.clone() },
            None => SelectorChange::DeleteSelector { key: key.into() },
        }]);
    } else {
        let to = LabelTarget::Value(wanted.into());
        labels = Box::new([LabelChange { key: key.into(), to, overwrite: actual.is_some() }]);
    }
    reason(actual, Some(Remedy::MatchNode { labels, manifest }))
}

/// Terms are alternatives, so the reason is about the term of which the fewest requirements are unmet.
fn nearest_term(
    cluster: &Cluster<'_>,
    terms: &[NodeSelectorTerm],
    mismatches: &[Mismatch<'_>],
    node: &Node,
) -> Option<Reason> {
    let of_term = |wanted: usize| {
        mismatches.iter().filter(move |mismatch| match mismatch.place {
            Place::NodeSelector(_) => false,
            Place::Term(term) | Place::Expression { term, .. } | Place::Field { term, .. } => term == wanted,
        })
    };
    let lacking = |term: &usize| of_term(*term).count();
    if cluster.context.budget.spend_for(terms.len().saturating_mul(mismatches.len())).is_err() {
        return None;
    }
    if terms.is_empty() {
        return Some(Reason::new(Filter::NodeAffinity, Cause::NoTerms, affinity_path()));
    }
    let nearest = (0..terms.len()).filter(|term| lacking(term) > 0).min_by_key(lacking)?;
    let term = terms.get(nearest)?;
    let path = affinity_path().index(nearest);
    let mut unmet = Vec::new();
    let (mut labels, mut manifest) = (Vec::new(), Vec::new());
    let mut can_match = true;
    let mut place = None;
    let mut slips = Vec::new();
    for mismatch in of_term(nearest) {
        slips.extend(slip(cluster, mismatch, term));
        let (requirement, change, at) = explain(mismatch, term, &path, node);
        unmet.extend(requirement);
        match change {
            Some(Change::Label(label)) => labels.push(label),
            Some(Change::Manifest(change)) => manifest.push(change),
            None => can_match = false,
        }
        place.get_or_insert(at);
    }
    let cause = Cause::NodeAffinity(Box::new(NearestTerm { terms: terms.len(), unmet: unmet.into() }));
    // All requirements of a term must be met, so a remedy for some of them is none.
    let any = !labels.is_empty() || !manifest.is_empty();
    if !slips.is_empty() {
        let remedy = Remedy::Correct(slips.into());
        return Some(Reason::new(Filter::NodeAffinity, cause, place.unwrap_or(path)).remedy(remedy));
    }
    let remedy =
        (can_match && any).then(|| Remedy::MatchNode { labels: labels.into(), manifest: manifest.into() });
    Some(Reason::new(Filter::NodeAffinity, cause, place.unwrap_or(path)).remedy(remedy))
}

/// The label that an expression probably means.
fn slip(cluster: &Cluster<'_>, mismatch: &Mismatch<'_>, term: &NodeSelectorTerm) -> Option<NearLabel> {
    let Place::Expression { expression, .. } = mismatch.place else { return None };
    let one = term.match_expressions.as_ref()?.get(expression)?;
    match one.operator.as_str() {
        "In" => {
            let values: Vec<&str> = one.values.iter().flatten().map(String::as_str).collect();
            (!values.is_empty()).then(|| cluster.near_label(&one.key, &values))?
        }
        "Exists" => cluster.near_label(&one.key, &[]),
        _ => None,
    }
}

/// Whether a label names the operating system. An image of one does not run on the other, so its selector is never to be changed.
fn is_operating_system(key: &str) -> bool {
    matches!(key, "kubernetes.io/os" | "beta.kubernetes.io/os")
}

/// What would meet a requirement.
enum Change {
    /// A label of the node.
    Label(LabelChange),
    /// A change of the manifest, where the label states what the node is.
    Manifest(SelectorChange),
}

/// Whether a label states a fact about the node, so that another value would be wrong.
fn is_given_by_the_platform(key: &str) -> bool {
    const KEYS: [&str; 8] = [
        "kubernetes.io/arch",
        "kubernetes.io/hostname",
        "kubernetes.io/os",
        "beta.kubernetes.io/arch",
        "beta.kubernetes.io/os",
        "beta.kubernetes.io/instance-type",
        "node.kubernetes.io/instance-type",
        "node.kubernetes.io/windows-build",
    ];
    KEYS.contains(&key)
        || key.starts_with("topology.kubernetes.io/")
        || key.starts_with("failure-domain.beta.kubernetes.io/")
}

/// The requirement that is unmet, what would meet it, and its path.
fn explain(
    mismatch: &Mismatch<'_>,
    term: &NodeSelectorTerm,
    path: &FieldPath,
    node: &Node,
) -> (Option<UnmetRequirement>, Option<Change>, FieldPath) {
    let item = |list: &'static str, index: usize| path.clone().field(list).index(index);
    match mismatch.place {
        Place::Expression { expression, .. } => {
            let one = term.match_expressions.as_ref().and_then(|list| list.get(expression));
            let unmet = one.map(|one| UnmetRequirement::Label {
                requirement: one.into(),
                mismatch: mismatch.kind,
                actual: actual(&one.key, node),
            });
            let change = one.and_then(|one| change(one, mismatch.kind, node));
            (unmet, change, item("matchExpressions", expression))
        }
        Place::Field { field, .. } => {
            let one = term.match_fields.as_ref().and_then(|list| list.get(field));
            let unmet = one.map(|one| UnmetRequirement::Field(Requirement::from(one)));
            (unmet, None, item("matchFields", field))
        }
        Place::Term(_) | Place::NodeSelector(_) => (Some(UnmetRequirement::EmptyTerm), None, path.clone()),
    }
}

/// What would meet a requirement about a label.
fn change(one: &NodeSelectorRequirement, kind: MismatchKind, node: &Node) -> Option<Change> {
    if kind == MismatchKind::Invalid {
        return None;
    }
    let key: Box<str> = one.key.as_str().into();
    let actual = actual(&key, node);
    if is_operating_system(&key) && actual.is_some() {
        return None;
    }
    if is_given_by_the_platform(&key) {
        return Some(Change::Manifest(match (one.operator.as_str(), actual) {
            ("In", Some(value)) => SelectorChange::AddValue { key, value },
            ("NotIn", Some(value)) => SelectorChange::RemoveValue { key, value },
            _ => SelectorChange::DeleteExpression { key },
        }));
    }
    let first = || Some(one.values.as_ref()?.first()?.as_str().into());
    let (to, compares) = match one.operator.as_str() {
        "Exists" => (LabelTarget::Any, false),
        "DoesNotExist" | "NotIn" => (LabelTarget::Absent, false),
        "In" => (LabelTarget::Value(first()?), true),
        "Gt" => (LabelTarget::MoreThan(first()?), true),
        "Lt" => (LabelTarget::LessThan(first()?), true),
        _ => return None,
    };
    Some(Change::Label(LabelChange { key, to, overwrite: compares && actual.is_some() }))
}
