//! Resource quotas.
