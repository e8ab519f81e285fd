//! What an update of the DaemonSet would do, wave by wave, and what would block it.

mod before;
mod existing;
mod limits;
mod preview;
mod simulate;

pub use before::Before;
pub use limits::Limits;
pub(super) use preview::preview;
pub use preview::{Course, Rollout};
pub use simulate::{Group, NodeState, PodState, Round, Simulation, Start, Wanted, simulate};
