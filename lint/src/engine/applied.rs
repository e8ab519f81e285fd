//! Objects in the checked files count as applied together with the DaemonSets: namespaces with their labels, accounts, classes, limits,
//! quotas, and what pods refer to.
//!
//! They are collected while the files are parsed. A file whose DaemonSets they concern is judged once more, with them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use daemonset_validation::placement::{Kind, Object, Snapshot};
use daemonset_validation::{Subject, Tree, subjects};

use super::context::Engine;
use super::found::judge_found;
use super::namespace::in_namespace;
use super::origin::Origin;
use super::outcome::{DocumentReport, FileReport};
use super::role::Role;
use crate::cluster::json;
use crate::source::letters::kinds_in;
use crate::source::{self, Content};

/// The prefix of the labels by which a namespace says what pods may do.
const POD_SECURITY: &str = "pod-security.kubernetes.io/";

/// The annotation by which a service account says what pods may mount.
const MOUNTABLE_SECRETS: &str = "kubernetes.io/enforce-mountable-secrets";

/// An object of a file, other than a DaemonSet.
#[derive(Debug)]
pub struct Applied {
    kind: Kind,
    /// Empty for a kind without namespaces.
    namespace: Box<str>,
    name: Box<str>,
    object: Object,
    /// Whether it decides something about pods even where nothing is known of a cluster.
    decides_alone: bool,
    /// The fingerprint of its text: two objects of one name that differ are not both applied.
    print: u64,
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
const fn is_applied(role: Role) -> bool {
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

/// The objects of a file in which no DaemonSet can stand. Only files with the words for one of the kinds are parsed.
pub(super) fn of_other_file(bytes: &[u8], role: Role, engine: &Engine<'_>) -> Vec<Applied> {
    if !is_applied(role) || !may_hold_some(bytes, engine.cluster.is_some()) {
        return Vec::new();
    }
    let Ok(text) = source::decode(bytes.to_vec()) else { return Vec::new() };
    let mut found = Vec::new();
    for document in source::documents(&text) {
        let Content::Tree(tree) = document.content else { continue };
        for mut subject in subjects(&tree) {
            if in_namespace(&mut subject, &tree, engine.namespace).is_ok() {
                found.extend(applied(&tree, &subject, role, engine));
            }
        }
    }
    found
}

/// Whether an object may stand in the bytes that decides something.
fn may_hold_some(bytes: &[u8], has_cluster: bool) -> bool {
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

/// What the files apply.
#[derive(Debug)]
pub struct Overlay {
    snapshot: Snapshot,
    /// The namespaces that have an object, or are one.
    namespaces: HashSet<Box<str>>,
    priority_classes: HashSet<Box<str>>,
    runtime_classes: HashSet<Box<str>>,
    has_default_class: bool,
}

impl Overlay {
    /// The objects of the files on top of the engine's cluster; `None` if there is none that decides something. The reports lose them.
    pub fn of(files: &mut [FileReport], engine: &Engine<'_>) -> Option<Self> {
        let mut all: BTreeMap<(Kind, Box<str>, Box<str>), Applied> = BTreeMap::new();
        let mut ambiguous = HashMap::new();
        for file in files.iter_mut() {
            for one in std::mem::take(&mut file.applied) {
                if !one.decides_alone && engine.cluster.is_none() {
                    continue;
                }
                let key = (one.kind, one.namespace.clone(), one.name.clone());
                // In a folder, the same object may stand in the variants of several environments. Which one is meant is not known.
                if let Some(known) = all.get(&key)
                    && known.print != one.print
                    && file.role.is_found()
                {
                    ambiguous.insert(key.clone(), ());
                }
                all.insert(key, one);
            }
        }
        all.retain(|key, _| !ambiguous.contains_key(key));
        if all.is_empty() {
            return None;
        }
        let names =
            |kind: Kind| all.keys().filter(move |(of, ..)| *of == kind).map(|(.., name)| name.clone());
        let in_namespaces = all.keys().map(|(_, namespace, _)| namespace.clone());
        let namespaces = in_namespaces.filter(|namespace| !namespace.is_empty());
        let overlay = Self {
            namespaces: namespaces.chain(names(Kind::Namespace)).collect(),
            priority_classes: names(Kind::PriorityClass).collect(),
            runtime_classes: names(Kind::RuntimeClass).collect(),
            has_default_class: all.keys().any(|(kind, ..)| *kind == Kind::PriorityClass),
            snapshot: Snapshot::default(),
        };
        let objects = all.into_values().map(|one| one.object);
        let snapshot = match engine.cluster {
            Some(cluster) => cluster.snapshot.with(objects),
            None => Snapshot::default().with(objects),
        };
        Some(Self { snapshot, ..overlay })
    }

    /// The cluster with the objects.
    pub const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Whether the objects may decide something about a DaemonSet of the file.
    pub fn concerns(&self, file: &FileReport) -> bool {
        !file.text.is_empty() && file.documents.iter().any(|document| self.is_about(document))
    }

    fn is_about(&self, document: &DocumentReport) -> bool {
        let Some(classes) = &document.classes else { return false };
        let has = |names: &HashSet<Box<str>>, name: &Option<Box<str>>| {
            name.as_ref().is_some_and(|name| names.contains(name))
        };
        self.namespaces.contains(document.namespace.as_str())
            || has(&self.priority_classes, &classes.priority)
            || has(&self.runtime_classes, &classes.runtime)
            || (classes.priority.is_none() && self.has_default_class)
    }
}

impl Engine<'_> {
    /// The report of a file that was judged before, with what the engine knows now.
    pub fn check_again(&self, before: &FileReport) -> FileReport {
        let (path, bytes) = (before.path.clone(), before.text.clone().into_bytes());
        if before.role.is_found() {
            judge_found(path, bytes, before.role, self)
        } else {
            self.check_from(path, bytes, Origin::Named)
        }
    }
}
