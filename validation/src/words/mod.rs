//! Words for the engine's data: few words for a reason, names and counts.
//!
//! Reports, the webhook and `rules` make their sentences with them. `placement` and `apiserver` return data and do not use this
//! module.

pub mod amount;
pub mod brief;
pub mod count;
pub mod names;
pub mod near_label;
pub(crate) mod never;
pub mod one_line;
pub mod refused;
pub mod requirement;
