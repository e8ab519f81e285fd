//! The comparison: one thread makes cases and asks the oracle, another reads its answers and compares.

use std::io::{BufRead, BufWriter, Write};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use daemonset_tests::cases::{Case, Generator};
use daemonset_tests::differential::{Answer, Oracle, Tally, compare, ours, question};
use daemonset_validation::Server;

use crate::args::Args;
use crate::groups::Groups;

/// So many groups are shown at most.
const SHOWN: usize = 60;

/// Compares; true where nothing but wording differs.
pub(crate) fn run(args: &Args) -> std::io::Result<bool> {
    let start = Instant::now();
    let (tally, groups) = gather(args, start)?;
    groups.show(&args.server, args.out.as_deref(), SHOWN)?;
    let mut stdout = std::io::stdout().lock();
    let seconds = start.elapsed().as_secs_f64();
    writeln!(stdout, "Kubernetes {}, seed {}, {seconds:.0} s", args.server.minor(), args.seed)?;
    for line in tally.lines() {
        writeln!(stdout, "  {line}")?;
    }
    Ok(groups.serious() == 0)
}

/// Asks all questions and gathers the differences.
pub(crate) fn gather(args: &Args, start: Instant) -> std::io::Result<(Tally, Groups)> {
    let minor =
        Server::supported().iter().position(|minor| *minor == args.server.minor()).unwrap_or_default();
    let generator = Generator::new(minor, args.bases()?);
    let limit = Duration::from_secs(args.time_limit);
    let mut oracle = Oracle::start(args.server.minor(), false, args.jobs)?;
    let (stdin, mut stdout) = oracle.ends().ok_or(std::io::ErrorKind::BrokenPipe)?;
    // The oracle holds back its answers in blocks, so there has to be room for many questions under way.
    let (sender, receiver) = sync_channel::<(u64, Case)>(1 << 14);
    std::thread::scope(|scope| {
        scope.spawn(|| -> std::io::Result<()> {
            let sender = sender;
            let mut stdin = BufWriter::with_capacity(1 << 20, stdin);
            let mut line = String::new();
            for number in 0..args.cases {
                if number % 1024 == 0 && start.elapsed() > limit {
                    break;
                }
                let case = generator.case(args.seed, number);
                line.clear();
                question(number, &case, &mut line);
                if sender.send((number, case)).is_err() {
                    break;
                }
                stdin.write_all(line.as_bytes())?;
            }
            stdin.flush()
        });
        judge(&args.server, &receiver, &mut stdout)
    })
}

fn judge(
    server: &Server,
    cases: &Receiver<(u64, Case)>,
    answers: &mut impl BufRead,
) -> std::io::Result<(Tally, Groups)> {
    let (mut tally, mut groups) = (Tally::default(), Groups::default());
    let mut line = String::new();
    while let Ok((number, case)) = cases.recv() {
        line.clear();
        answers.read_line(&mut line)?;
        let theirs: Answer = serde_json::from_str(&line)
            .map_err(|error| std::io::Error::other(format!("case {number}: {error}: {line}")))?;
        let ours = ours(&case, server);
        let differences = compare(&theirs, &ours);
        tally.add(case.old.is_some(), &theirs, &ours, &differences);
        groups.add(number, &case, differences);
    }
    Ok((tally, groups))
}
