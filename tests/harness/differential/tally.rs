//! The totals of a run of comparisons.

#![expect(clippy::arithmetic_side_effects, reason = "these are counts of a run")]

use std::collections::BTreeMap;

use crate::differential::answer::{Answer, Class};
use crate::differential::compare::Difference;

/// Counts.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Questions that could be asked.
    pub cases: u64,
    /// Questions that could not: their stored object cannot be read.
    pub unasked: u64,
    /// Questions about an update.
    pub updates: u64,
    /// How far the documents got at the server.
    pub classes: BTreeMap<Class, u64>,
    /// Answers with the same yes or no.
    pub same_verdict: u64,
    /// Documents that only we refuse.
    pub false_alarms: u64,
    /// Documents that only the server refuses.
    pub overlooked: u64,
    /// Answers of the server with validation behind them.
    pub validated: u64,
    /// Of these, the ones with the same reasons at the same fields, each as often.
    pub same_causes: u64,
    /// Documents that the server takes.
    pub accepted: u64,
    /// Of these, the ones with the same warnings.
    pub same_warnings: u64,
    /// Warnings of the server.
    pub warnings: u64,
    /// Refusals of strict reading.
    pub strict: u64,
    /// Of these, the ones that name the same keys.
    pub same_strict: u64,
    /// Errors at the same field for the same reason.
    pub errors: u64,
    /// Of these, the ones with the same detail, byte for byte.
    pub same_detail: u64,
    /// Of these, the ones with the same whole sentence, value included.
    pub same_sentence: u64,
}

impl Tally {
    /// Adds the outcome of one question.
    pub fn add(&mut self, update: bool, theirs: &Answer, ours: &Answer, differences: &[Difference]) {
        let class = theirs.class();
        if class == Class::Unasked || ours.class() == Class::Unasked {
            self.unasked += 1;
            return;
        }
        self.cases += 1;
        self.updates += u64::from(update);
        *self.classes.entry(class).or_default() += 1;
        self.same_verdict += u64::from(theirs.valid == ours.valid);
        self.false_alarms += u64::from(theirs.valid && !ours.valid);
        self.overlooked += u64::from(!theirs.valid && ours.valid);
        let none = |kinds: &[&str]| u64::from(!differences.iter().any(|found| kinds.contains(&found.kind)));
        let count = |kind: &str| differences.iter().filter(|found| found.kind == kind).count() as u64;
        if matches!(class, Class::Valid | Class::Invalid | Class::Strict) {
            self.validated += 1;
            self.same_causes += none(&["class", "missing error", "false error"]);
            let met = (theirs.found().len() as u64).saturating_sub(count("missing error"));
            self.errors += met;
            self.same_detail += met.saturating_sub(count("detail"));
            self.same_sentence +=
                met.saturating_sub(count("detail")).saturating_sub(count("value in a sentence"));
        }
        if class == Class::Valid {
            self.accepted += 1;
            self.warnings += theirs.warnings.len() as u64;
            self.same_warnings += none(&["class", "missing warning", "false warning"]);
        }
        if class == Class::Strict {
            self.strict += 1;
            self.same_strict += none(&["class", "strict errors"]);
        }
    }

    /// The counts as lines for people.
    pub fn lines(&self) -> Vec<String> {
        let share = |part: u64, whole: u64| {
            let percent = if whole == 0 { 100.0 } else { part as f64 * 100.0 / whole as f64 };
            format!("{part} of {whole} ({percent:.4} %)")
        };
        let classes: Vec<String> =
            self.classes.iter().map(|(class, count)| format!("{class:?} {count}").to_lowercase()).collect();
        vec![
            format!(
                "cases: {} ({} of them updates; {} more could not be asked)",
                self.cases, self.updates, self.unasked
            ),
            format!("the server's answers: {}", classes.join(", ")),
            format!("same verdict: {}", share(self.same_verdict, self.cases)),
            format!("false alarms: {}, overlooked: {}", self.false_alarms, self.overlooked),
            format!("same causes and fields: {}", share(self.same_causes, self.validated)),
            format!(
                "same warnings: {}; {} warnings",
                share(self.same_warnings, self.accepted),
                self.warnings
            ),
            format!("same strict errors: {}", share(self.same_strict, self.strict)),
            format!("same detail: {}", share(self.same_detail, self.errors)),
            format!("same whole sentence: {}", share(self.same_sentence, self.errors)),
        ]
    }
}
