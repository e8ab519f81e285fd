//! Patches what go-yaml accepts and granit-parser, as a parser of YAML 1.2, refuses. The parser then reads a patched copy of the same
//! length, so that its spans are valid in the file.

use granit_parser::{ErrorKind, ScalarStyle, Scanner, StrInput, TokenType};

use super::events;

/// Replaces an escaped apostrophe in double quotes. No valid document has this character, because YAML forbids it.
pub(super) const APOSTROPHE: char = '\u{B}';

/// The patched copy, if the error is about something that go-yaml accepts.
pub(super) fn patch(document: &str, error: &ErrorKind, at: usize) -> Option<String> {
    match error {
        ErrorKind::CommentNotSeparated => without_comment(document, at),
        ErrorKind::UnknownQuotedScalarEscape => without_apostrophes(document, at),
        ErrorKind::TabInBlockIndentation | ErrorKind::TabNotAllowed | ErrorKind::TabInIndentation => {
            without_tabs(document)
        }
        _ => None,
    }
}

/// Replaces a comment that follows a bracket or a header without a space with spaces.
fn without_comment(document: &str, at: usize) -> Option<String> {
    let rest = document.get(at..)?;
    if !rest.starts_with('#') {
        return None;
    }
    let end = rest.find(['\n', '\r']).map_or(document.len(), |length| at.saturating_add(length));
    let (before, after) = (document.get(..at)?, document.get(end..)?);
    Some(format!("{before}{}{after}", " ".repeat(end.saturating_sub(at))))
}

/// Replaces `\'` in the double-quoted scalar that begins at an offset.
fn without_apostrophes(document: &str, at: usize) -> Option<String> {
    let inside = document.get(at..)?.strip_prefix('"')?;
    // If the scalar has an escape of the replacement itself, the two could not be distinguished.
    let mut length = inside.len();
    let mut bytes = inside.bytes().enumerate();
    while let Some((position, byte)) = bytes.next() {
        match byte {
            b'"' => {
                length = position;
                break;
            }
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    let scalar = inside.get(..length)?;
    let mut patched = String::with_capacity(document.len());
    patched.push_str(document.get(..at.saturating_add(1))?);
    let mut characters = scalar.chars();
    let mut changed = false;
    while let Some(character) = characters.next() {
        patched.push(character);
        if character == '\\' {
            match characters.next() {
                Some('\'') => {
                    changed = true;
                    patched.push('v');
                }
                Some('v') => return None,
                other => patched.extend(other),
            }
        }
    }
    patched.push_str(inside.get(length..)?);
    changed.then_some(patched)
}

/// Replaces tabs at the beginning of lines with spaces, but not in block scalars. `tabs` decides whether go-yaml accepts these tabs.
fn without_tabs(document: &str) -> Option<String> {
    let spaced = space_out(document, &[])?;
    let scalars: Vec<_> = Scanner::with_options(StrInput::new(&spaced), events::options())
        .map_while(Result::ok)
        .filter(|token| {
            matches!(token.token_type(), TokenType::Scalar(ScalarStyle::Literal | ScalarStyle::Folded, _))
        })
        .filter_map(|token| token.span().byte_range())
        .collect();
    space_out(document, &scalars)
}

fn space_out(document: &str, except: &[std::ops::Range<usize>]) -> Option<String> {
    let mut patched = String::with_capacity(document.len());
    let mut except = except.iter().peekable();
    let mut changed = false;
    for line in document.split_inclusive('\n') {
        let start = patched.len();
        while except.next_if(|range| range.end <= start).is_some() {}
        let text = line.trim_start_matches([' ', '\t']);
        let blank = line.len().saturating_sub(text.len());
        if except.peek().is_some_and(|range| range.contains(&start)) {
            patched.push_str(line);
        } else {
            changed |= line.get(..blank)?.contains('\t');
            patched.extend(std::iter::repeat_n(' ', blank));
            patched.push_str(text);
        }
    }
    changed.then_some(patched)
}
