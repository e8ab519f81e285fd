//! Resize and restart policies of a container.
