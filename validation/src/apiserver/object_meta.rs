//! Object metadata.
