//! Makes text from manifests, clusters, file names and servers safe to print: none of it can control a terminal or be invisible.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

/// The text on one line, with every control character and every invisible formatting character as an escape: `\n`, `\u001b`.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden)
}

/// The same for a text of several lines: line feeds stay.
pub(crate) fn shown_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |character| character != '\n' && is_hidden(character))
}

/// A path on one line. Bytes that are not Unicode are replaced.
pub(crate) fn shown_path(path: &Path) -> String {
    shown(&path.to_string_lossy()).into_owned()
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len().saturating_add(16));
    for character in text.chars() {
        if is_escaped(character) {
            push_escape(character, &mut safe);
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// Whether a character must not reach a terminal unescaped: C0 and C1 controls, DEL, line separators, and formatting characters that
/// change the direction of text or have no width, so that a text would look like a different one.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{AD}'
                | '\u{61C}'
                | '\u{180E}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E007F}'
        )
}

/// Appends the character as a JSON escape. A double-quoted scalar of YAML accepts it as well.
pub(crate) fn push_escape(character: char, into: &mut String) {
    match character {
        '\n' => into.push_str("\\n"),
        '\r' => into.push_str("\\r"),
        '\t' => into.push_str("\\t"),
        _ => {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                into.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
}

/// A writer that escapes hidden characters other than line feeds. JSON keeps its meaning, since hidden characters are only inside its
/// strings.
pub(crate) struct SafeWriter<'w> {
    out: &'w mut dyn Write,
    /// The colour sequences that the report itself writes.
    colors: &'static [&'static str],
    /// The first bytes of a character whose other bytes have not been written yet.
    rest: Vec<u8>,
}

impl<'w> SafeWriter<'w> {
    /// A writer that passes on these colour sequences and no others.
    pub(crate) const fn new(out: &'w mut dyn Write, colors: &'static [&'static str]) -> Self {
        Self { out, colors, rest: Vec::new() }
    }

    fn text(&mut self, mut text: &str) -> io::Result<()> {
        let is_escaped = |character| character != '\n' && is_hidden(character);
        while let Some(at) = text.find(is_escaped) {
            let (before, behind) = text.split_at(at);
            self.out.write_all(before.as_bytes())?;
            if let Some(color) = self.colors.iter().find(|color| behind.starts_with(**color)) {
                self.out.write_all(color.as_bytes())?;
                text = behind.get(color.len()..).unwrap_or_default();
                continue;
            }
            let mut characters = behind.chars();
            let mut escape = String::new();
            if let Some(character) = characters.next() {
                push_escape(character, &mut escape);
            }
            self.out.write_all(escape.as_bytes())?;
            text = characters.as_str();
        }
        self.out.write_all(text.as_bytes())
    }
}

impl Write for SafeWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let joined;
        let mut left = if self.rest.is_empty() {
            bytes
        } else {
            joined = [std::mem::take(&mut self.rest).as_slice(), bytes].concat();
            &joined
        };
        loop {
            let error = match std::str::from_utf8(left) {
                Ok(text) => {
                    self.text(text)?;
                    return Ok(bytes.len());
                }
                Err(error) => error,
            };
            let (text, behind) = left.split_at(error.valid_up_to());
            self.text(std::str::from_utf8(text).unwrap_or_default())?;
            let Some(wrong) = error.error_len() else {
                self.rest = behind.to_vec();
                return Ok(bytes.len());
            };
            self.text("\u{FFFD}")?;
            left = behind.get(wrong..).unwrap_or_default();
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_a_terminal_is_escaped() {
        for (text, safe) in [
            ("agent-ü-日本", "agent-ü-日本"),
            ("\x1b]0;x\x07", "\\u001b]0;x\\u0007"),
            ("a\u{9b}31mb\x7f", "a\\u009b31mb\\u007f"),
            ("one\ntwo\r\tthree\0", "one\\ntwo\\r\\tthree\\u0000"),
            ("safe\u{202e}lmay.", "safe\\u202elmay."),
            ("a\u{200b}b\u{feff}c\u{2066}d\u{ad}", "a\\u200bb\\ufeffc\\u2066d\\u00ad"),
            ("tag\u{e0041}", "tag\\udb40\\udc41"),
        ] {
            assert_eq!(shown(text), safe);
        }
        assert_eq!(shown_lines("one\ntwo\x1b[2J"), "one\ntwo\\u001b[2J");
        assert!(matches!(shown("agent"), Cow::Borrowed(_)));
    }

    fn written(parts: &[&[u8]], colors: &'static [&'static str]) -> String {
        let mut out = Vec::new();
        let mut safe = SafeWriter::new(&mut out, colors);
        for part in parts {
            assert!(safe.write_all(part).is_ok());
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn a_safe_writer_lets_pass_its_own_colours_alone() {
        let text = "\x1b[32mruns\x1b[0m on \x1b[5mn1\x1b]8;;http://x\x1b\\\n".as_bytes();
        assert_eq!(
            written(&[text], &["\x1b[32m", "\x1b[0m"]),
            "\x1b[32mruns\x1b[0m on \\u001b[5mn1\\u001b]8;;http://x\\u001b\\\n"
        );
        assert!(!written(&[text], &[]).contains('\x1b'));
    }

    #[test]
    fn a_character_may_come_in_two_parts() {
        assert_eq!(written(&[b"a\xC2", b"\x9Bm\xE2\x80", b"\xAEx\xFFy"], &[]), "a\\u009bm\\u202ex\u{FFFD}y");
        assert_eq!(written(&["日".as_bytes().split_at(1).0, "日".as_bytes().split_at(1).1], &[]), "日");
    }

    #[test]
    fn json_stays_the_same_json() {
        let value = "x\u{9b}\x7f\u{202e}\u{e0001}\n\x1b";
        let json = serde_json::to_string(value).unwrap_or_default();
        let safe = written(&[json.as_bytes()], &[]);
        assert!(!safe.chars().any(is_hidden), "{safe}");
        assert_eq!(serde_json::from_str::<String>(&safe).ok().as_deref(), Some(value));
    }
}
