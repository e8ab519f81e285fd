//! Volumes: one file a family of sources.
