//! Topology spread constraints.
