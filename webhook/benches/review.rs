//! What one review costs, stage by stage, in microseconds. Nothing is asserted: machines differ, so quote ratios of one run.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "this is no part of the product"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use daemonset_validation::Server;
use daemonset_webhook::config::{Config, Level};
use daemonset_webhook::policy::Levels;
use daemonset_webhook::review::{self, Context, NoPlacement};
use k8s_openapi::api::apps::v1::DaemonSet;

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
    println!("{name:48} {:8.1} µs", rounds[ROUNDS / 2].as_secs_f64() * 1e6);
}

fn levels(api: Level) -> Levels {
    let levels = BTreeMap::from([("api/*".to_owned(), api)]);
    Levels::new(&Config { levels, ..Config::default() })
}

fn main() {
    let off = levels(Level::Off);
    let default = Levels::default();
    let strict = Levels::new(&Config {
        levels: BTreeMap::from([("api/unknown-field".to_owned(), Level::Warn)]),
        ..Config::default()
    });
    for (name, body) in [
        ("create", include_str!("../../tests/bench/webhook/reviews/create.json")),
        ("update", include_str!("../../tests/bench/webhook/reviews/update.json")),
    ] {
        let body = body.as_bytes();
        println!("{name}: {} bytes", body.len());
        measure("  the envelope", || drop(black_box(review::read(black_box(body)))));
        let request = review::read(body).unwrap();
        let object = request.object.unwrap().get();
        measure("  the object as a DaemonSet, by serde alone", || {
            drop(black_box(serde_json::from_str::<DaemonSet>(black_box(object))));
        });
        for (name, levels) in [
            ("  envelope and judgement, api/* off", &off),
            ("  envelope and judgement, by default", &default),
            ("  envelope and judgement, unknown fields too", &strict),
        ] {
            let context = Context { levels, server: Some(Server::newest()), placement: &NoPlacement };
            measure(name, || {
                let request = review::read(black_box(body)).unwrap();
                let decision = review::judge(&request, &context).unwrap();
                drop(black_box(decision.answer.body(&request.uid)));
            });
        }
    }
}
