//! The pod's security context.
