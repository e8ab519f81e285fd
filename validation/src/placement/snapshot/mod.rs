//! A cluster at one moment, reduced to what placement uses.

mod applied;
mod around;
mod builder;
mod claim;
mod csi_node;
mod deciders;
mod index;
mod live;
mod name;
mod node;
mod object;
mod pod;
mod read;
mod references;
mod shared;
mod surroundings;
mod volume;

use std::sync::Arc;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::api::node::v1::RuntimeClass;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::{CSIDriver, StorageClass};

pub use around::{Binding, DataKeys, Decider, Rule, Scope};
pub use builder::SnapshotBuilder;
pub use deciders::Matching;
pub use index::{NodeIndex, PodIndex};
pub use live::LiveSnapshot;
pub use node::Node;
pub use object::Object;
pub use pod::{Pod, PodShape};
pub use shared::{Chunks, List};

pub(super) use around::Around;
pub(super) use claim::{PersistentVolumeClaim, Wanted};
pub(super) use csi_node::CsiNode;
pub(super) use read::annotation;
pub(super) use shared::{Named, PodSet, Table};
pub(super) use volume::{PersistentVolume, VolumeShape};

use name::key;

use super::host_port::HostPort;
use super::kind::Kind;
use super::resource::ResourceTotals;
use super::template_print::template_print;
use crate::admission::{Namespace, PodSecurityDefaults};

/// A cluster at one moment, reduced to what placement uses. Built by a [`SnapshotBuilder`], or kept by a [`LiveSnapshot`].
///
/// A copy costs a few references and never changes. Copies share what is equal.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub(super) nodes: Named<Node>,
    /// What is used of each node, in the order of `nodes`.
    pub(super) usage: List<Usage>,
    pub(super) pods: Chunks<Pod>,
    /// How many pods have a name.
    pub(super) named_pods: usize,
    /// The pods that a DaemonSet's controller made, by the DaemonSet.
    pub(super) daemon_pods: Table<Vec<PodIndex>>,
    /// The pods with required anti-affinity.
    pub(super) repelling: PodSet,
    pub(super) daemon_sets: Named<DaemonSet>,
    /// The fingerprints of the templates of the DaemonSets that are not kept whole.
    pub(super) templates: Table<u64>,
    pub(super) namespaces: Table<Namespace>,
    pub(super) persistent_volumes: Table<PersistentVolume>,
    pub(super) claims: Table<PersistentVolumeClaim>,
    pub(super) storage_classes: Table<StorageClass>,
    pub(super) csi_nodes: Table<CsiNode>,
    pub(super) csi_drivers: Table<CSIDriver>,
    pub(super) priority_classes: Table<PriorityClass>,
    pub(super) disruption_budgets: Named<PodDisruptionBudget>,
    pub(super) runtime_classes: Table<RuntimeClass>,
    /// What admission reads, what pods refer to, and who else may decide.
    pub(super) around: Around,
    /// What the API server's own configuration says of pod security; `None` where it is upstream's default.
    pub(super) pod_security: Option<Arc<PodSecurityDefaults>>,
    /// The kinds that were read, a bit each.
    pub(super) read: u32,
    /// The kinds of which all objects of all namespaces were read, a bit each.
    pub(super) whole: u32,
    /// Why a kind could not be read.
    pub(super) refusals: Arc<Vec<(Kind, String)>>,
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
    pub const fn nodes(&self) -> &List<Node> {
        self.nodes.list()
    }

    /// The pods that are not finished, in the order in which they were read. In a [`LiveSnapshot`] the entries of
    /// deleted pods have no name.
    pub const fn pods(&self) -> &Chunks<Pod> {
        &self.pods
    }

    /// The DaemonSets that are there already.
    pub const fn daemon_sets(&self) -> &List<DaemonSet> {
        self.daemon_sets.list()
    }

    /// The DaemonSet of this name, if it is there already.
    pub fn daemon_set(&self, namespace: &str, name: &str) -> Option<&DaemonSet> {
        self.daemon_sets.get(&key(namespace, name))
    }

    /// Whether the DaemonSet of this name is there already and has this template.
    pub(super) fn has_template(&self, namespace: &str, name: &str, template: &PodTemplateSpec) -> bool {
        let name = key(namespace, name);
        match self.templates.get(&name) {
            Some(print) => *print == template_print(template),
            None => self.daemon_sets.get(&name).is_some_and(|stored| stored.spec.template == *template),
        }
    }

    /// The pods that the controller of this DaemonSet made.
    pub fn pods_of_daemon_set(&self, namespace: &str, name: &str) -> &[PodIndex] {
        self.daemon_pods.get(&key(namespace, name)).map(Vec::as_slice).unwrap_or_default()
    }

    /// A pod.
    pub fn pod(&self, index: PodIndex) -> Option<&Pod> {
        self.pods.get(index as usize)
    }

    /// A claim.
    pub(super) fn claim(&self, namespace: &str, name: &str) -> Option<&PersistentVolumeClaim> {
        self.claims.get(&key(namespace, name))
    }

    /// How many objects of a kind there are.
    pub fn count(&self, kind: Kind) -> usize {
        match kind {
            Kind::Node => self.nodes.len(),
            Kind::Pod => self.named_pods,
            Kind::DaemonSet => self.daemon_sets.len(),
            Kind::PodDisruptionBudget => self.disruption_budgets.len(),
            Kind::PersistentVolumeClaim => self.claims.len(),
            Kind::Namespace => self.namespaces.len(),
            Kind::PersistentVolume => self.persistent_volumes.len(),
            Kind::StorageClass => self.storage_classes.len(),
            Kind::CsiNode => self.csi_nodes.len(),
            Kind::CsiDriver => self.csi_drivers.len(),
            Kind::PriorityClass => self.priority_classes.len(),
            Kind::RuntimeClass => self.runtime_classes.len(),
            _ => self.around.count(kind),
        }
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
