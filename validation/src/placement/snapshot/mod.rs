//! A cluster at one moment, reduced to what placement uses.

mod builder;
mod claim;
mod csi_node;
mod index;
mod live;
mod node;
mod object;
mod pod;
mod read;
mod volume;

use std::collections::HashMap;
use std::sync::Arc;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::node::v1::RuntimeClass;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::{CSIDriver, StorageClass};

pub use builder::SnapshotBuilder;
pub use index::{NodeIndex, PodIndex};
pub use live::LiveSnapshot;
pub use node::Node;
pub use object::Object;
pub use pod::{Pod, PodShape};

pub(super) use claim::{PersistentVolumeClaim, Wanted};
pub(super) use csi_node::CsiNode;
pub(super) use read::annotation;
pub(super) use volume::{PersistentVolume, VolumeShape};

use super::host_port::HostPort;
use super::kind::Kind;
use super::resource::ResourceTotals;
use crate::matching::Labels;

/// A cluster at one moment, reduced to what placement uses. Built by a [`SnapshotBuilder`], or kept by a [`LiveSnapshot`].
#[derive(Debug, Default)]
pub struct Snapshot {
    pub(super) nodes: Vec<Node>,
    pub(super) by_name: HashMap<Box<str>, NodeIndex>,
    /// What is used of each node, in the order of `nodes`.
    pub(super) usage: Vec<Usage>,
    pub(super) pods: Vec<Pod>,
    /// The pods that a DaemonSet's controller made, by the DaemonSet's namespace and name.
    pub(super) daemon_pods: HashMap<(Arc<str>, Arc<str>), Vec<PodIndex>>,
    /// The pods with required anti-affinity.
    pub(super) repelling: Vec<PodIndex>,
    pub(super) daemon_sets: Vec<DaemonSet>,
    pub(super) namespaces: HashMap<Box<str>, Labels>,
    /// Boxed, since there may be many and a map has spare capacity.
    pub(super) persistent_volumes: HashMap<Box<str>, Box<PersistentVolume>>,
    /// By namespace and name.
    pub(super) claims: HashMap<(Box<str>, Box<str>), Box<PersistentVolumeClaim>>,
    pub(super) storage_classes: HashMap<Box<str>, StorageClass>,
    pub(super) csi_nodes: HashMap<Box<str>, CsiNode>,
    pub(super) csi_drivers: HashMap<Box<str>, CSIDriver>,
    pub(super) priority_classes: HashMap<Box<str>, PriorityClass>,
    pub(super) disruption_budgets: Vec<PodDisruptionBudget>,
    pub(super) runtime_classes: HashMap<Box<str>, RuntimeClass>,
    /// The kinds that were read, a bit each.
    pub(super) read: u16,
    /// Why a kind could not be read.
    pub(super) refusals: Vec<(Kind, String)>,
}

/// What is used of a node by the pods that are bound to it and not finished.
///
/// Upstream: `scheduler/framework.NodeInfo`.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// The pods.
    pub pods: Vec<PodIndex>,
    /// What they request together.
    pub requested: ResourceTotals,
    /// The host's ports that they hold.
    pub ports: Vec<(HostPort, PodIndex)>,
}

impl Snapshot {
    /// The nodes, in the order in which they were read.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The pods that are not finished, in the order in which they were read. In a [`LiveSnapshot`] the entries of
    /// deleted pods have no name.
    pub fn pods(&self) -> &[Pod] {
        &self.pods
    }

    /// The DaemonSets that are there already.
    pub fn daemon_sets(&self) -> &[DaemonSet] {
        &self.daemon_sets
    }

    /// The DaemonSet of this name, if it is there already.
    pub fn daemon_set(&self, namespace: &str, name: &str) -> Option<&DaemonSet> {
        self.daemon_sets.iter().find(|daemon_set| {
            daemon_set.metadata.name.as_deref() == Some(name)
                && daemon_set.metadata.namespace.as_deref().unwrap_or("default") == namespace
        })
    }

    /// The pods that the controller of this DaemonSet made.
    pub fn pods_of_daemon_set(&self, namespace: &str, name: &str) -> &[PodIndex] {
        let key = (Arc::from(namespace), Arc::from(name));
        self.daemon_pods.get(&key).map(Vec::as_slice).unwrap_or_default()
    }

    /// A pod.
    pub fn pod(&self, index: PodIndex) -> Option<&Pod> {
        self.pods.get(index as usize)
    }

    /// A claim.
    pub(super) fn claim(&self, namespace: &str, name: &str) -> Option<&PersistentVolumeClaim> {
        self.claims.get(&(Box::from(namespace), Box::from(name))).map(Box::as_ref)
    }

    /// What is used of a node.
    pub fn usage(&self, node: NodeIndex) -> Option<&Usage> {
        self.usage.get(node as usize)
    }

    /// Whether the objects of a kind are all there: an empty list that was read is known to be empty.
    pub const fn has(&self, kind: Kind) -> bool {
        self.read & kind.bit() != 0
    }

    /// Why a kind could not be read, where that was tried.
    pub fn refusal(&self, kind: Kind) -> Option<&str> {
        self.refusals.iter().find(|(refused, _)| *refused == kind).map(|(_, why)| why.as_str())
    }

    /// All refusals.
    pub fn refusals(&self) -> &[(Kind, String)] {
        &self.refusals
    }
}
