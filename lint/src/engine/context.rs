//! What each text is checked against.

use daemonset_validation::Server;
use daemonset_validation::rules::Levels;

use super::cluster::Cluster;
use super::stored_objects::StoredObjects;

/// How many nodes of a group a message names.
pub(super) const NAMED_NODES: usize = 3;

/// What each text is checked against.
#[derive(Debug, Default)]
pub struct Engine<'e> {
    /// The API server whose verdict is wanted.
    pub server: Server,
    /// The level of each rule.
    pub levels: Levels,
    /// The cluster for previews; without one there are none.
    pub cluster: Option<&'e Cluster>,
    /// The objects as they are stored now; a DaemonSet among them is checked as an update.
    pub stored: Option<&'e StoredObjects<'e>>,
}
