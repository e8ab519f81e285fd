//! The command as a function: its output into a pipe, without a process.

use std::ffi::OsString;

use daemonset_lint::{Io, Streams, Terminal};
use serde_json::Value;

/// What a run of the command left behind.
#[derive(Debug)]
pub struct Output {
    /// The exit code.
    pub code: u8,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Runs `daemonset-lint` with arguments, the command's own name left out, and a standard input.
pub fn lint<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>, stdin: &[u8]) -> Output {
    lint_with(&[], arguments, stdin)
}

/// The same with an environment. The process's own is not seen.
pub fn lint_with<A: Into<OsString>>(
    environment: &[(String, String)],
    arguments: impl IntoIterator<Item = A>,
    mut stdin: &[u8],
) -> Output {
    let find =
        |name: &str| environment.iter().find(|(key, _)| key == name).map(|(_, value)| OsString::from(value));
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let io = &mut Io {
        stdin: &mut stdin,
        stdout: &mut stdout,
        stderr: &mut stderr,
        environment: &find,
        terminal: Terminal::new(Streams::default(), find),
    };
    let all = std::iter::once("daemonset-lint".into()).chain(arguments.into_iter().map(Into::into));
    let code = daemonset_lint::run(all, io);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Output { code, stdout: text(stdout), stderr: text(stderr) }
}

impl Output {
    /// The report of `--format json`.
    ///
    /// # Errors
    ///
    /// Where standard output is no JSON: what standard error says.
    pub fn json(&self) -> Result<Value, String> {
        serde_json::from_str(&self.stdout).map_err(|error| format!("{error}: {}", self.stderr))
    }
}
