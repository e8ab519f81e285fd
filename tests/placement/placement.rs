//! The preview agrees with the controller, the scheduler's filters and preemption on random clusters.
//!
//! The recorded answers are in `corpus/placement.jsonl`. Where `ORACLE_BIN` names the folder of the built oracles, fresh clusters are
//! compared as well (`CASES`, 2,000 by default; `SEED`), and `UPDATE=1` records again. For many more: `cargo run -p daemonset-tests --bin
//! fidelity -- clusters`.

use daemonset_tests::clusters::{Asking, Case, NodeAnswer, Tally, case, differences, read_theirs};
use daemonset_tests::differential::Oracle;
use daemonset_tests::{root, setting, update};
use daemonset_validation::Server;

/// How many clusters are recorded.
const RECORDED: usize = 400;
const RECORDED_SEED: u64 = 1;

/// The filters that are first to object on some of the recorded nodes; answers that are all the same would prove nothing.
const FILTERS: &[&str] = &[
    "NodePorts",
    "NodeResourcesFit",
    "VolumeRestrictions",
    "NodeVolumeLimits",
    "VolumeBinding",
    "VolumeZone",
    "PodTopologySpread",
    "InterPodAffinity",
];

fn cases(seed: u64, count: usize, server: &Server) -> Vec<Case> {
    (0..).filter_map(|number| case(seed, number, server)).take(count).collect()
}

fn oracle(minor: &str) -> Option<Asking> {
    Oracle::is_built(minor).then(|| Asking::start(minor).unwrap())
}

/// Says where we differ from the oracle.
fn check(case: &Case, theirs: &[NodeAnswer], server: &Server) {
    let differences = differences(case, theirs, server).unwrap();
    assert!(differences.is_empty(), "{} {differences:#?}\n{}", server.minor(), case.question(0));
}

#[test]
fn recorded_placements_are_the_schedulers() {
    let path = root().join("tests/corpus/placement.jsonl");
    let server = Server::newest();
    let cases = cases(RECORDED_SEED, RECORDED, &server);
    if let (true, Some(mut oracle)) = (update(), oracle(server.minor())) {
        let lines: Vec<String> = cases.iter().map(|case| oracle.ask_raw(case).unwrap()).collect();
        std::fs::write(&path, lines.concat()).unwrap();
    }
    let recorded = std::fs::read_to_string(&path).unwrap();
    assert_eq!(recorded.lines().count(), RECORDED);
    let mut tally = Tally::default();
    for (case, line) in cases.iter().zip(recorded.lines()) {
        let theirs = read_theirs(line).unwrap();
        tally.add(&theirs);
        check(case, &theirs, &server);
    }
    for filter in FILTERS {
        assert!(tally.of_plugin(filter) * 100 >= tally.pending(), "{filter} objects on too few nodes");
    }
}

#[test]
fn fresh_placements_are_the_schedulers() {
    let seed = setting("SEED", std::process::id().into());
    for minor in Server::supported() {
        let Some(mut oracle) = oracle(minor) else {
            println!("skipped: no oracle for {minor} in ORACLE_BIN");
            continue;
        };
        let server = Server::of_version(minor).unwrap();
        let cases = cases(seed, usize::try_from(setting("CASES", 2_000)).unwrap(), &server);
        let mut tally = Tally::default();
        for case in &cases {
            let theirs = oracle.ask(case).unwrap();
            tally.add(&theirs);
            check(case, &theirs, &server);
        }
        println!("{minor}: {} clusters, seed {seed}: {} nodes agree", tally.clusters, tally.nodes);
    }
}
