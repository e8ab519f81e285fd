//! The pods of random DaemonSets become what the server's own admission plugins and registry make of them.
//!
//! The recorded answers are in `corpus/admission.jsonl`. Where `ORACLE_BIN` names the folder of the built oracles, fresh cases are
//! compared as well (`CASES`, 20,000 by default; `SEED`), and `UPDATE=1` records again.

use daemonset_tests::admission::plugins::{KINDS, Tally, Theirs, case, difference, ours};
use daemonset_tests::clusters::Case;
use daemonset_tests::differential::Oracle;
use daemonset_tests::{root, setting, update};
use daemonset_validation::admission::Plugin;
use daemonset_validation::{FieldPath, PathSegment, Server};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::Value;

/// How many cases are recorded.
const RECORDED: usize = 250;
const RECORDED_SEED: u64 = 1;

/// So many cases are asked at once.
const BATCH: usize = 10_000;

/// Of so many cases each has to reach every kind of refusal and change. Rarer ones are chance.
const ENOUGH: usize = 20_000;

fn cases(seed: u64, from: &mut u64, count: usize, server: &Server) -> Vec<(Case, DaemonSet)> {
    let mut cases = Vec::with_capacity(count);
    while cases.len() < count {
        cases.extend(case(seed, *from, server));
        *from += 1;
    }
    cases
}

/// Counts the answer, and says where ours differs. The places of validation errors are the server's own: some name what a default put
/// there.
fn check(case: &(Case, DaemonSet), theirs: &Theirs, server: &Server, tally: &mut Tally) -> Option<String> {
    let (case, stored) = case;
    let ours = ours(case, stored, server).unwrap();
    tally.add(&ours);
    if let Err(refusal) = &ours
        && refusal.plugin != Plugin::Validation
        && !has_place(&case.daemon_set, &refusal.path)
    {
        return Some(format!("{} is no place\n{}", refusal.path, case.question(0)));
    }
    let difference = difference(theirs, &ours, server)?;
    Some(format!("{} {difference}\n{}", server.minor(), case.question(0)))
}

/// Whether a path leads to a value of the DaemonSet, or to one that could be written below a value that is there.
fn has_place(daemon_set: &Value, path: &FieldPath) -> bool {
    let mut at = Some(daemon_set);
    path.segments().iter().all(|segment| {
        let Some(here) = at else { return matches!(segment, PathSegment::Field(_)) };
        match segment {
            PathSegment::Field(name) | PathSegment::Key(name) => {
                at = here.get(&**name);
                here.is_object()
            }
            PathSegment::Index(place) => {
                at = here.get(place);
                at.is_some()
            }
        }
    })
}

/// Shows a few of the differences.
fn assert_none(differences: &[String]) {
    let first: Vec<&str> = differences.iter().take(5).map(String::as_str).collect();
    assert!(first.is_empty(), "{} differences\n{}", differences.len(), first.join("\n\n"));
}

fn ask(minor: &str, cases: &[(Case, DaemonSet)]) -> Vec<Theirs> {
    let questions = (0..).zip(cases).map(|(number, (case, _))| case.question(number)).collect();
    Oracle::ask_all(minor, "admission", questions).unwrap()
}

#[test]
fn recorded_pods_are_the_servers() {
    let path = root().join("tests/corpus/admission.jsonl");
    let server = Server::newest();
    let cases = cases(RECORDED_SEED, &mut 0, RECORDED, &server);
    if update() && Oracle::is_built(server.minor()) {
        let answers = ask(server.minor(), &cases);
        let lines = answers.iter().map(|answer| serde_json::to_string(answer).unwrap() + "\n");
        std::fs::write(&path, lines.collect::<String>()).unwrap();
    }
    let recorded = std::fs::read_to_string(&path).unwrap();
    assert_eq!(recorded.lines().count(), RECORDED);
    let mut tally = Tally::default();
    let answers = recorded.lines().map(|line| serde_json::from_str(line).unwrap());
    let differences = cases.iter().zip(answers);
    let differences = differences.filter_map(|(case, theirs)| check(case, &theirs, &server, &mut tally));
    assert_none(&differences.collect::<Vec<_>>());
    let stored = tally.of("stored");
    assert!(stored * 4 > RECORDED && stored * 4 < RECORDED * 3, "{tally}");
}

#[test]
fn fresh_pods_are_the_servers() {
    let seed = setting("SEED", std::process::id().into());
    let count = usize::try_from(setting("CASES", 20_000)).unwrap();
    for minor in Server::supported() {
        if !Oracle::is_built(minor) {
            println!("skipped: no oracle for {minor} in ORACLE_BIN");
            continue;
        }
        let server = Server::of_version(minor).unwrap();
        let (mut tally, mut from) = (Tally::default(), 0);
        let mut left = count;
        while left > 0 {
            let cases = cases(seed, &mut from, left.min(BATCH), &server);
            left -= cases.len();
            let answers = cases.iter().zip(ask(minor, &cases));
            let differences = answers.filter_map(|(case, theirs)| check(case, &theirs, &server, &mut tally));
            assert_none(&differences.collect::<Vec<_>>());
        }
        println!("{minor}: seed {seed}, {from} tried, all agree: {tally}");
        if count >= ENOUGH {
            let missing: Vec<_> = KINDS.iter().filter(|kind| tally.of(kind) == 0).collect();
            assert!(missing.is_empty(), "not reached: {missing:?}");
        }
    }
}
