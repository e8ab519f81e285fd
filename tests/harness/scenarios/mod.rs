//! Placement scenarios: what a real control plane did with a DaemonSet, and what the command predicts.

mod compare;
mod objects;
mod ours;
mod placement;
mod refusal;
mod rest;
mod scenario;
mod sentence;
mod snapshot;

pub use compare::{Disagreement, compare};
pub use objects::Objects;
pub use ours::{Ours, OursNode, explain_file, explain_live};
pub use placement::{Place, Placement, read_record, write_record};
pub use rest::place;
pub use scenario::{Scenario, ahead, corpus, real};
pub use snapshot::Snapshot;
