//! The admission webhook: from an AdmissionReview to a verdict for the API server.

pub mod config;
pub mod health;
pub mod metrics;
pub mod policy;
pub mod review;
pub mod server;

mod ratchet;
mod warnings;
