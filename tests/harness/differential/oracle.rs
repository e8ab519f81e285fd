//! Starts and asks the oracle, the program in `tests/oracle` that is built from the API server's own code.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::de::DeserializeOwned;

use crate::cases::Case;
use crate::differential::answer::Answer;
use crate::json::write_text;
use crate::root;

/// A running oracle.
#[derive(Debug)]
pub struct Oracle {
    child: Child,
}

impl Oracle {
    /// Where the oracle of a minor is: in `ORACLE_BIN`, or where `build.sh` puts it.
    pub fn program(minor: &str) -> PathBuf {
        let folder = std::env::var_os("ORACLE_BIN").map(PathBuf::from);
        folder.unwrap_or_else(|| root().join("tests/oracle/bin")).join(format!("oracle-{minor}"))
    }

    /// Whether `ORACLE_BIN` is set and names a folder with the oracle of a minor.
    pub fn is_built(minor: &str) -> bool {
        std::env::var_os("ORACLE_BIN").is_some() && Self::program(minor).is_file()
    }

    /// Starts the oracle of a minor in a mode, sends it one question a line, and reads one JSON answer a line.
    ///
    /// # Errors
    ///
    /// Where it cannot be started, fails, or does not answer every question.
    pub fn ask_all<T: DeserializeOwned>(
        minor: &str,
        mode: &str,
        questions: Vec<String>,
    ) -> std::io::Result<Vec<T>> {
        let mut oracle = Self::start_mode(minor, mode, false, 2)?;
        let (mut stdin, stdout) = oracle.ends().ok_or(ErrorKind::BrokenPipe)?;
        let asked = questions.len();
        let asking =
            std::thread::spawn(move || questions.iter().try_for_each(|line| writeln!(stdin, "{line}")));
        let answers = stdout.lines().map(|line| Ok(serde_json::from_str(&line?)?));
        let answers = answers.collect::<std::io::Result<Vec<T>>>()?;
        let status = oracle.child.wait()?;
        if !matches!(asking.join(), Ok(Ok(()))) || !status.success() || answers.len() != asked {
            let answered = answers.len();
            return Err(std::io::Error::other(format!(
                "the oracle of {minor} answered {answered} of {asked} questions and ended with {status}"
            )));
        }
        Ok(answers)
    }

    /// Starts the oracle of a minor as a judge on so many processors.
    ///
    /// # Errors
    ///
    /// Where it cannot be started.
    pub fn start(minor: &str, flush: bool, processors: usize) -> std::io::Result<Self> {
        Self::start_mode(minor, "judge", flush, processors)
    }

    /// Starts the oracle of a minor in one of its modes on so many processors.
    ///
    /// # Errors
    ///
    /// Where it cannot be started.
    pub fn start_mode(minor: &str, mode: &str, flush: bool, processors: usize) -> std::io::Result<Self> {
        let mut command = Command::new(Self::program(minor));
        command.arg(mode);
        if flush {
            command.arg("--flush");
        }
        // What upstream logs is no part of its answer.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.env("GOMAXPROCS", processors.to_string());
        command.spawn().map(|child| Self { child })
    }

    /// The two ends of the talk: where questions go in and where answers come out.
    pub fn ends(&mut self) -> Option<(ChildStdin, BufReader<ChildStdout>)> {
        let (stdin, stdout) = (self.child.stdin.take()?, self.child.stdout.take()?);
        Some((stdin, BufReader::with_capacity(1 << 20, stdout)))
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The question as the oracle reads it: one line.
pub fn question(number: u64, case: &Case, line: &mut String) {
    let mut document = String::new();
    line.push_str("{\"id\":");
    line.push_str(&number.to_string());
    line.push_str(",\"doc\":");
    case.document.write(&mut document);
    write_text(&document, line);
    if let Some(old) = &case.old {
        document.clear();
        old.write(&mut document);
        line.push_str(",\"old\":");
        write_text(&document, line);
    }
    line.push_str("}\n");
}

/// One question after another, each answered before the next.
#[derive(Debug)]
pub struct Conversation {
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    line: String,
    _oracle: Oracle,
}

impl Conversation {
    /// Starts one with the oracle of a minor.
    ///
    /// # Errors
    ///
    /// Where the oracle cannot be started.
    pub fn start(minor: &str) -> std::io::Result<Self> {
        let mut oracle = Oracle::start(minor, true, 1)?;
        let (stdin, stdout) = oracle.ends().ok_or(std::io::ErrorKind::BrokenPipe)?;
        Ok(Self { stdin, stdout, line: String::new(), _oracle: oracle })
    }

    /// The server's answer.
    ///
    /// # Errors
    ///
    /// Where the oracle is gone or says what is no answer.
    pub fn ask(&mut self, case: &Case) -> std::io::Result<Answer> {
        self.line.clear();
        question(0, case, &mut self.line);
        self.stdin.write_all(self.line.as_bytes())?;
        self.stdin.flush()?;
        self.line.clear();
        self.stdout.read_line(&mut self.line)?;
        Ok(serde_json::from_str(&self.line)?)
    }
}
