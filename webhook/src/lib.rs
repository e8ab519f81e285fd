//! The admission webhook: answers the AdmissionReviews of the API server.

pub mod args;
pub mod cache;
pub mod config;
pub mod metrics;
pub mod placement;
pub mod policy;
pub mod review;
pub mod run;
pub mod server;
pub mod supervise;
pub mod trace;

mod callers;
mod duration;
mod file;
mod health;
mod logs;
mod ops;
mod ratchet;
mod self_test;
mod warnings;
