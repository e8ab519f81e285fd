//! `--fix` and `--diff`: makes the fixes of findings in the files.
//!
//! A fix is a list of [`Edit`](daemonset_validation::Edit)s, which say what to change in the document. Here they become edits of its text,
//! at the places of keys and values, so that comments, order, quotes and the form of everything else stay. Nothing is trusted:
//!
//! - the text with the edits is read again, and must be the document that the fix makes of the one before (`plan`);
//! - it is judged again, and must be better: never more errors, and fewer findings (`rounds`);
//! - the file is replaced as a whole, if it is still the one that was read (`save`).
//!
//! A fix that changes more than its place is not safe: in a value that other places have by an alias or a merge key, or with a comment that
//! would get lost. Templates, patches and files of which a part cannot be read are not changed.

mod candidates;
mod diff;
mod files;
mod insert;
mod page;
mod plan;
mod render;
mod rounds;
mod save;
mod shape;
mod text_edit;
mod write;

use std::collections::BTreeMap;
use std::collections::HashMap;

pub(crate) use files::{Fixing, Mode, Task, fix_files};
pub use text_edit::TextEdit;

use daemonset_validation::rules::{Rule, find};

use crate::engine::Engine;
use crate::engine::outcome::FileReport;

/// A fix of a finding as edits of the text of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextFix {
    /// Whether it is safe to make without review.
    pub safe: bool,
    /// The edits, sorted and apart from each other. They are made together or not at all.
    pub edits: Vec<TextEdit>,
}

/// The fixes of a report's findings as edits of its text, by the position of the finding's document in the report and that of the finding
/// in the document. A finding whose fix cannot be made in the text has none. Each was tried: the text with its edits is the document that
/// is meant.
pub fn text_fixes(report: &FileReport) -> HashMap<(usize, usize), TextFix> {
    let found = candidates::tried(report).into_iter();
    found.map(|(place, one)| (place, TextFix { safe: one.safe, edits: one.edits })).collect()
}

/// How many findings of a report have a fix that `--fix` makes, safe ones and others. It judges each file by itself, so what other files or
/// nodes show is not among them.
pub(crate) fn counts(report: &FileReport) -> (usize, usize) {
    let found = candidates::of_findings(report);
    let is_made = |rule: &str| find(rule).is_some_and(Rule::is_of_one_file);
    let made = || found.values().filter(|candidate| is_made(candidate.rule));
    let safe = made().filter(|candidate| candidate.safe).count();
    (safe, made().count().saturating_sub(safe))
}

/// What was made of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MendedText {
    /// The text.
    pub text: String,
    /// How many fixes of each rule were made.
    pub rules: BTreeMap<&'static str, usize>,
}

/// Makes the fixes of a text that is named `path`: the safe ones, or all.
pub fn mend_text(path: &str, text: &str, with_unsafe: bool, engine: &Engine<'_>) -> MendedText {
    let engine = for_judging(engine);
    let judge = |text: &str| engine.settled(engine.check(path.to_owned(), text.as_bytes().to_vec()));
    let rounds::Mended { text, rules, .. } = rounds::mend(text, with_unsafe, &judge);
    MendedText { text, rules }
}

/// The engine that judges a text by itself, with all its findings.
fn for_judging<'e>(engine: &Engine<'e>) -> Engine<'e> {
    Engine { cluster: None, applied: None, all_findings: true, ..engine.clone() }
}
