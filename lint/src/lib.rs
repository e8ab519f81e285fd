//! From files on disk to a report for people and programs.
pub mod source;
