//! The input of a check besides the text.

use std::sync::Arc;

use daemonset_validation::Server;
use daemonset_validation::admission::PodSecurityDefaults;
use daemonset_validation::placement::Snapshot;
use daemonset_validation::rules::Levels;

use super::cluster::Cluster;
use super::stored_objects::StoredObjects;

/// How many nodes of a group a message names.
pub(super) const NAMED_NODES: usize = 3;

/// The server, rules, cluster and stored objects that each text is checked against.
#[derive(Clone, Debug, Default)]
pub struct Engine<'e> {
    /// The Kubernetes version of the API server.
    pub server: Server,
    /// The level of each rule.
    pub levels: Levels,
    /// The cluster for previews; without it no previews are made.
    pub cluster: Option<&'e Cluster>,
    /// What is known around the pods where the checked files apply objects: the cluster with them, or they alone.
    pub applied: Option<&'e Snapshot>,
    /// What the API server's own configuration says of pod security, for what the checked files apply without a cluster.
    pub pod_security: Option<Arc<PodSecurityDefaults>>,
    /// The objects as they are stored now. A DaemonSet with a stored object is checked as an update.
    pub stored: Option<&'e StoredObjects>,
    /// The namespace of objects that have none; with it, objects of another namespace are rejected.
    pub namespace: Option<&'e str>,
    /// Whether a file that was found in a folder and cannot be parsed is a finding although it holds no DaemonSet.
    pub strict_files: bool,
}

impl<'e> Engine<'e> {
    /// What is known of a cluster, with the objects of the files.
    pub(super) fn snapshot(&self) -> Option<&'e Snapshot> {
        self.applied.or_else(|| self.cluster.map(|cluster| &cluster.snapshot))
    }
}
