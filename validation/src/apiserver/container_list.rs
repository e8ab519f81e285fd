//! The list of containers, and ephemeral containers.
