//! YAML as the API machinery reads it: sigs.k8s.io/yaml on go-yaml v2, which is YAML 1.1 by the laws of libyaml.
//!
//! granit-parser turns text into events (`events`); what they mean is decided here (`compose`, `resolve`, `merge`).

mod alias;
mod binary;
mod compose;
mod deferred;
mod differences;
mod events;
mod keys;
mod merge;
mod number;
mod patch;
mod problem;
mod resolve;
mod suspicions;
mod tabs;
mod tag;
mod timestamp;
mod wide_breaks;
mod words;

use std::ops::Range;

use daemonset_validation::Tree;

use self::compose::Composer;
use self::events::Events;
use self::problem::{Fault, Problem};
use self::suspicions::Suspicions;
use super::SyntaxError;

pub(super) use self::binary::replace_invalid;
pub(super) use self::keys::{KeyKind, TypedEntry, flag_duplicates};

/// What a document turns out to be.
pub type Parsed<'a> = Result<Tree<'a>, SyntaxError>;

/// Reads the document at `range` of a file. Spans are offsets into the file.
///
/// An entry whose key occurs earlier in its mapping is flagged: the lenient decoder takes the last one, the strict one rejects it.
///
/// # Errors
///
/// Where the text is not a document that the API machinery reads: what is wrong, and where.
pub fn parse(file: &str, range: Range<usize>) -> Parsed<'_> {
    compose(file, range).map_err(|fault| fault.explain(file))
}

/// How often a document may be read again because the parser is stricter than go-yaml.
const ATTEMPTS: usize = 200;

fn compose(file: &str, range: Range<usize>) -> Result<Tree<'_>, Fault> {
    let document = file.get(range.clone()).unwrap_or_default();
    let suspicions = Suspicions::of(document);
    if let Some((position, character)) = suspicions.forbidden(document) {
        let start = range.start.saturating_add(position);
        let end = start.saturating_add(character.len_utf8());
        return Err(Fault::new(Problem::Forbidden(character), start, end));
    }
    let mut patched: Option<String> = None;
    let mut attempts = 0..ATTEMPTS;
    let composed = loop {
        let parsed = patched.as_deref().unwrap_or(document);
        let composed =
            Composer::new(Events::new(document, parsed, range.start, suspicions), document.len()).compose();
        let Err(Fault { problem: Problem::Syntax(kind), start, .. }) = &composed else { break composed };
        match attempts.next().and_then(|_| patch::patch(parsed, kind, start.saturating_sub(range.start))) {
            Some(copy) => patched = Some(copy),
            None => break composed,
        }
    };
    // A tab that was taken for indentation is the likely cause of whatever the parser found behind it.
    let tab =
        if suspicions.tab() { tabs::find(document, patched.as_deref().unwrap_or(document)) } else { None };
    match tab.map(|tab| range.start.saturating_add(tab)) {
        Some(tab) if !matches!(&composed, Err(fault) if fault.start < tab) => {
            Err(Fault::new(Problem::Tab, tab, tab.saturating_add(1)))
        }
        _ => composed,
    }
}
