//! The scheduler's filters, one a file, in its default order.
//!
//! A filter says why the pod that the controller made for a node cannot be bound there. Upstream: `scheduler/apis/config/v1`,
//! `default_plugins.go`.

mod node_affinity;
mod node_name;
mod node_unschedulable;
mod taint_toleration;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::{PodSpec, Toleration};

use super::snapshot::Node;
use super::verdict::Reason;
use crate::gates::Gate;
use crate::path::{FieldPath, PathSegment};
use crate::server::Server;

/// What a filter may look at besides the node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cluster<'c> {
    /// The DaemonSet as the server stores it.
    pub(super) daemon_set: &'c DaemonSet,
    /// The tolerations of its pods, the controller's among them.
    pub(super) tolerations: &'c [Toleration],
    /// The cluster's version.
    pub(super) server: &'c Server,
}

impl<'c> Cluster<'c> {
    /// The pod template's spec.
    pub(super) fn pod(&self) -> Option<&'c PodSpec> {
        self.daemon_set.spec.template.spec.as_ref()
    }

    /// Whether tolerations may compare numbers.
    pub(super) fn comparing_tolerations(&self) -> bool {
        self.server.enabled(Gate::TaintTolerationComparisonOperators)
    }
}

/// A filter of the scheduler.
#[derive(Debug)]
pub(super) struct Filter {
    /// Adds why the pod cannot be bound to the node, if it cannot.
    pub(super) run: fn(&Cluster<'_>, &Node, &mut Vec<Reason>),
}

/// The filters, in the scheduler's order.
pub(super) static FILTERS: &[Filter] = &[
    Filter { run: node_name::filter },
    Filter { run: node_unschedulable::filter },
    Filter { run: taint_toleration::filter },
    Filter { run: node_affinity::filter },
];

/// A path below the pod template's spec.
pub(super) fn pod_path(names: &[&str]) -> FieldPath {
    let fields = ["spec", "template", "spec"].iter().chain(names);
    FieldPath::from_segments(fields.map(|name| PathSegment::Field((*name).to_owned())).collect())
}

pub(super) use node_affinity::filter as node_affinity;
pub(super) use node_name::filter as node_name;
pub(super) use taint_toleration::filter as taint_toleration;
