//! Go's syntax check of JSON, with Go's error messages.

/// The maximum nesting depth of Go's decoder.
const MAX_DEPTH: usize = 10_000;

const UNEXPECTED_END: &str = "unexpected end of JSON input";

/// Checks that the text is one JSON value. The error is Go's message.
///
/// Upstream: `encoding/json.checkValid`.
pub(super) fn check_valid(text: &str) -> Result<(), String> {
    Scanner { bytes: text.as_bytes(), place: 0, open: Vec::new() }.document()
}

/// The innermost open collection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Object,
    Array,
}

struct Scanner<'t> {
    bytes: &'t [u8],
    place: usize,
    open: Vec<Open>,
}

impl Scanner<'_> {
    /// The current byte. At the end of the text it is a space, as in Go's scanner, which reports that space if the text ends within
    /// a word.
    fn byte(&self) -> u8 {
        self.bytes.get(self.place).copied().unwrap_or(b' ')
    }

    fn advance(&mut self) {
        self.place = self.place.saturating_add(1);
    }

    /// The next byte that is not whitespace.
    fn significant(&mut self) -> Result<u8, String> {
        while self.place < self.bytes.len() {
            match self.byte() {
                b' ' | b'\t' | b'\r' | b'\n' => self.advance(),
                byte => return Ok(byte),
            }
        }
        Err(UNEXPECTED_END.to_owned())
    }

    fn fault<T>(&self, context: &str) -> Result<T, String> {
        Err(format!("invalid character {} {context}", quote_byte(self.byte())))
    }

    fn document(mut self) -> Result<(), String> {
        loop {
            let opened = self.value_or_opening()?;
            if !opened && !self.next_value()? {
                break;
            }
        }
        while self.place < self.bytes.len() {
            match self.byte() {
                b' ' | b'\t' | b'\r' | b'\n' => self.advance(),
                _ => return self.fault("after top-level value"),
            }
        }
        Ok(())
    }

    /// Reads a scalar or an empty collection, or the opening of a collection up to its first value. Returns `true` in the last
    /// case.
    fn value_or_opening(&mut self) -> Result<bool, String> {
        match self.significant()? {
            b'{' => {
                self.enter(Open::Object)?;
                if self.significant()? == b'}' {
                    self.leave();
                    return Ok(false);
                }
                self.key()?;
                Ok(true)
            }
            b'[' => {
                self.enter(Open::Array)?;
                if self.significant()? == b']' {
                    self.leave();
                    return Ok(false);
                }
                Ok(true)
            }
            b'"' => self.string().map(|()| false),
            b'-' | b'0'..=b'9' => self.number().map(|()| false),
            b't' => self.literal("true").map(|()| false),
            b'f' => self.literal("false").map(|()| false),
            b'n' => self.literal("null").map(|()| false),
            _ => self.fault("looking for beginning of value"),
        }
    }

    fn enter(&mut self, what: Open) -> Result<(), String> {
        self.open.push(what);
        if self.open.len() > MAX_DEPTH {
            return Err("exceeded max depth".to_owned());
        }
        self.advance();
        Ok(())
    }

    fn leave(&mut self) {
        self.open.pop();
        self.advance();
    }

    /// After a value: closes the collections that end here, and returns whether another value follows.
    fn next_value(&mut self) -> Result<bool, String> {
        while let Some(open) = self.open.last().copied() {
            match (self.significant()?, open) {
                (b',', Open::Object) => {
                    self.advance();
                    self.significant()?;
                    self.key()?;
                    return Ok(true);
                }
                (b',', Open::Array) => {
                    self.advance();
                    return Ok(true);
                }
                (b'}', Open::Object) | (b']', Open::Array) => self.leave(),
                (_, Open::Object) => return self.fault("after object key:value pair"),
                (_, Open::Array) => return self.fault("after array element"),
            }
        }
        Ok(false)
    }

    fn key(&mut self) -> Result<(), String> {
        if self.byte() != b'"' {
            return self.fault("looking for beginning of object key string");
        }
        self.string()?;
        if self.significant()? != b':' {
            return self.fault("after object key");
        }
        self.advance();
        Ok(())
    }

    fn string(&mut self) -> Result<(), String> {
        self.advance();
        while self.place < self.bytes.len() {
            match self.byte() {
                b'"' => {
                    self.advance();
                    return Ok(());
                }
                b'\\' => self.escape()?,
                0..0x20 => return self.fault("in string literal"),
                _ => self.advance(),
            }
        }
        Err(UNEXPECTED_END.to_owned())
    }

    fn escape(&mut self) -> Result<(), String> {
        self.advance();
        match self.byte() {
            b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => self.advance(),
            b'u' => {
                self.advance();
                for _ in 0..4 {
                    if !self.byte().is_ascii_hexdigit() {
                        return self.fault("in \\u hexadecimal character escape");
                    }
                    self.advance();
                }
            }
            _ => return self.fault("in string escape code"),
        }
        Ok(())
    }

    fn digits(&mut self, context: &str) -> Result<(), String> {
        if !self.byte().is_ascii_digit() {
            return self.fault(context);
        }
        while self.byte().is_ascii_digit() {
            self.advance();
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), String> {
        if self.byte() == b'-' {
            self.advance();
        }
        if self.byte() == b'0' {
            self.advance();
        } else {
            self.digits("in numeric literal")?;
        }
        if self.byte() == b'.' {
            self.advance();
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.advance();
            if matches!(self.byte(), b'+' | b'-') {
                self.advance();
            }
            self.digits("in exponent of numeric literal")?;
        }
        Ok(())
    }

    fn literal(&mut self, word: &str) -> Result<(), String> {
        for expected in word.bytes() {
            if self.byte() != expected {
                return self.fault(&format!("in literal {word} (expecting '{}')", char::from(expected)));
            }
            self.advance();
        }
        Ok(())
    }
}

/// Prints a byte as Go's scanner does, as the character with that number.
///
/// Upstream: `encoding/json.quoteChar`.
fn quote_byte(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        _ => {
            let quoted = crate::apiserver::content::quote(char::from(byte).encode_utf8(&mut [0; 4]));
            let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
            format!("'{inner}'")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_match_go() {
        for (text, expected) in [
            ("[", UNEXPECTED_END),
            ("tru", "invalid character ' ' in literal true (expecting 'e')"),
            ("-", "invalid character ' ' in numeric literal"),
            ("01", "invalid character '1' after top-level value"),
            ("[1,]", "invalid character ']' looking for beginning of value"),
            ("{1}", "invalid character '1' looking for beginning of object key string"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\":1 2}", "invalid character '2' after object key:value pair"),
            ("é", "invalid character 'Ã' looking for beginning of value"),
            ("\"\\x\"", "invalid character 'x' in string escape code"),
            ("\"a\n\"", "invalid character '\\n' in string literal"),
            ("'", "invalid character '\\'' looking for beginning of value"),
        ] {
            assert_eq!(check_valid(text), Err(expected.to_owned()), "{text}");
        }
        for good in ["null", " [ ] ", "{\"a\":[{},[],\"\\u00e9\",-0.5e+3,true,false]}"] {
            assert_eq!(check_valid(good), Ok(()), "{good}");
        }
        let deep = "[".repeat(10_001);
        assert_eq!(check_valid(&deep), Err("exceeded max depth".to_owned()));
    }
}
