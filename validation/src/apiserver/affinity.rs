//! Affinity of all kinds.
