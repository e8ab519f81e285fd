//! What go-yaml accepts and granit-parser, being a parser of YAML 1.2, does not. The parser then reads a copy in which this is written
//! otherwise, byte for byte at the same places, so that spans and slices still belong to the file.

use granit_parser::{ErrorKind, ScalarStyle, Scanner, StrInput, TokenType};

use super::events;

/// Stands for an apostrophe that was escaped in double quotes. No document holds it, because it is a control character.
pub(super) const APOSTROPHE: char = '\u{B}';

/// The copy to read instead, if the error is about something that go-yaml accepts.
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

/// Blanks a comment that follows a bracket or a header without a space.
fn without_comment(document: &str, at: usize) -> Option<String> {
    let rest = document.get(at..)?;
    if !rest.starts_with('#') {
        return None;
    }
    let end = rest.find(['\n', '\r']).map_or(document.len(), |length| at.saturating_add(length));
    let (before, after) = (document.get(..at)?, document.get(end..)?);
    Some(format!("{before}{}{after}", " ".repeat(end.saturating_sub(at))))
}

/// Writes `\'` otherwise in the scalar in double quotes that begins at a place.
fn without_apostrophes(document: &str, at: usize) -> Option<String> {
    let inside = document.get(at..)?.strip_prefix('"')?;
    // A scalar that uses the stand-in itself could not be told from one that does not.
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

/// Writes spaces for tabs at the beginnings of lines, but not in block scalars. Whether go-yaml allows those tabs is decided elsewhere.
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
