//! The preview: a table for people, and the shape of the JSON report.

pub(crate) mod groups;
pub(crate) mod json;
pub(crate) mod names;
pub(crate) mod pattern;
pub(crate) mod rollout;
pub(crate) mod stored;
pub(crate) mod table;
