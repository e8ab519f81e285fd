//! Compares many cases with the oracle.

use std::io::{BufRead, ErrorKind, Write};
use std::sync::mpsc::sync_channel;

use daemonset_validation::Server;

use super::pod_security::{Answer, MODE, Question, Theirs, question};
use crate::differential::Oracle;

/// How many questions may be ahead of their answers.
const AHEAD: usize = 1_000;

/// Counts over many cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Cases that were compared.
    pub cases: u64,
    /// Pods that are refused.
    pub refused: u64,
    /// DaemonSets that are warned of.
    pub warned: u64,
    /// Cases that were compared at every version of every level.
    pub swept: u64,
    /// How often each check is violated, in the order of [`check_names`].
    pub violated: Vec<u64>,
    /// The first cases that differ, with both answers.
    pub differences: Vec<String>,
}

impl Tally {
    /// A tally of so many checks.
    pub fn new(checks: usize) -> Self {
        Self { violated: vec![0; checks], ..Self::default() }
    }

    /// Counts a case and compares the answers.
    pub fn add(&mut self, line: &str, theirs: &Theirs, server: &Server) {
        self.cases += 1;
        self.refused += u64::from(!theirs.answer.pod.is_empty());
        self.warned += u64::from(!theirs.answer.warnings.is_empty());
        for (position, count) in self.violated.iter_mut().enumerate() {
            *count += theirs.violated >> position & 1;
        }
        let trouble = format!("{}{}", theirs.malformed, theirs.panic);
        let ours = Question::read(line).map(|question| {
            self.swept += u64::from(question.sweep);
            question.ours(server)
        });
        let agrees = |ours: &Answer| match theirs.digest {
            Some(_) => ours.clone().condensed() == (theirs.answer.clone(), theirs.digest),
            None => *ours == theirs.answer,
        };
        let same = trouble.is_empty() && ours.as_ref().is_ok_and(agrees);
        if !same && self.differences.len() < 10 {
            let digest =
                theirs.digest.map(|digest| format!(" and at all versions {digest}")).unwrap_or_default();
            let theirs = &theirs.answer;
            self.differences
                .push(format!("{line}\n  ours   {ours:?}\n  theirs {theirs:?}{digest} {trouble}"));
        }
    }

    /// The checks that were never violated or never passed.
    pub fn not_reached<'n>(&self, names: &'n [String]) -> Vec<&'n str> {
        let counts = names.iter().zip(&self.violated);
        let missing = counts.filter(|(_, count)| **count == 0 || **count == self.cases);
        missing.map(|(name, _)| name.as_str()).collect()
    }

    /// The counts, for the eye.
    pub fn lines(&self, names: &[String]) -> Vec<String> {
        let Self { cases, refused, warned, swept, .. } = self;
        let head = format!("{cases} pods: {refused} refused, {warned} warned of, {swept} at every version");
        let counts = names.iter().zip(&self.violated);
        std::iter::once(head)
            .chain(counts.map(|(name, count)| format!("{count:>9}  violate {name}")))
            .collect()
    }
}

/// The names of upstream's checks with their versions.
///
/// # Errors
///
/// Where the oracle does not answer.
pub fn check_names(minor: &str) -> std::io::Result<Vec<String>> {
    let mut answers: Vec<Theirs> = Oracle::ask_all(minor, MODE, vec![r#"{"id":0,"list":true}"#.to_owned()])?;
    Ok(answers.pop().unwrap_or_default().checks)
}

/// A run of many cases.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Where chance begins.
    pub seed: u64,
    /// How many cases.
    pub cases: u64,
    /// One in so many is compared at every version of every level.
    pub sweep: u64,
    /// On how many processors the oracle answers.
    pub processors: usize,
}

/// Compares the cases of a run with the oracle of a minor.
///
/// # Errors
///
/// Where the oracle does not answer.
///
/// # Panics
///
/// Where the minor is not supported.
pub fn compare(minor: &str, run: Run) -> std::io::Result<Tally> {
    let Some(server) = Server::of_version(minor) else { panic!("{minor} is not supported") };
    let mut tally = Tally::new(check_names(minor)?.len());
    let mut oracle = Oracle::start_mode(minor, MODE, true, run.processors)?;
    let (mut input, mut output) = oracle.ends().ok_or(ErrorKind::BrokenPipe)?;
    std::thread::scope(|scope| {
        let (sender, asked) = sync_channel(AHEAD);
        let asking = scope.spawn(move || -> std::io::Result<()> {
            for number in 0..run.cases {
                let mut line = question(run.seed, number, run.sweep);
                line.push('\n');
                input.write_all(line.as_bytes())?;
                // The other end is gone after an error there.
                if sender.send(line).is_err() {
                    break;
                }
            }
            Ok(())
        });
        let mut answer = String::new();
        for line in asked {
            answer.clear();
            if output.read_line(&mut answer)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            tally.add(line.trim_end(), &serde_json::from_str(&answer)?, &server);
        }
        asking.join().unwrap_or_else(|_| Err(ErrorKind::Other.into()))?;
        Ok(tally)
    })
}
