//! From files on disk to a report for people and programs.
//!
//! [`run`] is the whole command as a function: arguments and streams in, exit code out. Nothing here knows what is true of a
//! DaemonSet; that is `daemonset-validation`'s business. This crate knows texts: where something stands, and how to tell it.

mod against;
mod args;
mod comparison;
mod crash;
mod explain;
mod files;
mod judge;
mod lint;
mod live;
mod locate;
mod outcome;
mod report;
mod run;
mod shown;
mod snapshot;
pub mod source;
mod standard_input;
mod stored;
mod together;

pub use run::{Io, Terminal, run};
