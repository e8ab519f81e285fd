//! Named checks: the promise, whether it holds, and the evidence.

use std::time::Instant;

/// What a check saw: its evidence, or what is wrong.
pub type Outcome = Result<String, String>;

/// All checks of a run, printed as they are made.
pub struct Checks {
    start: Instant,
    passed: usize,
    failed: Vec<(String, String)>,
}

impl Checks {
    /// No check yet.
    pub fn new() -> Self {
        Self { start: Instant::now(), passed: 0, failed: Vec::new() }
    }

    /// Notes a check. `name` begins with the line of the list of promises that it proves, such as `4 two certificate swaps`.
    pub fn note(&mut self, name: &str, outcome: Outcome) {
        let seconds = self.start.elapsed().as_secs_f64();
        match outcome {
            Ok(evidence) => {
                self.passed += 1;
                println!("{seconds:>6.1} s  pass  {name}: {evidence}");
            }
            Err(fault) => {
                println!("{seconds:>6.1} s  FAIL  {name}: {fault}");
                self.failed.push((name.to_owned(), fault));
            }
        }
    }

    /// A check that is a condition.
    pub fn hold(&mut self, name: &str, holds: bool, evidence: impl Into<String>) {
        let evidence = evidence.into();
        self.note(name, if holds { Ok(evidence) } else { Err(evidence) });
    }

    /// Says what goes on without judging it.
    pub fn say(&self, text: &str) {
        println!("{:>6.1} s  ----  {text}", self.start.elapsed().as_secs_f64());
    }

    /// Prints the sum; whether everything held.
    pub fn done(&self) -> bool {
        println!(
            "\n{} checks passed, {} failed, {:.0} s",
            self.passed,
            self.failed.len(),
            self.start.elapsed().as_secs_f64()
        );
        for (name, fault) in &self.failed {
            println!("FAIL  {name}: {fault}");
        }
        self.failed.is_empty() && self.passed > 0
    }
}
