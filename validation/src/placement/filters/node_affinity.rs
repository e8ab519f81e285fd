//! The node's labels and name: the plain node selector and the required node affinity.

use k8s_openapi::api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm, PodSpec};

use super::{Cluster, Site, pod_path};
use crate::matching::node_selector::{self, Mismatch, MismatchKind, Place, RequiredNodeAffinity};
use crate::path::FieldPath;
use crate::placement::snapshot::Node;
use crate::placement::verdict::Reason;

const NAME: &str = "NodeAffinity";

/// Each label of `nodeSelector` and one term of the required affinity must match.
///
/// Upstream: `scheduler/framework/plugins/nodeaffinity.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    if !cluster.pod.is_as_the_controller_saw_it() {
        ask(&cluster.pod.spec, site, reasons);
    }
}

/// The same question of the controller, which knows only the template.
pub(in crate::placement) fn of_template(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    ask(cluster.pod.template, site, reasons);
}

fn ask(pod: &PodSpec, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    let node = site.node;
    let seen = node_selector::Node { name: &node.name, labels: &node.labels };
    let mismatches = RequiredNodeAffinity::of(pod).mismatches(seen);
    for mismatch in &mismatches {
        if let Place::NodeSelector(key) = mismatch.place {
            let value = pod.node_selector.as_ref().and_then(|labels| labels.get(key)).map(String::as_str);
            reasons.push(plain(key, value.unwrap_or_default(), node));
        }
    }
    let affinity = pod.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    let required =
        affinity.and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_ref());
    if let Some(required) = required {
        reasons.extend(nearest_term(&required.node_selector_terms, &mismatches, node));
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

fn reason(message: String, path: FieldPath, suggestion: Option<String>) -> Reason {
    Reason::new(NAME, message, path).suggest(suggestion)
}

/// What the node has of a label.
fn has(key: &str, node: &Node) -> String {
    match node.labels.get(key) {
        None => format!("label `{key}` is absent"),
        Some(value) => format!("label `{key}` is `{value}`"),
    }
}

fn plain(key: &str, value: &str, node: &Node) -> Reason {
    let path = pod_path(&["nodeSelector"]).key(key);
    let suggestion = if is_given_by_the_platform(key) {
        match node.labels.get(key) {
            Some(actual) => format!("write `{key}: {actual}` in the manifest, or delete the line"),
            None => format!("delete `{key}` from the manifest's `nodeSelector`"),
        }
    } else {
        let overwrite = if node.labels.contains_key(key) { " --overwrite" } else { "" };
        label_node(node, &format!("{key}={value}{overwrite}"))
    };
    reason(format!("{}, the manifest wants `{key}: {value}`", has(key, node)), path, Some(suggestion))
}

/// Terms are alternatives, so the one that lacks least is the one to speak of.
fn nearest_term(terms: &[NodeSelectorTerm], mismatches: &[Mismatch<'_>], node: &Node) -> Option<Reason> {
    let of_term = |wanted: usize| {
        mismatches.iter().filter(move |mismatch| match mismatch.place {
            Place::NodeSelector(_) => false,
            Place::Term(term) | Place::Expression { term, .. } | Place::Field { term, .. } => term == wanted,
        })
    };
    let lacking = |term: &usize| of_term(*term).count();
    if terms.is_empty() {
        return Some(reason(
            "there are no terms, and none matches nothing".to_owned(),
            affinity_path(),
            None,
        ));
    }
    let nearest = (0..terms.len()).filter(|term| lacking(term) > 0).min_by_key(lacking)?;
    let term = terms.get(nearest)?;
    let path = affinity_path().index(nearest);
    let mut sentences = Vec::new();
    let (mut labels, mut changes) = (Vec::new(), Vec::new());
    let mut mends = true;
    let mut place = None;
    for mismatch in of_term(nearest) {
        let (sentence, mend, at) = explain(mismatch, term, &path, node);
        sentences.push(sentence);
        match mend {
            Some(Mend::Label(label)) => labels.push(label),
            Some(Mend::Manifest(change)) => changes.push(change),
            None => mends = false,
        }
        place.get_or_insert(at);
    }
    let alternatives =
        if terms.len() == 1 { String::new() } else { format!(" (the nearest of {} terms)", terms.len()) };
    let message = format!("{}{alternatives}", sentences.join("; "));
    if !labels.is_empty() {
        changes.insert(0, label_node(node, &labels.join(" ")));
    }
    // All requirements of a term must hold, so what mends only some of them mends nothing.
    let suggestion = (mends && !changes.is_empty()).then(|| changes.join(", and "));
    Some(reason(message, place.unwrap_or(path), suggestion))
}

/// What would fulfil a requirement.
enum Mend {
    /// A label, as kubectl takes it.
    Label(String),
    /// A change of the manifest, where the label says what the node is.
    Manifest(String),
}

/// Whether a label says what a node is, so that another value would be a lie.
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

/// The command that labels a node. A name or value that a shell would read as something else stands in quotes.
pub(super) fn label_node(node: &Node, labels: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._/=<> ".contains(c);
    if node.name.chars().all(|c| plain(c) && !"<> ".contains(c)) && labels.chars().all(plain) {
        format!("kubectl label node {} {labels}", node.name)
    } else {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
        format!("kubectl label node {} {}", quoted(&node.name), quoted(labels))
    }
}

/// The sentence for one requirement, what would fulfil it and its place.
fn explain(
    mismatch: &Mismatch<'_>,
    term: &NodeSelectorTerm,
    path: &FieldPath,
    node: &Node,
) -> (String, Option<Mend>, FieldPath) {
    let item = |list: &'static str, index: usize| path.clone().field(list).index(index);
    match mismatch.place {
        Place::Expression { expression, .. } => {
            let one = term.match_expressions.as_ref().and_then(|list| list.get(expression));
            let (sentence, label) = match one {
                Some(one) => about_label(one, mismatch.kind, node),
                None => (String::new(), None),
            };
            (sentence, label, item("matchExpressions", expression))
        }
        Place::Field { field, .. } => {
            let one = term.match_fields.as_ref().and_then(|list| list.get(field));
            let wanted = one.map(printed).unwrap_or_default();
            (
                format!("the node is `{}`, the manifest wants `{wanted}`", node.name),
                None,
                item("matchFields", field),
            )
        }
        Place::Term(_) | Place::NodeSelector(_) => {
            ("the term requires nothing, and such a term matches no node".to_owned(), None, path.clone())
        }
    }
}

fn about_label(one: &NodeSelectorRequirement, kind: MismatchKind, node: &Node) -> (String, Option<Mend>) {
    let wanted = printed(one);
    let key = &one.key;
    let sentence = match kind {
        MismatchKind::Invalid => format!("`{wanted}` cannot be read, so it matches no node"),
        MismatchKind::NotANumber => format!("{}, the manifest compares numbers: `{wanted}`", has(key, node)),
        _ => format!("{}, the manifest wants `{wanted}`", has(key, node)),
    };
    if is_given_by_the_platform(key) {
        let mend = match (kind, one.operator.as_str(), node.labels.get(key)) {
            (MismatchKind::Invalid, ..) => None,
            (_, "In", Some(value)) => Some(format!("add `{value}` to the values of `{key}`")),
            (_, "NotIn", Some(value)) => Some(format!("take `{value}` out of the values of `{key}`")),
            _ => Some(format!("delete the expression about `{key}`")),
        };
        return (sentence, mend.map(Mend::Manifest));
    }
    let overwrite = if node.labels.contains_key(key) { " --overwrite" } else { "" };
    let first = one.values.as_ref().and_then(|values| values.first());
    let label = match (kind, one.operator.as_str()) {
        (MismatchKind::Invalid, _) => None,
        (_, "Exists") => Some(format!("{key}=<value>")),
        (_, "DoesNotExist") => Some(format!("{key}-")),
        (_, "In") => first.map(|value| format!("{key}={value}{overwrite}")),
        (_, "NotIn") => Some(format!("{key}-")),
        (_, "Gt") => first.map(|value| format!("{key}=<more than {value}>{overwrite}")),
        (_, "Lt") => first.map(|value| format!("{key}=<less than {value}>{overwrite}")),
        _ => None,
    };
    (sentence, label.map(Mend::Label))
}

/// A requirement in one line: `color Exists`, `zone In [a, b]`.
fn printed(one: &NodeSelectorRequirement) -> String {
    match one.values.as_deref() {
        None | Some([]) => format!("{} {}", one.key, one.operator),
        Some(values) => format!("{} {} [{}]", one.key, one.operator, values.join(", ")),
    }
}
