//! Finds what granit-parser accepts as YAML 1.2 and go-yaml refuses.

use super::problem::Problem;

/// Whether the name of an anchor or an alias is valid in go-yaml: letters, digits, `_` and `-`.
pub(super) fn is_name(source: &str) -> bool {
    let name = source.get(1..).unwrap_or_default();
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// A character that go-yaml refuses in a plain scalar inside brackets: there, every `?` is an indicator, and a `:` at the beginning is
/// one, too.
pub(super) fn in_brackets(source: &str) -> Option<(usize, Problem)> {
    if source.starts_with(':') {
        return Some((0, Problem::InBrackets(':')));
    }
    source.find('?').map(|position| (position, Problem::InBrackets('?')))
}

/// The offset of a directive before `marker` that is neither `%YAML` nor `%TAG`.
pub(super) fn directive(document: &str, marker: usize) -> Option<usize> {
    let mut start = 0_usize;
    for line in document.get(..marker)?.split_inclusive('\n') {
        if let Some(directive) = line.strip_prefix('%') {
            let name = directive.split_ascii_whitespace().next().unwrap_or_default();
            if !matches!(name, "YAML" | "TAG") {
                return Some(start);
            }
        }
        start = start.saturating_add(line.len());
    }
    None
}

/// An escape sequence in a double-quoted scalar that YAML 1.2 took from JSON and go-yaml does not have. Without a problem: one that
/// go-yaml has and the parser reads differently.
pub(super) fn escape(source: &str) -> Option<(usize, Option<Problem>)> {
    let mut bytes = source.bytes().enumerate();
    let mut apostrophe = None;
    while let Some((position, byte)) = bytes.next() {
        if byte != b'\\' {
            continue;
        }
        match bytes.next().map(|(_, code)| code) {
            Some(b'/') => return Some((position, Some(Problem::Escape))),
            Some(b'\'') => apostrophe = Some((position, None)),
            Some(b'u') => {
                let digits = source.get(position.saturating_add(2)..).unwrap_or_default();
                if digits.starts_with(['d', 'D']) && digits.get(1..2).is_none_or(|digit| digit >= "8") {
                    return Some((position, Some(Problem::Surrogate)));
                }
            }
            _ => {}
        }
    }
    apostrophe
}

/// The maximum number of characters from the start of a key without `?` to its colon.
const LONGEST_KEY: usize = 1024;

/// Why go-yaml does not read `start..end`, which is between brackets, as a key: without a `?` before it, a key and its colon are on one
/// line and not far apart. `properties` is the number of anchors and tags before it.
pub(super) fn flow_key(document: &str, start: usize, end: usize, properties: usize) -> Option<Problem> {
    let colon = end.saturating_add(colon(document.get(end..)?)?);
    let start = before_properties(document, start, properties);
    let key = document.get(start..colon)?;
    let problem = if key.contains(['\n', '\r']) {
        Problem::KeyOverLines
    } else if key.len() > LONGEST_KEY && key.chars().count() > LONGEST_KEY {
        Problem::LongKey
    } else {
        return None;
    };
    let before = document.get(..start)?.trim_end();
    let explicit = before.ends_with('?') && before.len() < start;
    (!explicit).then_some(problem)
}

/// The offset of the colon that follows white space and comments, if one follows.
fn colon(text: &str) -> Option<usize> {
    let mut at = 0_usize;
    loop {
        let rest = text.get(at..)?;
        let code = rest.trim_start();
        at = at.saturating_add(rest.len().saturating_sub(code.len()));
        match code.bytes().next()? {
            b':' => return Some(at),
            b'#' => at = at.saturating_add(code.find('\n')?),
            _ => return None,
        }
    }
}

/// The offset of the first of so many anchors and tags before an offset.
fn before_properties(document: &str, start: usize, properties: usize) -> usize {
    let mut at = start;
    for _ in 0..properties {
        match last_word(document, document.get(..at).unwrap_or_default().trim_end().len()) {
            word if document.get(word..).is_some_and(|word| word.starts_with(['&', '!'])) => at = word,
            _ => break,
        }
    }
    at
}

/// Where the word begins that ends at an offset.
fn last_word(document: &str, end: usize) -> usize {
    let before = document.get(..end).unwrap_or_default();
    let bound = |(_, character): &(usize, char)| character.is_whitespace() || "{[,".contains(*character);
    before.char_indices().rev().find(bound).map_or(0, |(at, bound)| at.saturating_add(bound.len_utf8()))
}

/// The tag that ends at the node's offset, if no white space follows it: go-yaml then refuses it or reads further characters into it.
pub(super) fn glued_tag(document: &str, start: usize) -> Option<std::ops::Range<usize>> {
    if document.get(start..)?.chars().next().is_none_or(char::is_whitespace) {
        return None;
    }
    let word = last_word(document, start);
    let text = document.get(word..start)?;
    let tag = text.find('!')?;
    // White space follows the tag if an anchor is between it and the node. A key in quotes may be glued to the tag.
    (!text.get(tag..)?.contains('&')).then(|| word.saturating_add(tag)..start)
}
