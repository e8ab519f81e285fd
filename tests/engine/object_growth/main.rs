//! Twice as long a list or map of a DaemonSet takes at most about twice the work and the memory, whatever it is filled with: for a review
//! that creates the object and for one that updates it, and for the command.
//!
//! `GROWTH=N` is the size of the first input (more is slower and sharper), `PLACES=word` selects places by a part of their names, and
//! `GROWTH_TABLE=file` writes all costs. One in eight is measured, such that each place, filling and road is among them; `SHARE=1` measures all.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::print_stdout)]

mod memory;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use daemonset_tests::command::lint;
use daemonset_tests::growth::api::Api;
use daemonset_tests::growth::objects::{FILLINGS, Filling, Shape};
use daemonset_tests::growth::{Growth, PeakAlloc};
use daemonset_tests::setting;
use daemonset_validation::Server;
use daemonset_validation::placement::Budget;
use daemonset_webhook::config::{Config, Level};
use daemonset_webhook::policy::Levels;
use daemonset_webhook::review::{Context, FaultlessSpecs, judge};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Memory is that of the whole process, so one test runs at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Which of the things to measure are measured: one in `SHARE`. The number has no divisor in common with those of fillings, items and roads.
struct Turns {
    share: u64,
    next: u64,
}

impl Turns {
    fn new() -> Self {
        Self { share: setting("SHARE", 8), next: 0 }
    }

    fn is_on(&mut self) -> bool {
        let turn = self.next.is_multiple_of(self.share);
        self.next += 1;
        turn
    }
}

/// How the objects of a shape are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Road {
    /// A create, by the default levels.
    Create,
    /// A create, with all rules on.
    Strict,
    /// An update of an equal object.
    Same,
    /// An update of an object with other items.
    Different,
    /// An update of an object with the items in reverse order, with all rules on.
    Reversed,
    /// The command.
    Command,
    /// The command, for an update.
    Against,
}

const ROADS: [Road; 7] =
    [Road::Create, Road::Strict, Road::Same, Road::Different, Road::Reversed, Road::Command, Road::Against];

fn body_of(new: &str, old: Option<&str>) -> String {
    let operation = if old.is_some() { "UPDATE" } else { "CREATE" };
    let old = old.unwrap_or("null");
    format!(
        r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"u","kind":{{"group":"apps","version":"v1","kind":"DaemonSet"}},"operation":"{operation}","object":{new},"oldObject":{old}}}}}"#
    )
}

/// The texts that a road needs: a review, or the file and the stored file of the command.
fn input(shape: &Shape<'_>, road: Road, count: usize) -> (String, String) {
    let new = shape.object(count, 0, false);
    match road {
        Road::Create | Road::Strict => (body_of(&new, None), String::new()),
        Road::Same => (body_of(&new, Some(&new)), String::new()),
        Road::Different => (body_of(&new, Some(&shape.object(count, 1_000_000, false))), String::new()),
        Road::Reversed => (body_of(&new, Some(&shape.object(count, 0, true))), String::new()),
        Road::Command => (new, String::new()),
        Road::Against => (new, shape.object(count, 0, true)),
    }
}

struct Judge {
    default: Levels,
    strict: Levels,
    folder: tempfile::TempDir,
}

impl Judge {
    fn work(&self, road: Road, (text, stored): &(String, String)) -> usize {
        match road {
            Road::Command => lint(["--format", "json", "-"], text.as_bytes()).stdout.len(),
            Road::Against => {
                let file = self.folder.path().join("stored.json");
                std::fs::write(&file, stored).unwrap();
                lint(["--against", file.to_str().unwrap(), "-"], text.as_bytes()).stdout.len()
            }
            _ => {
                let levels =
                    if matches!(road, Road::Strict | Road::Reversed) { &self.strict } else { &self.default };
                let faultless = FaultlessSpecs::default();
                let server = Some(Server::newest());
                let budget = &Budget::unbounded();
                let faultless = &faultless;
                let context = Context { levels, server, faultless, placement: None, named_nodes: 3, budget };
                match judge(text.as_bytes(), &context) {
                    Ok(judged) => judged.decision.answer.body("u").unwrap().len(),
                    Err(error) => error.to_string().len(),
                }
            }
        }
    }
}

#[test]
fn work_and_memory_grow_with_the_object() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let first = usize::try_from(setting("GROWTH", 100)).unwrap();
    let wanted = std::env::var("PLACES").unwrap_or_default();
    let table = std::env::var_os("GROWTH_TABLE");
    let all = BTreeMap::from([("*".to_owned(), Level::Deny)]);
    let judge = Judge {
        default: Levels::default(),
        strict: Levels::new(&Config { levels: all, ..Config::default() }),
        folder: tempfile::tempdir().unwrap(),
    };
    let api = Api::of(Server::supported().last().unwrap());
    let places = api.places();
    println!("{} lists and maps", places.len());
    let mut rows = Vec::new();
    let mut faults = Vec::new();
    let mut turns = Turns::new();
    for place in &places {
        for filling in FILLINGS {
            let shape = Shape { api: &api, place, filling };
            if !shape.name().contains(&wanted) {
                continue;
            }
            for road in ROADS {
                if !turns.is_on() {
                    continue;
                }
                let first = if filling == Filling::Long { first * 4 } else { first };
                let growth = Growth::measure(
                    format!("{} {road:?}", shape.name()),
                    first,
                    |count| input(&shape, road, count),
                    |input| judge.work(road, input),
                );
                if let Some(fault) = growth.fault() {
                    println!("{fault}");
                    faults.push(fault);
                }
                rows.push(growth);
            }
        }
    }
    if let Some(file) = table {
        let rows: Vec<String> = rows.iter().map(|growth| growth.row() + "\n").collect();
        std::fs::write(file, rows.concat()).unwrap();
    }
    assert!(faults.is_empty(), "{} of {} grow too fast: {faults:#?}", faults.len(), rows.len());
}
