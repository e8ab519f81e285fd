//! Resource claims of a pod.
