//! Asks the oracle about one cluster after another.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout};

use super::Case;
use super::answer::{NodeAnswer, read_theirs};
use crate::differential::Oracle;

/// A conversation with the oracle.
#[derive(Debug)]
pub struct Asking {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _oracle: Oracle,
}

impl Asking {
    /// Starts the oracle of a minor.
    ///
    /// # Errors
    ///
    /// Where it cannot be started.
    pub fn start(minor: &str) -> std::io::Result<Self> {
        let mut oracle = Oracle::start_mode(minor, "placement", true, 1)?;
        let (input, output) = oracle.ends().ok_or(std::io::ErrorKind::BrokenPipe)?;
        Ok(Self { input, output, _oracle: oracle })
    }

    /// The oracle's answer.
    ///
    /// # Errors
    ///
    /// Where it gives none.
    pub fn ask(&mut self, case: &Case) -> Result<Vec<NodeAnswer>, String> {
        read_theirs(&self.ask_raw(case)?)
    }

    /// The oracle's answer as its line.
    ///
    /// # Errors
    ///
    /// Where the oracle is gone.
    pub fn ask_raw(&mut self, case: &Case) -> Result<String, String> {
        let mut line = String::new();
        writeln!(self.input, "{}", case.question(0)).map_err(|error| error.to_string())?;
        self.input.flush().map_err(|error| error.to_string())?;
        self.output.read_line(&mut line).map_err(|error| error.to_string())?;
        Ok(line)
    }
}
