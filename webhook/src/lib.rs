//! The admission webhook: from an AdmissionReview to a verdict for the API server.
//!
//! This crate is a room kept free: the webhook is a later slice of the product, and nothing here claims to answer reviews yet.
//! It already depends on `daemonset-validation` and on nothing else of ours, which is the only arrow it will ever have.

pub use daemonset_validation as validation;

pub mod config;
pub mod health;
pub mod metrics;
