//! The filters in the scheduler's default order.
//!
//! Upstream: `scheduler/apis/config/v1`, `default_plugins.go`.

use super::{
    dynamic_resources, inter_pod_affinity, node_affinity, node_declared_features, node_name, node_ports,
    node_resources_fit, node_unschedulable, node_volume_limits, pod_topology_spread, scheduling_gates,
    taint_toleration, volume_binding, volume_restrictions, volume_zone,
};
use crate::placement::cluster::Cluster;
use crate::placement::reason::Reason;
use crate::placement::reasons::Reasons;
use crate::placement::site::Site;

/// Adds why the pod cannot be bound to any node, if it cannot.
type PreFilterFn = fn(&Cluster<'_>, &mut Reasons);

/// Adds why the pod cannot be bound to a node, if it cannot.
type FilterFn = fn(&Cluster<'_>, &Site<'_>, &mut Reasons);

/// What holds for the pod on every node, in the order of upstream's PreFilter.
static PRE_FILTERS: &[PreFilterFn] = &[
    scheduling_gates::filter,
    volume_restrictions::pre_filter,
    volume_binding::pre_filter,
    volume_zone::pre_filter,
    dynamic_resources::pre_filter,
];

/// The filters, in the scheduler's order.
static FILTERS: &[FilterFn] = &[
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

/// Those whose answer may change when a pod of the node is removed.
static OF_OTHER_PODS: &[FilterFn] = &[
    node_ports::filter,
    node_resources_fit::filter,
    volume_restrictions::filter,
    node_volume_limits::filter,
    pod_topology_spread::filter,
    inter_pod_affinity::filter,
];

/// Why the pod can be bound to no node; nothing where that depends on the node.
pub(in crate::placement) fn everywhere(cluster: &Cluster<'_>) -> Vec<Reason> {
    let mut reasons = Reasons::new();
    for filter in PRE_FILTERS {
        reasons.next_filter();
        filter(cluster, &mut reasons);
    }
    reasons.into_list()
}

/// Why the pod cannot be bound to the node; nothing where it can.
pub(in crate::placement) fn run(cluster: &Cluster<'_>, site: &Site<'_>) -> Vec<Reason> {
    let mut reasons = Reasons::of(cluster.everywhere.clone());
    for filter in FILTERS {
        reasons.next_filter();
        filter(cluster, site, &mut reasons);
    }
    reasons.into_list()
}

/// Whether the pod can be bound to the node as it is now; where that is not known, it cannot.
pub(in crate::placement) fn fits(cluster: &Cluster<'_>, site: &Site<'_>) -> bool {
    cluster.everywhere.is_empty() && all_pass(FILTERS, cluster, site)
}

/// The same for a node to which it could be bound a moment ago: since then a pod of the node was removed or came back.
pub(in crate::placement) fn still_fits(cluster: &Cluster<'_>, site: &Site<'_>) -> bool {
    all_pass(OF_OTHER_PODS, cluster, site)
}

fn all_pass(filters: &[FilterFn], cluster: &Cluster<'_>, site: &Site<'_>) -> bool {
    let mut reasons = Reasons::whether();
    filters.iter().all(|filter| {
        filter(cluster, site, &mut reasons);
        reasons.is_empty()
    })
}
