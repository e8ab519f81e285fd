//! Lifecycle hooks and stop signals.
