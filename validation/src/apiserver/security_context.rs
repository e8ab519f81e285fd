//! A container's security context.
