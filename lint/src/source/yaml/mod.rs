//! Reads YAML as the API machinery does: sigs.k8s.io/yaml uses go-yaml v2, which implements YAML 1.1 as libyaml does.
//!
//! granit-parser turns the text into events (`events`). This module gives them their meaning (`compose`, `resolve`, `merge`).

mod alias;
mod beside;
mod binary;
mod byte_scan;
mod comments;
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
mod tabs;
mod tag;
mod timestamp;
mod wide_breaks;
mod words;

use std::ops::Range;

use daemonset_validation::{Span, Tree};

use self::byte_scan::ByteScan;
use self::compose::Composer;
use self::events::Events;
use self::problem::{Fault, Problem};
use super::SyntaxError;

pub(super) use self::binary::replace_invalid;
pub use self::comments::MARK;
pub(super) use self::keys::{KeyKind, TypedEntry, flag_duplicates};

/// The tree of a document, or its error.
pub type Parsed<'a> = Result<Tree<'a>, SyntaxError>;

/// Reads the document at `range` of a file. Spans are offsets into the file.
///
/// An entry whose key occurs earlier in its mapping is flagged: the lenient decoder takes the last one, the strict one rejects it.
///
/// # Errors
///
/// If the API machinery cannot read the document: the message and its span.
pub fn parse(file: &str, range: Range<usize>) -> Parsed<'_> {
    compose(file, range, false).map(|(tree, _)| tree).map_err(|fault| fault.explain(file))
}

/// The same, with the comments of the document that begin with [`MARK`]. A document with an error has none.
pub(super) fn parse_with_comments(file: &str, range: Range<usize>) -> (Parsed<'_>, Vec<Span>) {
    let wanted = comments::may_be_in(file.get(range.clone()).unwrap_or_default());
    match compose(file, range.clone(), wanted) {
        Ok((tree, scalars)) if wanted => (Ok(tree), comments::find(file, range, &scalars)),
        Ok((tree, _)) => (Ok(tree), Vec::new()),
        Err(fault) => (Err(fault.explain(file)), Vec::new()),
    }
}

/// How often a document is parsed again because the parser is stricter than go-yaml. Each attempt patches one place that go-yaml accepts,
/// such as a comment right after a bracket, and parses the whole document again. The limit bounds the time for a hostile document.
/// A document with more such places than this is reported as a syntax error, although go-yaml accepts it; real manifests have few.
const ATTEMPTS: usize = 200;

/// The tree, and its scalars if they are asked for.
fn compose(
    file: &str,
    range: Range<usize>,
    with_scalars: bool,
) -> Result<(Tree<'_>, Vec<comments::Written>), Fault> {
    let document = file.get(range.clone()).unwrap_or_default();
    let scan = ByteScan::of(document);
    if let Some((position, character)) = scan.forbidden(document) {
        let start = range.start.saturating_add(position);
        let end = start.saturating_add(character.len_utf8());
        return Err(Fault::new(Problem::Forbidden(character), start, end));
    }
    let mut patched: Option<String> = None;
    let mut attempts = 0..ATTEMPTS;
    let composed = loop {
        let parsed = patched.as_deref().unwrap_or(document);
        let mut events = Events::new(document, parsed, range.start, scan);
        events.scalars = with_scalars.then(Vec::new);
        let composed = Composer::new(events, document.len()).compose();
        let Err(Fault { problem: Problem::Syntax(kind), start, .. }) = &composed else { break composed };
        match attempts.next().and_then(|_| patch::patch(parsed, kind, start.saturating_sub(range.start))) {
            Some(copy) => patched = Some(copy),
            None => break composed,
        }
    };
    // A tab as indentation is the likely cause of an error after it.
    let tab = if scan.tab() { tabs::find(document, patched.as_deref().unwrap_or(document)) } else { None };
    match tab.map(|tab| range.start.saturating_add(tab)) {
        Some(tab) if !matches!(&composed, Err(fault) if fault.start < tab) => {
            Err(Fault::new(Problem::Tab, tab, tab.saturating_add(1)))
        }
        _ => composed,
    }
}
