//! Why a run ends before it has reported, and its exit codes.

use std::io;

/// No findings that count for `--fail-on`.
pub(crate) const CLEAN: u8 = 0;
/// Findings that count for `--fail-on`.
pub(crate) const FINDINGS: u8 = 1;
/// The command could not do everything that the arguments ask for.
pub(crate) const COULD_NOT_RUN: u8 = 2;

/// Why a run ends before it has reported.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A message for standard error; exit code 2.
    Message(String),
    /// Standard output cannot be written, for example because `head` has closed it.
    Output(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
