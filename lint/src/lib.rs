//! From files on disk to a report for people and programs.
//!
//! [`run`] is the whole command as a function: arguments and streams in, exit code out. What is valid and where pods run is decided by
//! `daemonset-validation`; this crate reads texts, finds the line and column of each finding, and prints reports.

mod against;
mod args;
mod baseline;
mod ci;
mod cluster;
mod commands;
mod config;
mod crash;
pub mod engine;
mod files;
pub mod fix;
mod folder;
mod limited_read;
mod meant;
mod output;
mod outputs;
mod parallel;
mod progress;
mod render;
mod report;
mod run;
mod shown;
pub mod source;
mod standard_input;
mod stop;
mod terminal;
mod unread;

pub use run::{Io, run};
pub use terminal::{Streams, Terminal};
