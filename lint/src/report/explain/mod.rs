//! The preview: a table for people, and the shape of the JSON report.

pub(crate) mod groups;
pub(crate) mod json;
pub(crate) mod rollout;
pub(crate) mod stored;
pub(crate) mod table;
pub(crate) mod words;
