//! The scheduler's filters, one a file.
//!
//! A filter says why the pod that the controller made for a node cannot be bound there. `registry` has them in order.

pub(super) mod node_affinity;
pub(super) mod node_name;
pub(super) mod taint_toleration;

mod dynamic_resources;
mod inter_pod_affinity;
mod node_declared_features;
mod node_ports;
mod node_resources_fit;
mod node_unschedulable;
mod node_volume_limits;
mod pod_topology_spread;
mod registry;
mod scheduling_gates;
mod volume_binding;
mod volume_restrictions;
mod volume_zone;

pub(super) use inter_pod_affinity::InterPodAffinity;
pub(super) use pod_topology_spread::PodTopologySpread;
pub(super) use registry::{everywhere, fits, run, still_fits};
