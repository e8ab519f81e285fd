//! The preview: a table for people, and the shape of the JSON report.

pub(crate) mod json;
pub(crate) mod table;
