//! The server's own validation of a pod.
