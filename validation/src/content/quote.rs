//! Quoting as in Go.

use std::fmt::Write as _;

/// Prints `text` as Go's `%q` does.
///
/// Upstream: `strconv.Quote`.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len().saturating_add(2));
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            ' '..='~' => quoted.push(character),
            // Writing to a String cannot fail.
            '\0'..='\u{1f}' | '\u{7f}' => _ = write!(quoted, "\\x{:02x}", u32::from(character)),
            _ if is_print(character) => quoted.push(character),
            _ if u32::from(character) < 0x1_0000 => _ = write!(quoted, "\\u{:04x}", u32::from(character)),
            _ => _ = write!(quoted, "\\U{:08x}", u32::from(character)),
        }
    }
    quoted.push('"');
    quoted
}

/// Prints `text` as a JSON string, with the escapes that make it safe inside HTML.
///
/// Upstream: `encoding/json.Marshal`.
pub(crate) fn quote_json(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len().saturating_add(2));
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Writing to a String cannot fail.
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether Go prints the character unescaped: letters, marks, numbers, punctuation and symbols. Go and Rust agree on these, except
/// for characters added to Unicode after Go's tables were generated.
fn is_print(character: char) -> bool {
    // Rust escapes a combining mark at the start of a text.
    let text = ['a', character].iter().collect::<String>();
    text.escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use super::{quote, quote_json};

    #[test]
    fn as_go_does() {
        for (text, quoted) in [
            ("a", "\"a\""),
            ("a\"b\\", "\"a\\\"b\\\\\""),
            ("é☺", "\"é☺\""),
            ("\u{301}\u{94d}", "\"\u{301}\u{94d}\""),
            ("\u{1}\u{7f}\n", "\"\\x01\\x7f\\n\""),
            ("\u{a0}\u{feff}", "\"\\u00a0\\ufeff\""),
        ] {
            assert_eq!(quote(text), quoted);
        }
    }

    #[test]
    fn as_json_is_quoted() {
        for (text, quoted) in [
            ("a", "\"a\""),
            ("a\"b\\", "\"a\\\"b\\\\\""),
            ("<é>&", "\"\\u003cé\\u003e\\u0026\""),
            ("\u{1}\u{7f}\n\u{2028}", "\"\\u0001\u{7f}\\n\\u2028\""),
        ] {
            assert_eq!(quote_json(text), quoted);
        }
    }
}
