//! Names of resources.
