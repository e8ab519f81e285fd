//! Containers: what all kinds share.
