//! A pod of the snapshot. Pods of one workload share their shape, so a hundred thousand pods take little memory.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use k8s_openapi::api::core::v1::PodAffinityTerm;

use super::index::NodeIndex;
use crate::matching::Labels;
use crate::placement::host_port::HostPort;
use crate::placement::resource::ResourceTotals;
use crate::placement::volume::PodVolume;

/// A pod that is not finished.
#[derive(Clone, Debug)]
pub struct Pod {
    /// `metadata.name`.
    pub name: Box<str>,
    /// The node that it is bound to; `None` while it is not bound, and where the snapshot lacks the node.
    pub node: Option<NodeIndex>,
    /// Whether it is ready, and since when in seconds of the epoch.
    pub ready_since: Option<i64>,
    /// `status.startTime` in seconds of the epoch; `None` before the kubelet has seen it.
    pub started: Option<i64>,
    /// Whether it is being deleted.
    pub terminating: bool,
    /// The number of its shape, from 0: what holds for one pod of a shape holds for the others.
    pub shape_number: u32,
    /// What it shares with others.
    pub shape: Arc<PodShape>,
}

/// What the pods of one workload have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct PodShape {
    /// `metadata.namespace`.
    pub namespace: Arc<str>,
    /// `metadata.labels`.
    pub labels: Labels,
    /// The DaemonSet that made it.
    pub daemon_set: Option<Arc<str>>,
    /// `spec.priority`, 0 where it is absent.
    pub priority: i32,
    /// What it requests, as the scheduler counts it.
    pub requests: ResourceTotals,
    /// The host's ports that it holds.
    pub ports: Box<[HostPort]>,
    /// Terms of required pod affinity.
    pub affinity: Box<[PodAffinityTerm]>,
    /// Terms of required pod anti-affinity.
    pub anti_affinity: Box<[PodAffinityTerm]>,
    /// Volumes that decide where it can run.
    pub volumes: Box<[PodVolume]>,
}

impl Eq for PodShape {}

impl Hash for PodShape {
    /// Affinity terms are left out: their types are not `Hash`, and pods that differ only in them are rare.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.namespace.hash(state);
        self.labels.hash(state);
        self.daemon_set.hash(state);
        self.priority.hash(state);
        self.requests.hash(state);
        self.ports.hash(state);
        self.volumes.hash(state);
    }
}
