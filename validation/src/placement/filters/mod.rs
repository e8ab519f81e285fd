//! The scheduler's filters, one a file, in its default order.
//!
//! A filter says why the pod that the controller made for a node cannot be bound there. Upstream: `scheduler/apis/config/v1`,
//! `default_plugins.go`.

mod dynamic_resources;
mod inter_pod_affinity;
mod node_affinity;
mod node_declared_features;
mod node_name;
mod node_ports;
mod node_resources_fit;
mod node_unschedulable;
mod node_volume_limits;
mod pod_topology_spread;
mod scheduling_gates;
mod taint_toleration;
mod volume_binding;
mod volume_restrictions;
mod volume_zone;

use std::borrow::Cow;

use super::claims::Claims;
use super::daemon_pod::DaemonPod;
use super::host_port::HostPort;
use super::priority::Priority;
use super::reason::Reason;
use super::resource::ResourceTotals;
use super::snapshot::{Node, NodeIndex, Pod, PodIndex, Snapshot, Usage};
use crate::gates::Gate;
use crate::server::Server;
use inter_pod_affinity::InterPodAffinity;
use pod_topology_spread::PodTopologySpread;

/// The cycle state of the filters: what they use besides the node.
#[derive(Debug)]
pub(super) struct Cluster<'c> {
    /// The pod that the controller makes.
    pub(super) pod: DaemonPod<'c>,
    /// The snapshot of the cluster.
    pub(super) snapshot: &'c Snapshot,
    /// The cluster's version.
    pub(super) server: &'c Server,
    /// The existing pods of the DaemonSet, sorted. New ones replace them, so they count nowhere.
    pub(super) own: &'c [PodIndex],
    /// The pod's priority; `None` where its class is not known.
    pub(super) priority: Option<Priority>,
    /// Whether any node has `status.allocatable`.
    pub(super) allocatable_known: bool,
    /// The state of topology spread constraints, where the pod has any.
    spread: Option<PodTopologySpread<'c>>,
    /// The state of affinity between pods, where any applies.
    affinity: Option<InterPodAffinity<'c>>,
    /// The claims that it uses.
    pub(super) claims: Claims<'c>,
}

impl<'c> Cluster<'c> {
    /// Prepares what is the same for all nodes.
    pub(super) fn new(pod: DaemonPod<'c>, snapshot: &'c Snapshot, server: &'c Server) -> Self {
        let own = snapshot.pods_of_daemon_set(pod.namespace, pod.name);
        let allocatable_known = snapshot.nodes().iter().any(|node| node.allocatable.is_some());
        let priority = Priority::of(&pod.spec, snapshot);
        let claims = Claims::new(&pod, snapshot, own);
        let (spread, affinity) = (None, None);
        let mut cluster =
            Self { pod, snapshot, server, own, priority, allocatable_known, spread, affinity, claims };
        cluster.spread = PodTopologySpread::new(&cluster);
        cluster.affinity = InterPodAffinity::new(&cluster);
        cluster
    }

    /// Counts the pod that was placed on a node. Returns whether that may change the answer for other nodes.
    pub(super) fn place(&mut self, node: NodeIndex) -> bool {
        let spread = self.spread.as_mut().is_some_and(|spread| spread.place(node));
        let affinity = self.affinity.as_mut().is_some_and(|affinity| affinity.place(node));
        let claims = self.claims.place();
        spread || affinity || claims
    }

    /// Whether the pods that were placed on other nodes admit the pod on this one.
    pub(super) fn admits_beside_others(&self, node: NodeIndex) -> bool {
        self.spread.as_ref().is_none_or(|spread| spread.admits(node))
            && self.affinity.as_ref().is_none_or(|affinity| affinity.admits(node))
    }

    /// Whether a pod is one of the DaemonSet's own.
    pub(super) fn is_own(&self, pod: PodIndex) -> bool {
        self.own.binary_search(&pod).is_ok()
    }

    /// Whether tolerations may compare numbers.
    pub(super) fn comparing_tolerations(&self) -> bool {
        self.server.enabled(Gate::TaintTolerationComparisonOperators)
    }

    /// A node and its usage.
    pub(super) fn site(&self, index: NodeIndex) -> Option<Site<'c>> {
        static NOTHING: Usage =
            Usage { pods: Vec::new(), requested: ResourceTotals::NONE, ports: Vec::new() };
        let node = self.snapshot.nodes().get(index as usize)?;
        let usage = self.snapshot.usage(index).unwrap_or(&NOTHING);
        let mut requested = Cow::Borrowed(&usage.requested);
        let mut pods = usage.pods.len();
        if !self.own.is_empty() {
            for pod in usage.pods.iter().filter(|pod| self.is_own(**pod)) {
                pods = pods.saturating_sub(1);
                if let Some(pod) = self.snapshot.pod(*pod) {
                    requested.to_mut().subtract(&pod.shape.requests);
                }
            }
        }
        Some(Site { index, node, usage, requested, pods, removed: Vec::new(), freed: Vec::new() })
    }

    /// Whether a pod on the node counts: it is not one of the DaemonSet's own, and was not removed to simulate preemption.
    pub(super) fn counts(&self, site: &Site<'_>, pod: PodIndex) -> bool {
        !self.is_own(pod) && !site.removed.contains(&pod)
    }
}

/// A node, and what other pods than the DaemonSet's own use of it.
#[derive(Debug)]
pub(super) struct Site<'c> {
    /// Its place in the snapshot.
    pub(super) index: NodeIndex,
    /// The node.
    pub(super) node: &'c Node,
    /// All that is used of it; the DaemonSet's own pods are among it.
    pub(super) usage: &'c Usage,
    /// What the other pods request.
    pub(super) requested: Cow<'c, ResourceTotals>,
    /// How many other pods there are.
    pub(super) pods: usize,
    /// Pods that were removed to simulate preemption. `usage` still has them.
    pub(super) removed: Vec<PodIndex>,
    /// Their ports. Upstream keeps the ports of a node as a set, so a port that two pods hold is free as soon as one of them is removed.
    pub(super) freed: Vec<HostPort>,
}

impl Site<'_> {
    /// Removes a pod.
    pub(super) fn remove(&mut self, index: PodIndex, pod: &Pod) {
        self.removed.push(index);
        self.freed.extend(pod.shape.ports.iter().cloned());
        self.pods = self.pods.saturating_sub(1);
        self.requested.to_mut().subtract(&pod.shape.requests);
    }

    /// Restores a removed pod.
    pub(super) fn restore(&mut self, index: PodIndex, pod: &Pod) {
        self.removed.retain(|removed| *removed != index);
        self.freed.retain(|freed| !pod.shape.ports.contains(freed));
        self.pods = self.pods.saturating_add(1);
        self.requested.to_mut().add(&pod.shape.requests);
    }
}

/// Adds why the pod cannot be bound to a node, if it cannot.
type FilterFn = fn(&Cluster<'_>, &Site<'_>, &mut Vec<Reason>);

/// The filters, in the scheduler's order. What holds for the pod on every node comes first, as upstream's PreFilter does.
static FILTERS: &[FilterFn] = &[
    scheduling_gates::filter,
    volume_restrictions::pre_filter,
    volume_binding::pre_filter,
    volume_zone::pre_filter,
    dynamic_resources::pre_filter,
    node_name::filter,
    node_unschedulable::filter,
    taint_toleration::filter,
    node_affinity::filter,
    node_ports::filter,
    node_resources_fit::filter,
    volume_restrictions::filter,
    node_volume_limits::filter,
    volume_binding::filter,
    volume_zone::filter,
    pod_topology_spread::filter,
    inter_pod_affinity::filter,
    node_declared_features::filter,
];

/// Why the pod cannot be bound to the node; nothing where it can.
pub(super) fn run(cluster: &Cluster<'_>, site: &Site<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for filter in FILTERS {
        filter(cluster, site, &mut reasons);
    }
    reasons
}

/// Whether the pod can be bound to the node as it is now; where that is not known, it cannot.
pub(super) fn fits(cluster: &Cluster<'_>, site: &Site<'_>) -> bool {
    let mut reasons = Vec::new();
    FILTERS.iter().all(|filter| {
        filter(cluster, site, &mut reasons);
        reasons.is_empty()
    })
}

pub(super) use node_affinity::of_template as node_affinity;
pub(super) use node_name::filter as node_name;
pub(super) use taint_toleration::of_template as taint_toleration;
pub(super) use taint_toleration::tolerates_no_execute;
