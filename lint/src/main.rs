//! The `daemonset-lint` command: plugs the process into [`daemonset_lint::run`].

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use daemonset_lint::{Io, Streams, Terminal};

fn main() -> ExitCode {
    let (stdout, stderr) = (io::stdout(), io::stderr());
    let streams = Streams {
        stdin: io::stdin().is_terminal(),
        stdout: stdout.is_terminal(),
        stderr: stderr.is_terminal(),
        width: terminal_size::terminal_size_of(&stdout).map(|(width, _)| usize::from(width.0)),
    };
    let environment = |name: &str| std::env::var_os(name);
    let mut io = Io {
        stdin: &mut io::stdin(),
        stdout: &mut io::BufWriter::new(stdout.lock()),
        stderr: &mut io::stderr(),
        environment: &environment,
        terminal: Terminal::new(streams, environment),
    };
    ExitCode::from(daemonset_lint::run(std::env::args_os(), &mut io))
}
