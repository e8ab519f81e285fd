//! Measures the stages for a common manifest (4 KB), in microseconds a document. Nothing is asserted: machines differ, so quote
//! ratios of one run.

#![allow(
    clippy::print_stdout,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "this is not part of the product"
)]

#[path = "../../tests/bench/measure.rs"]
mod measure;

use std::hint::black_box;

use daemonset_lint::source::{self, Content};
use daemonset_validation::apiserver::decode::decode;
use daemonset_validation::apiserver::strategy::admit_create;
use daemonset_validation::rules::Levels;
use daemonset_validation::{Server, Tree, check, subjects};
use measure::measure;

const MANIFEST: &str = include_str!("../../tests/bench/agent.yaml");

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
    let levels = Levels::default();
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
    measure("tree to verdict", || drop(black_box(check(&parsed, &subject, None, &server, &levels))));
    measure("text to verdict", || {
        let parsed = tree(black_box(MANIFEST));
        drop(black_box(check(&parsed, &subjects(&parsed).remove(0), None, &server, &levels)));
    });
}
