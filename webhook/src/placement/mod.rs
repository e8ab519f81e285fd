//! Checks the rules that need a look at the cluster: where the pods of a DaemonSet would run, and what they would meet there.

mod look;
mod question;
mod unknown;
mod view;

pub use look::judge_on;
pub use question::{Judgement, Old, Question, WORK};
pub use view::judge;
pub(crate) use view::too_late;

#[cfg(test)]
mod tests;
