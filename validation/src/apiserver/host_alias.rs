//! Host aliases.
