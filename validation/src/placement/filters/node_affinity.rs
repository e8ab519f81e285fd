//! The node's labels and name: the plain node selector and the required node affinity.

use k8s_openapi::api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm};

use crate::matching::node_selector::{self, Mismatch, MismatchKind, Place};
use crate::matching::required::Nearest;
use crate::path::FieldPath;
use crate::placement::cause::{Cause, NearestTerm, UnmetRequirement};
use crate::placement::cluster::{Cluster, MOST_COMPARED};
use crate::placement::filter::Filter;
use crate::placement::near_label::NearLabel;
use crate::placement::node_affinity::NodeAffinity;
use crate::placement::paths::pod_path;
use crate::placement::reason::Reason;
use crate::placement::reasons::Reasons;
use crate::placement::remedy::{LabelChange, LabelTarget, Remedy, SelectorChange};
use crate::placement::site::Site;
use crate::placement::snapshot::Node;

/// Each label of `nodeSelector` and one term of the required affinity must match.
///
/// Upstream: `scheduler/framework/plugins/nodeaffinity.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    if let Some(admitted) = &cluster.admitted_affinity {
        ask(cluster, admitted, site, reasons);
    }
}

/// The same check by the controller, which knows only the template.
pub(in crate::placement) fn of_template(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    ask(cluster, &cluster.template_affinity, site, reasons);
}

fn ask(cluster: &Cluster<'_>, affinity: &NodeAffinity<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    let node = site.node;
    let seen = node_selector::Node { name: &node.name, labels: &node.labels };
    let mut work = 0;
    let misfit = affinity.prepared.misfit(seen, reasons.room(), &mut work);
    if cluster.context.budget.spend(work).is_err() {
        return;
    }
    let Some(misfit) = misfit else { return };
    reasons.extend(misfit.pairs.iter().map(|(key, value)| plain(cluster, key, value, node)));
    if misfit.more_pairs > 0 {
        reasons.omit(misfit.more_pairs);
    }
    if misfit.no_terms {
        reasons.push(Reason::new(Filter::NodeAffinity, Cause::NoTerms, affinity_path()));
    }
    if let Some(nearest) = &misfit.nearest {
        reasons.extend(nearest_term(cluster, affinity, nearest, node));
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
    affinity: &NodeAffinity<'_>,
    nearest: &Nearest,
    node: &Node,
) -> Option<Reason> {
    let term = affinity.terms.get(nearest.term)?;
    let path = affinity_path().index(nearest.term);
    let mut unmet = Vec::new();
    let (mut labels, mut manifest) = (Vec::new(), Vec::new());
    // All requirements of a term must be met, so a remedy for some of them is none.
    let mut can_match = nearest.more == 0;
    let mut place = None;
    let mut slips = Vec::new();
    for mismatch in &nearest.unmet {
        slips.extend(slip(cluster, mismatch, term));
        let (requirement, change, at) = explain(affinity, mismatch, term, &path, node);
        unmet.extend(requirement);
        match change {
            Some(Change::Label(label)) => labels.push(label),
            Some(Change::Manifest(change)) => manifest.push(change),
            None => can_match = false,
        }
        place.get_or_insert(at);
    }
    let cause = Cause::NodeAffinity(Box::new(NearestTerm {
        terms: affinity.terms.len(),
        unmet: unmet.into(),
        more_unmet: nearest.more,
    }));
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
            let values = one.values.as_deref().unwrap_or_default();
            // Of so many values none is a slip of the pen.
            if values.is_empty() || values.len() > MOST_COMPARED {
                return None;
            }
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            cluster.near_label(&one.key, &values)
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
    affinity: &NodeAffinity<'_>,
    mismatch: &Mismatch<'_>,
    term: &NodeSelectorTerm,
    path: &FieldPath,
    node: &Node,
) -> (Option<UnmetRequirement>, Option<Change>, FieldPath) {
    let item = |list: &'static str, index: usize| path.clone().field(list).index(index);
    match mismatch.place {
        Place::Expression { term: number, expression } => {
            let one = term.match_expressions.as_ref().and_then(|list| list.get(expression));
            let unmet = one.map(|one| UnmetRequirement::Label {
                requirement: affinity.named((number, false, expression), one),
                mismatch: mismatch.kind,
                actual: actual(&one.key, node),
            });
            let change = one.and_then(|one| change(one, mismatch.kind, node));
            (unmet, change, item("matchExpressions", expression))
        }
        Place::Field { term: number, field } => {
            let one = term.match_fields.as_ref().and_then(|list| list.get(field));
            let unmet = one.map(|one| UnmetRequirement::Field(affinity.named((number, true, field), one)));
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
