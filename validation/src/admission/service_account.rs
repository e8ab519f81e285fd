//! The pod's service account.
