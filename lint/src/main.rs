//! The `daemonset-lint` command: plugs the process into [`daemonset_lint::run`].

use std::io::{self, IsTerminal};
use std::process::ExitCode;

fn main() -> ExitCode {
    let (stdout, stderr) = (io::stdout(), io::stderr());
    let terminal = daemonset_lint::Terminal {
        stdout: stdout.is_terminal(),
        stderr: stderr.is_terminal(),
        columns: terminal_size::terminal_size_of(&stdout).map(|(width, _)| usize::from(width.0)),
        no_color: std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
    };
    let mut io = daemonset_lint::Io {
        stdin: &mut io::stdin(),
        stdout: &mut io::BufWriter::new(stdout.lock()),
        stderr: &mut stderr.lock(),
        terminal,
    };
    ExitCode::from(daemonset_lint::run(std::env::args_os(), &mut io))
}
