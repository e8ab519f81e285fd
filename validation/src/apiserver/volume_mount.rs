//! Volume mounts and devices.
