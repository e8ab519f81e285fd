//! The user of a review, found without reading its objects: judging is fair between users, and large objects are read by the threads that
//! judge.

/// How far into the body the user is looked for. API servers write the fields of a review in Go's order, so the user stands before the
/// objects, after a few hundred bytes.
const FAR: usize = 16 * 1024;

/// The deepest nesting that is followed.
const DEEP: usize = 8;

/// `request.userInfo.username`, as it is written in the body, with its escapes. Empty if it is not found at the beginning of the body: such
/// reviews share a turn.
pub(super) fn of(body: &[u8]) -> &[u8] {
    let beginning = body.get(..FAR).unwrap_or(body);
    let mut text = Text(beginning);
    text.field(b"request")
        .and_then(|()| text.field(b"userInfo"))
        .and_then(|()| text.field(b"username"))
        .and_then(|()| text.string())
        .unwrap_or_default()
}

/// The rest of the text.
struct Text<'t>(&'t [u8]);

impl<'t> Text<'t> {
    /// The next byte that is not a space.
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.trim_ascii_start().split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn expect(&mut self, wanted: u8) -> Option<()> {
        (self.next()? == wanted).then_some(())
    }

    /// Enters an object, and goes to the value of a key.
    fn field(&mut self, wanted: &[u8]) -> Option<()> {
        self.expect(b'{')?;
        loop {
            let key = self.string()?;
            self.expect(b':')?;
            if key == wanted {
                return Some(());
            }
            self.skip()?;
            self.expect(b',')?;
        }
    }

    /// Reads a string; its escapes stay as they are.
    fn string(&mut self) -> Option<&'t [u8]> {
        self.expect(b'"')?;
        let mut escaped = false;
        let end = self.0.iter().position(|byte| {
            let is_end = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            is_end
        })?;
        let (string, rest) = self.0.split_at_checked(end)?;
        self.0 = rest.get(1..)?;
        Some(string)
    }

    /// Skips a value.
    fn skip(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.0.trim_ascii_start().first()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    depth = depth.checked_add(1).filter(|depth| *depth <= DEEP)?;
                    self.next()?;
                    continue;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.next()?;
                }
                b',' | b':' if depth > 0 => {
                    self.next()?;
                    continue;
                }
                _ => self.scalar()?,
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Skips a number, `true`, `false` or `null`.
    fn scalar(&mut self) -> Option<()> {
        self.0 = self.0.trim_ascii_start();
        let end = self.0.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"+-.".contains(byte))?;
        self.0 = self.0.get(end..).filter(|_| end > 0)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_is_found_in_front_of_the_objects() {
        let review = |request: &str| format!(r#"{{"kind":"AdmissionReview","request":{{{request}"#);
        for (text, user) in [
            (
                review(
                    r#""uid":"u","kind":{"group":"apps"},"dryRun":false,"userInfo":{"username":"admin","groups":["#,
                ),
                "admin",
            ),
            (
                review(
                    r#" "a" : [ 1, {"b": [ ]}, "]}" , null ] , "userInfo" : { "uid" : "7", "username" : "a\"b" }"#,
                ),
                "a\\\"b",
            ),
            (review(r#""userInfo":{"extra":{"username":["x"]},"username":"deep""#), "deep"),
            (review(r#""object":{"userInfo":{"username":"x"}},"userInfo":{"groups":[]}"#), ""),
            (review(r#""userInfo":{"username":7"#), ""),
            (review(r#""userInfo":null"#), ""),
            (r#"{"request":[]}"#.to_owned(), ""),
            (r#"{"a":}"#.to_owned(), ""),
            ("[[[[".to_owned(), ""),
            (format!(r#"{{"a":{}"#, "[".repeat(100)), ""),
            (String::new(), ""),
        ] {
            assert_eq!(String::from_utf8_lossy(of(text.as_bytes())), user, "{text}");
        }
        let far = review(&format!(r#""a":"{}","userInfo":{{"username":"x"}}"#, "a".repeat(FAR)));
        assert_eq!(of(far.as_bytes()), b"");
    }
}
