//! The cluster with the objects of the checked files on top. A file whose DaemonSets they concern is judged once more, with them.

use std::collections::{BTreeMap, HashMap, HashSet};

use daemonset_validation::placement::{Kind, Snapshot};

use super::applied::Applied;
use super::context::Engine;
use super::found::judge_found;
use super::origin::Origin;
use super::outcome::{DocumentReport, FileReport};

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
                // A namespace without labels has the server's own defaults, where they are known.
                let has_defaults = one.kind == Kind::Namespace && engine.pod_security.is_some();
                if !one.decides_alone && engine.cluster.is_none() && !has_defaults {
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
            None => match &engine.pod_security {
                Some(defaults) => Snapshot::default().with_pod_security(defaults.clone()).with(objects),
                None => Snapshot::default().with(objects),
            },
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
