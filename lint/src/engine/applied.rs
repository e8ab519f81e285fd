//! Objects in the checked files count as applied together with the DaemonSets: namespaces with their labels, accounts, classes, limits,
//! quotas, and what pods refer to.
//!
//! They are collected while the files are parsed.

use std::hash::{DefaultHasher, Hash, Hasher};

use daemonset_validation::placement::{Kind, Object, Snapshot};
use daemonset_validation::{Subject, Tree};

use super::context::Engine;
use super::role::Role;
use crate::cluster::json;
use crate::source::letters::kinds_in;

/// The prefix of the labels by which a namespace says what pods may do.
const POD_SECURITY: &str = "pod-security.kubernetes.io/";

/// The annotation by which a service account says what pods may mount.
const MOUNTABLE_SECRETS: &str = "kubernetes.io/enforce-mountable-secrets";

/// An object of a file, other than a DaemonSet.
#[derive(Debug)]
pub struct Applied {
    pub(super) kind: Kind,
    /// Empty for a kind without namespaces.
    pub(super) namespace: Box<str>,
    pub(super) name: Box<str>,
    pub(super) object: Object,
    /// Whether it decides something about pods even where nothing is known of a cluster.
    pub(super) decides_alone: bool,
    /// The fingerprint of its text: two objects of one name that differ are not both applied.
    pub(super) print: u64,
}

/// What of a DaemonSet decides whether an object concerns it, besides its namespace.
#[derive(Debug)]
pub(super) struct Classes {
    /// `priorityClassName`.
    pub(super) priority: Option<Box<str>>,
    /// `runtimeClassName`.
    pub(super) runtime: Option<Box<str>>,
}

/// Whether what stands in a file of this role is applied.
pub(super) const fn is_applied(role: Role) -> bool {
    matches!(role, Role::Whole | Role::Found | Role::Resource | Role::Template)
}

/// The object, if it is of a kind that concerns DaemonSets.
pub(super) fn applied(
    tree: &Tree<'_>,
    subject: &Subject,
    role: Role,
    engine: &Engine<'_>,
) -> Option<Applied> {
    if !is_applied(role) {
        return None;
    }
    let kind = Kind::of(&subject.api_version, &subject.kind)?;
    if !Snapshot::APPLIED.contains(&kind) || subject.name.is_empty() {
        return None;
    }
    // Without a cluster, what pods refer to is not looked up.
    let is_referred_to = matches!(kind, Kind::ConfigMap | Kind::Secret | Kind::PersistentVolumeClaim);
    if is_referred_to && engine.cluster.is_none() {
        return None;
    }
    let namespace = if kind.is_namespaced() { subject.namespace.as_str() } else { "" };
    let mut json = json(tree, subject.node);
    let text = json.to_string();
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let decides_alone = match kind {
        Kind::Namespace => text.contains(POD_SECURITY),
        Kind::ServiceAccount => text.contains(MOUNTABLE_SECRETS),
        _ => !is_referred_to,
    };
    if let Some(metadata) = json.pointer_mut("/metadata").filter(|_| kind.is_namespaced())
        && let Some(metadata) = metadata.as_object_mut()
    {
        metadata.insert("namespace".to_owned(), namespace.into());
    }
    // What cannot be read as an object of its kind is no object.
    let object = Object::read(kind, json, &engine.server).ok()?;
    Some(Applied {
        kind,
        namespace: Box::from(namespace),
        name: Box::from(subject.name.as_str()),
        object,
        decides_alone,
        print: hasher.finish(),
    })
}

/// Whether an object may stand in the bytes that decides something.
pub(super) fn may_hold_some(bytes: &[u8], has_cluster: bool) -> bool {
    let decides = |kind: Kind| match kind {
        Kind::Namespace => has_cluster || memchr::memmem::find(bytes, POD_SECURITY.as_bytes()).is_some(),
        Kind::ServiceAccount | Kind::ConfigMap | Kind::Secret | Kind::PersistentVolumeClaim => has_cluster,
        _ => true,
    };
    let is_one = |letters: &[u8]| {
        Snapshot::APPLIED.into_iter().any(|kind| kind.as_str().as_bytes() == letters && decides(kind))
    };
    kinds_in(bytes).any(is_one)
}
