//! Compares placements on random clusters, and prints a small case for each kind of difference.

use std::collections::BTreeMap;
use std::io::{BufRead, BufWriter, Write};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use daemonset_tests::clusters::{Asking, Case, Tally, case, differences, read_theirs, shrink};
use daemonset_tests::differential::Oracle;

use crate::args::Args;

/// So many sorts of difference are shrunk and shown at most.
const SHOWN: usize = 40;

/// The cases of one sort of difference.
#[derive(Debug)]
struct Group {
    count: u64,
    first: (u64, Case),
}

/// Compares; true where nothing differs.
pub(crate) fn run(args: &Args) -> std::io::Result<bool> {
    let start = Instant::now();
    let (tally, groups) = gather(args, start)?;
    let seconds = start.elapsed().as_secs_f64();
    let mut stdout = std::io::stdout().lock();
    writeln!(
        stdout,
        "Kubernetes {}, seed {}: {seconds:.0} s, {:.0} clusters/s",
        args.server.minor(),
        args.seed,
        tally.clusters as f64 / seconds
    )?;
    for line in tally.lines() {
        writeln!(stdout, "  {line}")?;
    }
    show(args, &groups, &mut stdout)?;
    Ok(groups.is_empty())
}

fn gather(args: &Args, start: Instant) -> std::io::Result<(Tally, BTreeMap<String, Group>)> {
    let limit = Duration::from_secs(args.time_limit);
    let mut oracle = Oracle::start_mode(args.server.minor(), "placement", false, args.jobs)?;
    let (stdin, mut stdout) = oracle.ends().ok_or(std::io::ErrorKind::BrokenPipe)?;
    // The oracle holds back its answers in blocks, so there has to be room for many questions under way.
    let (sender, receiver) = sync_channel::<(u64, Case)>(1 << 12);
    std::thread::scope(|scope| {
        scope.spawn(|| -> std::io::Result<()> {
            let sender = sender;
            let mut stdin = BufWriter::with_capacity(1 << 20, stdin);
            let mut number = 0;
            let mut asked = 0;
            while asked < args.cases && (number % 256 != 0 || start.elapsed() < limit) {
                number += 1;
                let Some(case) = case(args.seed, number, &args.server) else { continue };
                asked += 1;
                writeln!(stdin, "{}", case.question(number))?;
                if sender.send((number, case)).is_err() {
                    break;
                }
            }
            stdin.flush()
        });
        judge(args, &receiver, &mut stdout)
    })
}

fn judge(
    args: &Args,
    cases: &Receiver<(u64, Case)>,
    answers: &mut impl BufRead,
) -> std::io::Result<(Tally, BTreeMap<String, Group>)> {
    let (mut tally, mut groups) = (Tally::default(), BTreeMap::<String, Group>::new());
    let mut line = String::new();
    while let Ok((number, case)) = cases.recv() {
        line.clear();
        answers.read_line(&mut line)?;
        let theirs = read_theirs(&line);
        if let Ok(nodes) = &theirs {
            tally.add(nodes);
        }
        for kind in kinds(&case, theirs, args) {
            let group =
                groups.entry(kind).or_insert_with(|| Group { count: 0, first: (number, case.clone()) });
            group.count += 1;
        }
    }
    Ok((tally, groups))
}

/// The sorts of difference that a case shows.
fn kinds(
    case: &Case,
    theirs: Result<Vec<daemonset_tests::clusters::NodeAnswer>, String>,
    args: &Args,
) -> Vec<String> {
    let theirs = match theirs {
        Ok(theirs) => theirs,
        Err(error) => return vec![format!("the oracle cannot answer: {error}")],
    };
    match differences(case, &theirs, &args.server) {
        Ok(differences) => {
            let mut kinds: Vec<String> = differences.into_iter().map(|difference| difference.kind).collect();
            kinds.dedup();
            kinds
        }
        Err(error) => vec![format!("we cannot answer: {error}")],
    }
}

/// Each sort of difference with the smallest case that shows it.
fn show(args: &Args, groups: &BTreeMap<String, Group>, out: &mut impl Write) -> std::io::Result<()> {
    let mut sorted: Vec<(&String, &Group)> = groups.iter().collect();
    sorted.sort_by_key(|(_, group)| std::cmp::Reverse(group.count));
    writeln!(out, "{} sorts of difference", sorted.len())?;
    for (kind, group) in &sorted {
        writeln!(out, "{:>9}  {kind} (first in case {})", group.count, group.first.0)?;
    }
    let mut asking = Asking::start(args.server.minor())?;
    for (kind, group) in sorted.into_iter().take(SHOWN) {
        let small = shrink(&group.first.1, &mut |case| {
            case.is_valid(&args.server) && kinds(case, asking.ask(case), args).contains(kind)
        });
        writeln!(out, "\n{kind} ({} cases)\n{}", group.count, small.question(group.first.0))?;
        let found = asking.ask(&small).and_then(|theirs| differences(&small, &theirs, &args.server));
        for difference in found.into_iter().flatten() {
            writeln!(out, "  {}", difference.detail)?;
        }
    }
    Ok(())
}
