//! From files on disk to a report for people and programs.
//!
//! [`run`] is the whole command as a function: arguments and streams in, exit code out. Nothing here knows what is true of a
//! DaemonSet; that is `daemonset-validation`'s business. This crate knows texts: where something stands, and how to tell it.

mod against;
mod args;
mod cluster;
mod crash;
pub mod engine;
mod files;
mod parallel;
mod report;
mod run;
mod shown;
pub mod source;
mod standard_input;

pub use run::{Io, Terminal, run};
