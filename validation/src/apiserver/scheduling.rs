//! Scheduling gates and groups.
