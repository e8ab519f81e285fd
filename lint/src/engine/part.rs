//! A patch is a part of an object: what it lacks is in the object that it changes.

use daemonset_validation::NodeId;
use daemonset_validation::{Finding, PathSegment, Tree};

/// The findings that hold for a part, whatever it is merged into: fields that do not exist, keys that stand twice, values of a wrong type,
/// and words that the field does not know. Required fields, selectors, references and warnings are about the whole object.
pub(super) fn findings_of_part(findings: Vec<Finding>, tree: &Tree<'_>, root: NodeId) -> Vec<Finding> {
    findings.into_iter().filter(|finding| holds(finding, tree, root)).collect()
}

fn holds(finding: &Finding, tree: &Tree<'_>, root: NodeId) -> bool {
    match finding.cause {
        Some("UnknownField") => !is_directive(finding),
        Some("DuplicateKey" | "DecodeError") => true,
        // The server fills in what is absent; only a word of the patch is the patch's.
        Some("FieldValueNotSupported") => stands(finding, tree, root),
        _ => false,
    }
}

/// Whether the field is a directive of strategic merge patches: `$patch`, `$retainKeys`, `$setElementOrder/containers`.
fn is_directive(finding: &Finding) -> bool {
    match finding.path.segments().last() {
        Some(PathSegment::Field(name) | PathSegment::Key(name)) => name.starts_with('$'),
        _ => false,
    }
}

fn stands(finding: &Finding, tree: &Tree<'_>, root: NodeId) -> bool {
    let step = |node, segment: &PathSegment| match segment {
        PathSegment::Field(name) | PathSegment::Key(name) => tree.get(node, name),
        PathSegment::Index(index) => tree.items(node).get(*index).copied(),
    };
    finding.path.segments().iter().try_fold(root, step).is_some()
}

/// Whether a DaemonSet of a folder is a part by its shape: it changes something, it has no selector, and nothing in it says that it is meant to be whole. No
/// container has an image, or the template has no labels and the path of the file says that it is a patch or an overlay.
///
/// A whole DaemonSet that lacks its selector has containers with images and labels, so its mistake is found.
pub(super) fn is_part_by_shape(tree: &Tree<'_>, root: NodeId, path: &str) -> bool {
    let spec = tree.get(root, "spec");
    let get = |node: Option<NodeId>, key: &str| node.and_then(|node| tree.get(node, key));
    let metadata = tree.get(root, "metadata");
    let changes = spec.is_some_and(|spec| !tree.entries(spec).is_empty())
        || ["labels", "annotations"].iter().any(|key| get(metadata, key).is_some());
    if !changes || get(spec, "selector").is_some() {
        return false;
    }
    let template = get(spec, "template");
    let containers =
        get(get(template, "spec"), "containers").map(|list| tree.items(list)).unwrap_or_default();
    let has_image = containers.iter().any(|container| tree.get(*container, "image").is_some());
    let has_labels = get(get(template, "metadata"), "labels").is_some();
    !has_image || (!has_labels && says_patch(path))
}

/// Whether a folder or the name of the file has `patch` or `overlay` in it.
fn says_patch(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["patch", "overlay"].iter().any(|word| path.contains(word))
}
