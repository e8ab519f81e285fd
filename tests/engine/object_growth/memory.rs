//! Judging takes no more memory than the chart leaves for it, whatever the body is, and large objects that are real are judged.
//!
//! `BODY=bytes` sets the size of the hostile bodies; `PLACES=word` selects places by a part of their names.

use std::sync::PoisonError;

use daemonset_tests::growth::api::{Api, Place};
use daemonset_tests::growth::objects::{Filling, Shape};
use daemonset_tests::growth::{Cost, cost};
use daemonset_tests::setting;
use daemonset_validation::Server;
use daemonset_validation::placement::Budget;
use daemonset_webhook::policy::Levels;
use daemonset_webhook::review::{self, Context, FaultlessSpecs, Judged, MOST, Weight};

use crate::{ALONE, Turns, body_of};

/// Items that are short and become much.
const ITEMS: [&str; 9] =
    ["{}", "1", "null", "\"\"", "[]", "{\"a\":1}", "{\"name\":\"\"}", "\"a\"", "\"\\u0001\""];

fn judged<'b>(body: &'b str, faultless: &FaultlessSpecs, levels: &Levels) -> Judged<'b> {
    let server = Some(Server::newest());
    let budget = &Budget::unbounded();
    let context = Context { levels, server, faultless, placement: None, named_nodes: 3, budget };
    review::judge(body.as_bytes(), &context).unwrap()
}

/// What it takes to judge the body and to write the answer.
fn taken(body: &str, levels: &Levels) -> Cost {
    cost(1, || {
        let faultless = FaultlessSpecs::default();
        let judged = judged(body, &faultless, levels);
        judged.decision.answer.body("u").unwrap()
    })
}

/// The text of a list or a map that is about this long.
fn items(place: &Place, item: &str, length: usize) -> String {
    if place.is_map() {
        let entries: Vec<String> =
            (0..length / (item.len() + 10)).map(|number| format!("\"{number:06}\":{item}")).collect();
        return format!("{{{}}}", entries.join(","));
    }
    let count = length / (item.len() + 1);
    format!("[{}{item}]", format!("{item},").repeat(count.saturating_sub(1)))
}

#[test]
fn no_body_takes_more_memory_than_there_is() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let length = usize::try_from(setting("BODY", 64 << 10)).unwrap();
    let wanted = std::env::var("PLACES").unwrap_or_default();
    let levels = Levels::default();
    let api = Api::of(Server::supported().last().unwrap());
    let mut faults = Vec::new();
    let mut most = (0, String::new());
    let mut turns = Turns::new();
    for place in api.places().iter().filter(|place| place.name().contains(&wanted)) {
        let shape = Shape { api: &api, place, filling: Filling::Empty };
        for item in ITEMS {
            if !turns.is_on() {
                continue;
            }
            let whole = shape.with(&items(place, item, length));
            let half = shape.with(&items(place, item, length / 2));
            for (body, road) in [(body_of(&whole, None), "create"), (body_of(&half, Some(&half)), "update")] {
                let weight = Weight::of(body.as_bytes());
                let Cost { peak, milliseconds } = taken(&body, &levels);
                let name =
                    format!("{} {item} {road}: {} MiB, {milliseconds:.0} ms", place.name(), peak >> 20);
                if peak > weight.bytes || peak > MOST {
                    let said = format!("{name}, and its weight is {} MiB", weight.bytes >> 20);
                    println!("{said}");
                    faults.push(said);
                }
                if peak > most.0 {
                    most = (peak, name);
                }
            }
        }
    }
    println!("the most is {}", most.1);
    assert!(faults.is_empty(), "{} {faults:#?}", faults.len());
}

#[test]
fn large_objects_that_are_real_are_judged() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let api = Api::of(Server::supported().last().unwrap());
    let places = api.places();
    let shape = |name: &str| {
        let place = places.iter().find(|place| place.name() == name).unwrap();
        Shape { api: &api, place, filling: Filling::Valid }
    };
    let annotations = shape("metadata.annotations");
    let pairs = |count: usize, length: usize| {
        let pairs = (0..count).map(|number| format!("\"example.com/a{number}\":\"{}\"", "x".repeat(length)));
        format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
    };
    let env = shape("spec.template.spec.containers[0].env");
    let args = shape("spec.template.spec.containers[0].args");
    let text = format!("[\"{}\"]", "x".repeat(3 << 20));
    for (name, object, finding) in [
        ("3 MiB in one annotation", annotations.with(&pairs(1, 3 << 20)), "api/too-long"),
        ("3 MiB in a hundred annotations", annotations.with(&pairs(100, 31_000)), "api/too-long"),
        ("3 MiB in 100,000 annotations", annotations.with(&pairs(100_000, 8)), "api/too-long"),
        ("an argument of 3 MiB", args.with(&text), ""),
        ("5,000 variables", env.object(5_000, 0, false), ""),
        ("300 volumes", shape("spec.template.spec.volumes").object(300, 0, false), ""),
    ] {
        for body in [body_of(&object, None), body_of(&object, Some(&object))] {
            let faultless = FaultlessSpecs::default();
            let judged = judged(&body, &faultless, &Levels::default());
            let rules: Vec<&str> = judged.decision.findings.iter().map(|(rule, ..)| *rule).collect();
            let expected: Vec<&str> =
                Some(finding).filter(|finding| !finding.is_empty()).into_iter().collect();
            assert_eq!(rules, expected, "{name}");
            let Cost { peak, .. } = taken(&body, &Levels::default());
            let weight = Weight::of(body.as_bytes()).bytes;
            assert!(peak <= weight, "{name}: {peak} bytes, and its weight is {weight}");
        }
    }
}
