//! Annotations of a pod that the server reads.
