//! The preview: a table for people, and the shape of the JSON report.

pub mod json;
pub mod table;
