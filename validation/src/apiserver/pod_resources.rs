//! Pod-level resources.
