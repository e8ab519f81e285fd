//! Asks the API server's own code and ours the same questions, and prints where the answers differ.

mod args;
mod clusters;
mod deviations;
mod groups;
mod run;

use std::io::Write as _;
use std::process::ExitCode;

use args::{Args, Task};
use daemonset_tests::cases::Generator;
use daemonset_tests::differential::question;
use daemonset_validation::Server;

fn main() -> ExitCode {
    let args = match Args::read(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(message) => return fail(&format!("{message}\n{}", args::USAGE)),
    };
    let done = match args.task {
        Task::Run => run::run(&args),
        Task::Clusters => clusters::run(&args),
        Task::Cases => print_cases(&args).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(message: &str) -> ExitCode {
    drop(writeln!(std::io::stderr(), "fidelity: {message}"));
    ExitCode::from(2)
}

/// The questions as the oracle reads them.
fn print_cases(args: &Args) -> std::io::Result<()> {
    let minor =
        Server::supported().iter().position(|minor| *minor == args.server.minor()).unwrap_or_default();
    let generator = Generator::new(minor, args.bases()?);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut line = String::new();
    for number in 0..args.cases {
        line.clear();
        question(number, &generator.case(args.seed, number), &mut line);
        out.write_all(line.as_bytes())?;
    }
    out.flush()
}
