//! Tolerations.
