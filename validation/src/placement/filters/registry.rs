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
use crate::placement::site::Site;

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
pub(in crate::placement) fn run(cluster: &Cluster<'_>, site: &Site<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for filter in FILTERS {
        filter(cluster, site, &mut reasons);
    }
    reasons
}

/// Whether the pod can be bound to the node as it is now; where that is not known, it cannot.
pub(in crate::placement) fn fits(cluster: &Cluster<'_>, site: &Site<'_>) -> bool {
    let mut reasons = Vec::new();
    FILTERS.iter().all(|filter| {
        filter(cluster, site, &mut reasons);
        reasons.is_empty()
    })
}
