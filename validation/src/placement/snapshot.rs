//! What is known of a cluster.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Taint;

/// A cluster at one moment, as far as placement asks.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The nodes, in the order in which they were read.
    pub nodes: Vec<Node>,
    /// How many pods were read.
    pub pods: usize,
}

/// What placement asks of a node.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// `spec.taints`.
    pub taints: Vec<Taint>,
    /// `spec.unschedulable`: the node is cordoned.
    pub unschedulable: bool,
}
