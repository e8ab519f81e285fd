//! Init containers and sidecars.
