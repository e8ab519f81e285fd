//! Parses JSON with the grammar of Go's `encoding/json`. Each value has its span.

use std::borrow::Cow;

use daemonset_validation::{NodeId, Tree, TreeBuilder, Value};

use super::syntax_error::{SyntaxError, span};
use super::yaml::{KeyKind, TypedEntry, flag_duplicates};

/// The maximum depth of nested values.
const MAX_DEPTH: usize = 10_000;

/// Parses the value that begins at or after an offset, and returns it with the offset after it.
pub(super) fn parse(text: &str, at: usize) -> Result<(Tree<'_>, usize), SyntaxError> {
    Reader {
        text,
        at,
        builder: TreeBuilder::default(),
        frames: Vec::new(),
        items: Vec::new(),
        entries: Vec::new(),
    }
    .read()
}

/// Whether a text consists only of JSON values.
pub(super) fn is_stream(text: &str) -> bool {
    let mut at = 0;
    while !text.get(at..).unwrap_or_default().trim_start_matches(SPACE).is_empty() {
        match parse(text, at) {
            Ok((_, end)) => at = end,
            Err(_) => return false,
        }
    }
    true
}

const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// An array or an object that has not ended yet.
#[derive(Debug)]
struct Frame<'a> {
    start: usize,
    /// The index of its first child on the stack of children.
    first: usize,
    /// The key of an object whose value has not been read yet.
    key: Option<(Cow<'a, str>, usize, usize)>,
    object: bool,
}

#[derive(Debug)]
struct Reader<'a> {
    text: &'a str,
    at: usize,
    builder: TreeBuilder<'a>,
    frames: Vec<Frame<'a>>,
    items: Vec<NodeId>,
    entries: Vec<TypedEntry<'a>>,
}

impl<'a> Reader<'a> {
    fn read(mut self) -> Result<(Tree<'a>, usize), SyntaxError> {
        loop {
            let Some(mut node) = self.value()? else { continue };
            // The end of a value may be the end of the collections around it.
            loop {
                let Some(frame) = self.frames.last_mut() else {
                    return Ok((self.builder.finish(node), self.at));
                };
                match frame.key.take() {
                    Some((key, start, end)) => {
                        let entry = daemonset_validation::Entry {
                            key,
                            key_span: span(start, end),
                            value: node,
                            duplicate: false,
                        };
                        self.entries.push(TypedEntry { entry, kind: KeyKind::String, merged: false });
                    }
                    None => self.items.push(node),
                }
                let object = frame.object;
                match self.next_byte() {
                    Some(b',') => {
                        self.at = self.at.saturating_add(1);
                        if object {
                            self.key(false)?;
                        }
                        break;
                    }
                    Some(b'}') if object => node = self.close(),
                    Some(b']') if !object => node = self.close(),
                    _ if object => return Err(self.expected("`,` or `}`")),
                    _ => return Err(self.expected("`,` or `]`")),
                }
            }
        }
    }

    /// Reads a value; `None` if it is a collection whose first child comes next.
    fn value(&mut self) -> Result<Option<NodeId>, SyntaxError> {
        let byte = self.next_byte();
        let start = self.at;
        let value = match byte {
            Some(b'{' | b'[') => return self.open(byte == Some(b'{')),
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Value::Number(Cow::Borrowed(self.number()?)),
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(b']') if self.frames.last().is_some_and(|frame| !frame.object) => {
                return Err(self.problem("JSON does not allow a comma before `]`"));
            }
            _ => return Err(self.expected("a value")),
        };
        Ok(Some(self.builder.scalar(value, span(start, self.at))))
    }

    fn open(&mut self, object: bool) -> Result<Option<NodeId>, SyntaxError> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(self.problem("values nest deeper than 10,000 levels"));
        }
        let first = if object { self.entries.len() } else { self.items.len() };
        self.frames.push(Frame { start: self.at, first, key: None, object });
        self.at = self.at.saturating_add(1);
        if self.next_byte() == Some(if object { b'}' } else { b']' }) {
            return Ok(Some(self.close()));
        }
        if object {
            self.key(true)?;
        }
        Ok(None)
    }

    /// Ends the innermost collection at its bracket.
    fn close(&mut self) -> NodeId {
        self.at = self.at.saturating_add(1);
        let Some(frame) = self.frames.pop() else {
            return self.builder.scalar(Value::Null, span(self.at, self.at));
        };
        let place = span(frame.start, self.at);
        if frame.object {
            flag_duplicates(self.entries.get_mut(frame.first..).unwrap_or_default());
            let entries = self.entries.drain(frame.first.min(self.entries.len())..);
            self.builder.mapping(entries.map(|typed| typed.entry), place)
        } else {
            let items = self.items.drain(frame.first.min(self.items.len())..);
            self.builder.sequence(items, place)
        }
    }

    /// Reads a key and its colon.
    fn key(&mut self, first: bool) -> Result<(), SyntaxError> {
        match self.next_byte() {
            Some(b'"') => {}
            Some(b'}') if !first => {
                return Err(self.problem("JSON does not allow a comma before `}`"));
            }
            _ => return Err(self.expected("a key in double quotes")),
        }
        let start = self.at;
        let key = self.string()?;
        let end = self.at;
        if self.next_byte() != Some(b':') {
            return Err(self.expected("`:` after the key"));
        }
        self.at = self.at.saturating_add(1);
        if let Some(frame) = self.frames.last_mut() {
            frame.key = Some((key, start, end));
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is not white space.
    fn next_byte(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at = self.at.saturating_add(1);
        }
        self.peek()
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, SyntaxError> {
        if !self.text.get(self.at..).unwrap_or_default().starts_with(word) {
            return Err(self.expected("a value"));
        }
        self.at = self.at.saturating_add(word.len());
        Ok(value)
    }

    fn number(&mut self) -> Result<&'a str, SyntaxError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at = self.at.saturating_add(1);
        }
        if self.peek() == Some(b'0') {
            self.at = self.at.saturating_add(1);
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at = self.at.saturating_add(1);
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at = self.at.saturating_add(1);
            if let Some(b'+' | b'-') = self.peek() {
                self.at = self.at.saturating_add(1);
            }
            self.digits()?;
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    fn digits(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at = self.at.saturating_add(1);
        }
        if self.at == start { Err(self.expected("a digit")) } else { Ok(()) }
    }

    /// Reads a string: a slice of the text, or a copy if it has escapes.
    fn string(&mut self) -> Result<Cow<'a, str>, SyntaxError> {
        let opening = self.at;
        self.at = self.at.saturating_add(1);
        let mut copy: Option<String> = None;
        loop {
            let run = self.at;
            let rest = self.text.as_bytes().get(run..).unwrap_or_default();
            let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F));
            self.at = run.saturating_add(length.unwrap_or(rest.len()));
            let plain = self.text.get(run..self.at).unwrap_or_default();
            if let Some(copy) = &mut copy {
                copy.push_str(plain);
            }
            match self.peek() {
                Some(b'"') => {
                    self.at = self.at.saturating_add(1);
                    return Ok(copy.map_or(Cow::Borrowed(plain), Cow::Owned));
                }
                Some(b'\\') => {
                    let escaped = self.escape()?;
                    copy.get_or_insert_with(|| plain.to_owned()).push(escaped);
                }
                Some(_) => {
                    return Err(self
                        .problem("JSON does not allow line breaks or other control characters in a string"));
                }
                None => {
                    let message = "the string that begins here is not closed";
                    return Err(SyntaxError::new(message, opening, opening.saturating_add(1)));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let code = self.text.as_bytes().get(self.at.saturating_add(1)).copied();
        let character = match code {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.code_point(),
            _ => return Err(self.problem("this is not an escape sequence of JSON")),
        };
        self.at = self.at.saturating_add(2);
        Ok(character)
    }

    /// Reads `\uXXXX`, or two of them for a surrogate pair. An unpaired surrogate becomes U+FFFD.
    fn code_point(&mut self) -> Result<char, SyntaxError> {
        let Some(unit) = self.code_unit(self.at) else {
            return Err(self.problem("four hexadecimal digits must follow `\\u`"));
        };
        self.at = self.at.saturating_add(6);
        let second = if (0xD800..0xDC00).contains(&unit) { self.code_unit(self.at) } else { None };
        let mut characters = char::decode_utf16([unit].into_iter().chain(second));
        match characters.next() {
            Some(Ok(character)) => {
                if second.is_some() {
                    self.at = self.at.saturating_add(6);
                }
                Ok(character)
            }
            _ => Ok(char::REPLACEMENT_CHARACTER),
        }
    }

    fn code_unit(&self, at: usize) -> Option<u16> {
        let digits = self.text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u16::from_str_radix(digits, 16).ok()
    }

    /// An error at the current offset.
    fn problem(&self, message: impl Into<String>) -> SyntaxError {
        let width = self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        SyntaxError::new(message, self.at, self.at.saturating_add(width))
    }

    fn expected(&self, what: &str) -> SyntaxError {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            None => self.problem(format!("JSON: {what} is expected, but the text ends")),
            Some('/' | '#') => self.problem("JSON does not allow comments"),
            Some('\'') => self.problem("JSON allows only double quotes"),
            Some(found) => self.problem(format!("JSON: {what} is expected, not `{}`", found.escape_debug())),
        }
    }
}

#[cfg(test)]
mod tests {
    use daemonset_validation::Value;

    use super::parse;

    fn string(text: &str) -> Option<String> {
        let (tree, end) = parse(text, 0).ok()?;
        match tree.value(tree.root()) {
            Value::String(value) if end == text.len() => Some(value.to_string()),
            _ => None,
        }
    }

    #[test]
    fn unpaired_surrogates_are_replaced() {
        for (text, value) in [
            (r#""a\ud83d\ude00b""#, "a\u{1F600}b"),
            (r#""\ud83d""#, "\u{FFFD}"),
            (r#""\ude00x""#, "\u{FFFD}x"),
            (r#""\ud83d\u0041""#, "\u{FFFD}A"),
            (r#""\ud83d\ud83d\ude00""#, "\u{FFFD}\u{1F600}"),
            (r#""\/\b\u0000""#, "/\u{8}\0"),
        ] {
            assert_eq!(string(text).as_deref(), Some(value), "{text}");
        }
    }

    #[test]
    fn numbers_keep_their_text_and_equal_keys_are_flagged() {
        let text = r#"{"a": -0, "b": 1E+5, "\u0061": 0.10}"#;
        let Ok((tree, _)) = parse(text, 0) else { return assert_eq!(text, "") };
        let entries = tree.entries(tree.root());
        let shown: Vec<_> =
            entries.iter().map(|entry| (&*entry.key, entry.duplicate, tree.value(entry.value))).collect();
        let number = |text: &'static str| Value::Number(text.into());
        let expected =
            [("a", false, &number("-0")), ("b", false, &number("1E+5")), ("a", true, &number("0.10"))];
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for text in [
            r#"{"a":01}"#,
            r#"{"a":1.}"#,
            r#"{"a":1,}"#,
            "[1,]",
            r#""\x""#,
            "\"\t\"",
            "{'a':1}",
            "tru",
            "",
            "[1 2]",
        ] {
            // Go ends the number here and expects the next value.
            assert!(parse(text, 0).is_err(), "{text}");
        }
    }
}
