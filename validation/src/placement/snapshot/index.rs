//! Indices of what a snapshot has many of.

/// A node's index in [`Snapshot::nodes`](super::Snapshot::nodes).
pub type NodeIndex = u32;

/// A pod's index in [`Snapshot::pods`](super::Snapshot::pods).
pub type PodIndex = u32;
