//! The arguments of the program.

use std::path::PathBuf;

use daemonset_tests::json::Json;
use daemonset_tests::json_read::read_json;
use daemonset_validation::Server;

/// How to ask.
pub(crate) const USAGE: &str = "\
usage: fidelity run|cases|clusters [--minor 1.37] [--seed N] [--cases N] [--jobs N] [--time-limit SECONDS] [--out DIR] [--bases FILE]
  run    compares random cases with the oracle; exit code 1 where an answer differs
  cases  prints the questions
  clusters   compares the placement on random clusters with the oracle; exit code 1 where an answer differs
  --bases FILE   a JSON document a line, to start from besides the generator's own";

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Compare.
    Run,
    /// Print the questions.
    Cases,
    /// Compare the placement on clusters.
    Clusters,
}

/// The command line.
#[derive(Clone, Debug)]
pub(crate) struct Args {
    /// What to do.
    pub(crate) task: Task,
    /// Whose code to ask.
    pub(crate) server: Server,
    /// The stream of cases.
    pub(crate) seed: u64,
    /// How many.
    pub(crate) cases: u64,
    /// Processors for the oracle.
    pub(crate) jobs: usize,
    /// When to stop, in seconds.
    pub(crate) time_limit: u64,
    /// Where to write one file for each group of differences.
    pub(crate) out: Option<PathBuf>,
    /// Documents to start from.
    pub(crate) bases: Option<PathBuf>,
}

impl Args {
    /// Reads the command line.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let task = match words.next().as_deref() {
            Some("run") => Task::Run,
            Some("cases") => Task::Cases,
            Some("clusters") => Task::Clusters,
            other => return Err(format!("no task {}", other.unwrap_or("given"))),
        };
        let mut args = Self {
            task,
            server: Server::newest(),
            seed: 1,
            cases: 100_000,
            jobs: 2,
            time_limit: u64::MAX,
            out: None,
            bases: None,
        };
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
            let number = || value.parse::<u64>().map_err(|error| format!("{word} {value}: {error}"));
            match word.as_str() {
                "--minor" => {
                    args.server = Server::of_version(&value).ok_or_else(|| format!("no minor {value}"))?;
                }
                "--seed" => args.seed = number()?,
                "--cases" => args.cases = number()?,
                "--jobs" => args.jobs = usize::try_from(number()?).unwrap_or(2),
                "--time-limit" => args.time_limit = number()?,
                "--out" => args.out = Some(PathBuf::from(value)),
                "--bases" => args.bases = Some(PathBuf::from(value)),
                _ => return Err(format!("no option {word}")),
            }
        }
        Ok(args)
    }

    /// The documents to start from.
    pub(crate) fn bases(&self) -> std::io::Result<Vec<Json>> {
        let Some(path) = &self.bases else { return Ok(Vec::new()) };
        let text = std::fs::read_to_string(path)?;
        Ok(text.lines().filter_map(|line| read_json(line).ok()).collect())
    }
}
