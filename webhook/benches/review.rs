//! What one review costs, stage by stage, in microseconds. Nothing is asserted: machines differ, so quote ratios of one run.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "this is no part of the product"
)]

#[path = "../../tests/bench/measure.rs"]
mod measure;

use std::collections::BTreeMap;
use std::hint::black_box;

use daemonset_validation::Server;
use daemonset_webhook::config::{Config, Level};
use daemonset_webhook::policy::Levels;
use daemonset_webhook::review::{self, Context, Known};
use k8s_openapi::api::apps::v1::DaemonSet;
use measure::measure;
use serde_json::Value;

fn levels(api: Level) -> Levels {
    let levels = BTreeMap::from([("api/*".to_owned(), api)]);
    Levels::new(&Config { levels, ..Config::default() })
}

/// What is given on the command line picks the measurements by their names; a profiler then sees one alone.
fn main() {
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    let measure = |name: &str, work: &mut dyn FnMut()| {
        if name.contains(&wanted) {
            measure(name, work);
        }
    };
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
        // As the API server writes it: without spaces.
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
                // Nothing is known but in the last stage.
                let known = Known::default();
                let context = Context { levels, server, known: &known, placement: None, named_nodes: 3 };
                let judged = review::judge(black_box(body.as_bytes()), &context).unwrap();
                drop(black_box(judged.decision.answer.body(&judged.request.uid)));
            });
        }
        let known = Known::default();
        let context = Context {
            levels: &default,
            server: Some(Server::newest()),
            known: &known,
            placement: None,
            named_nodes: 3,
        };
        measure(&format!("{name}: judgement and answer, of a known spec"), &mut || {
            let judged = review::judge(black_box(body.as_bytes()), &context).unwrap();
            drop(black_box(judged.decision.answer.body(&judged.request.uid)));
        });
    }
}
