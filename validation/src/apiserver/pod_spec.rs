//! The pod spec: the order of its checks.
