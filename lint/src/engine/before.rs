//! What a DaemonSet is an update of.

use daemonset_validation::placement::rollout::Before;
use daemonset_validation::{FieldPath, Finding, Severity, Stored, Subject, has_same_template};
use k8s_openapi::api::apps::v1::DaemonSet;

use super::context::Engine;
use super::stored_objects::StoredObject;

/// The object before the update.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Previous<'e> {
    /// The object of `--against`, where it has one.
    given: Option<&'e StoredObject>,
    /// What is stored: the object of `--against`, else the one of the cluster.
    stored: Option<&'e DaemonSet>,
}

impl<'e> Previous<'e> {
    /// The object that a DaemonSet of a text updates.
    pub(super) fn of(subject: &Subject, engine: &Engine<'e>) -> Self {
        let Subject { namespace, name, .. } = subject;
        let given = engine.stored.and_then(|stored| stored.find(namespace, name));
        let held = given.and_then(|given| given.held.as_ref().ok());
        let in_cluster = || engine.cluster.and_then(|cluster| cluster.snapshot.daemon_set(namespace, name));
        Self { given, stored: held.or_else(in_cluster) }
    }

    /// Whether `--against` has the object.
    pub(super) const fn is_given(&self) -> bool {
        self.given.is_some()
    }

    /// The object for the server's check of an update; `None` for a create.
    pub(super) fn stored(&self) -> Option<Stored<'e>> {
        self.stored.map(Stored::Object)
    }

    /// How the template of the new object, with its defaults, compares with what is stored.
    pub(super) fn template(&self, new: &DaemonSet, engine: &Engine<'_>) -> Before {
        match self.stored {
            Some(stored) if has_same_template(stored, new, &engine.server) => Before::SameTemplate,
            Some(_) => Before::OtherTemplate,
            None => Before::Snapshot,
        }
    }

    /// Whether the object of `--against` has the same template, with its defaults, so that the update replaces no pod.
    pub(super) fn keeps_template(&self, new: &DaemonSet, engine: &Engine<'_>) -> bool {
        let held = self.given.and_then(|given| given.held.as_ref().ok());
        held.is_some_and(|stored| has_same_template(stored, new, &engine.server))
    }

    /// The finding where no server holds the object of `--against`.
    pub(super) fn finding(&self, subject: &Subject) -> Option<Finding> {
        let why = self.given?.held.as_ref().err()?;
        let judged = match self.stored {
            Some(_) => "so this is checked as an update of the one in the cluster",
            None => "so this is checked as a create",
        };
        let message = format!("the stored one is invalid: {why}; no server holds it, {judged}");
        let path = FieldPath::of(&["metadata", "name"]);
        let Subject { namespace, name, .. } = subject;
        let help = format!(
            "give --against what the cluster holds: kubectl get daemonset {name} -n {namespace} -o yaml > stored.yaml"
        );
        Some(Finding::new("stored-invalid", Severity::Warning, path, message).help(help))
    }
}
