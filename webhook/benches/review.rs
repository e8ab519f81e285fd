//! Measures the stages of a review, in microseconds. Nothing is asserted, because machines differ: compare ratios within one run.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a benchmark is not part of the product"
)]

#[path = "../../tests/bench/measure.rs"]
mod measure;

use std::collections::BTreeMap;
use std::hint::black_box;

use daemonset_validation::Server;
use daemonset_validation::placement::Budget;
use daemonset_webhook::config::{Config, Level};
use daemonset_webhook::policy::Levels;
use daemonset_webhook::review::{self, Context, FaultlessSpecs};
use k8s_openapi::api::apps::v1::DaemonSet;
use measure::measure;
use serde_json::Value;

fn levels(api: Level) -> Levels {
    let levels = BTreeMap::from([("api/*".to_owned(), api)]);
    Levels::new(&Config { levels, ..Config::default() })
}

/// An argument selects the measurements whose names contain it, so that a profiler can see one alone.
fn main() {
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    let measure = |name: &str, work: &mut dyn FnMut()| {
        if name.contains(&wanted) {
            measure(name, work);
        }
    };
    let off = levels(Level::Off);
    let default = Levels::default();
    let budget = Budget::unbounded();
    let strict = Levels::new(&Config {
        levels: BTreeMap::from([("api/unknown-field".to_owned(), Level::Warn)]),
        ..Config::default()
    });
    for (name, body) in [
        ("create", include_str!("../../tests/bench/webhook/reviews/create.json")),
        ("update", include_str!("../../tests/bench/webhook/reviews/update.json")),
    ] {
        // Without spaces, as the API server sends it.
        let review: Value = serde_json::from_str(body).unwrap();
        let body = review.to_string();
        let object = review["request"]["object"].to_string();
        println!("{name}: {} bytes, of them the object {}", body.len(), object.len());
        measure(&format!("{name}: the object as a DaemonSet, by serde alone"), &mut || {
            drop(black_box(serde_json::from_str::<DaemonSet>(black_box(&object))));
        });
        for (stage, levels) in [
            ("judgement and answer, api/* off", &off),
            ("judgement and answer, by default", &default),
            ("judgement and answer, unknown fields too", &strict),
        ] {
            let server = Some(Server::newest());
            measure(&format!("{name}: {stage}"), &mut || {
                // No spec is known to be faultless, except in the last measurement.
                let faultless = FaultlessSpecs::default();
                let context = Context {
                    levels,
                    server,
                    faultless: &faultless,
                    placement: None,
                    named_nodes: 3,
                    budget: &budget,
                };
                let judged = review::judge(black_box(body.as_bytes()), &context).unwrap();
                drop(black_box(judged.decision.answer.body(&judged.request.uid)));
            });
        }
        let faultless = FaultlessSpecs::default();
        let context = Context {
            levels: &default,
            server: Some(Server::newest()),
            faultless: &faultless,
            placement: None,
            named_nodes: 3,
            budget: &budget,
        };
        measure(
            &format!("{name}: judgement and answer, of a spec that is known to be faultless"),
            &mut || {
                let judged = review::judge(black_box(body.as_bytes()), &context).unwrap();
                drop(black_box(judged.decision.answer.body(&judged.request.uid)));
            },
        );
    }
}
