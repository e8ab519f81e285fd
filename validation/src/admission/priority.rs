//! The priority of a pod, from its class.
