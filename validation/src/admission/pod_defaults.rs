//! Defaults that pods have and templates do not.
