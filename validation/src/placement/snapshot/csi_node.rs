//! A CSINode of the snapshot. There is one for each node, so only what placement uses is kept.

use k8s_openapi::api::storage::v1;

/// What placement uses of a node's drivers.
#[derive(Clone, Debug)]
pub(in crate::placement) struct CsiNode {
    /// `spec.drivers`.
    pub(in crate::placement) drivers: Box<[CsiNodeDriver]>,
}

/// A driver on a node.
#[derive(Clone, Debug)]
pub(in crate::placement) struct CsiNodeDriver {
    /// `name`.
    pub(in crate::placement) name: Box<str>,
    /// `allocatable.count`: how many of its volumes the node takes.
    pub(in crate::placement) count: Option<i32>,
}

impl From<v1::CSINode> for CsiNode {
    fn from(node: v1::CSINode) -> Self {
        let drivers = node.spec.drivers.into_iter().map(|driver| CsiNodeDriver {
            name: driver.name.into_boxed_str(),
            count: driver.allocatable.and_then(|limit| limit.count),
        });
        Self { drivers: drivers.collect() }
    }
}
