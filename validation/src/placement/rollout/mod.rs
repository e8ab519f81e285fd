//! What an update of the DaemonSet would do, wave by wave, and what would hold it up.

mod limits;
mod simulate;

pub use limits::Limits;
pub use simulate::{Group, NodeState, PodState, Round, Simulation, Start, Wanted, simulate};
