//! Documents that are no objects for kubectl: they have no `apiVersion` or no `kind`, or are lists or single values.

use daemonset_validation::{self as validation, Finding, Subject, Tree};

use super::origin::Origin;

/// What kubectl says of a document that is no object. Of a file that was found in a folder, a document is meant for kubectl only if it
/// looks like a DaemonSet: the others are values, pipelines and the like.
pub(super) fn finding(tree: &Tree<'_>, subject: &Subject, origin: Origin) -> Option<Finding> {
    let meant = match origin {
        Origin::Named => true,
        Origin::Walked => subject.kind.is_empty() && validation::looks_like_daemon_set(tree, subject.node),
    };
    if meant { validation::headless(tree, subject) } else { None }
}

/// Whether the document is an object with `apiVersion` and `kind`.
pub(super) fn is_manifest(tree: &Tree<'_>) -> bool {
    ["apiVersion", "kind"].iter().all(|key| tree.get_str(tree.root(), key).is_some())
}
