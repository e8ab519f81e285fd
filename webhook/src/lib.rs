//! The admission webhook: from an AdmissionReview to a verdict for the API server.

pub mod args;
pub mod cache;
pub mod config;
pub mod health;
pub mod logs;
pub mod metrics;
pub mod placement;
pub mod policy;
pub mod review;
pub mod run;
pub mod server;
pub mod trace;

mod duration;
mod ratchet;
mod self_test;
mod warnings;
