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
