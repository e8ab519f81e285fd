//! The preview: for people, and the shape of the JSON report.

pub(crate) mod groups;
pub(crate) mod json;
pub(crate) mod left_out;
pub(crate) mod notes;
pub(crate) mod only;
pub(crate) mod overview;
pub(crate) mod preview;
pub(crate) mod rollout;
pub(crate) mod standing;
pub(crate) mod stored;
pub(crate) mod words;

mod block;
mod body;
mod last;
mod layout;
mod nodes;
mod who;
