//! What a common manifest (4 KB) costs, stage by stage, in microseconds a document. Nothing is asserted: machines differ, so quote
//! ratios of one run.

#![allow(
    clippy::print_stdout,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "this is no part of the product"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use daemonset_lint::source::{self, Content};
use daemonset_validation::apiserver::decode::decode;
use daemonset_validation::apiserver::strategy::admit_create;
use daemonset_validation::{Server, Tree, check, subjects};

const MANIFEST: &str = include_str!("../../tests/bench/agent.yaml");

/// Runs `work` for about a second and prints the median of ten rounds.
fn measure(name: &str, mut work: impl FnMut()) {
    const ROUNDS: usize = 10;
    let started = Instant::now();
    let mut count: u32 = 0;
    while started.elapsed() < Duration::from_millis(100) {
        work();
        count += 1;
    }
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..count {
                work();
            }
            started.elapsed() / count
        })
        .collect();
    rounds.sort_unstable();
    println!("{name:32} {:8.1} µs", rounds[ROUNDS / 2].as_secs_f64() * 1e6);
}

fn tree(text: &str) -> Tree<'_> {
    for document in source::documents(text) {
        if let Content::Tree(tree) = document.content {
            return tree;
        }
    }
    panic!("the manifest does not parse");
}

fn main() {
    let server = Server::newest();
    let parsed = tree(MANIFEST);
    let subject = subjects(&parsed).remove(0);
    let decoded = decode(&parsed, subject.node, &server);
    println!("{} bytes", MANIFEST.len());
    measure("YAML to tree", || drop(black_box(tree(black_box(MANIFEST)))));
    measure("tree to typed object, strictly", || drop(black_box(decode(&parsed, subject.node, &server))));
    measure("copying the typed object", || drop(black_box(decoded.daemon_set.clone())));
    measure("copying and admitting it", || {
        drop(black_box(admit_create(decoded.daemon_set.clone(), decoded.selector_present, &server)));
    });
    measure("tree to verdict", || drop(black_box(check(&parsed, &subject, None, &server))));
    measure("text to verdict", || {
        let parsed = tree(black_box(MANIFEST));
        drop(black_box(check(&parsed, &subjects(&parsed).remove(0), None, &server)));
    });
}
