//! The DaemonSet and its spec.
