//! Tolerations in the former annotation: a JSON list.

use k8s_openapi::api::core::v1::Toleration;

use super::json::check_valid;

/// Decodes the annotation as Go does. The error is Go's message.
///
/// Upstream: `core/helper.GetTolerationsFromPodAnnotations`, `encoding/json.Unmarshal`.
pub(super) fn parse(text: &str) -> Result<Vec<Toleration>, String> {
    check_valid(text)?;
    let mut reader = Reader { rest: text, fault: None };
    let tolerations = reader.list();
    match reader.fault {
        Some(fault) => Err(fault),
        None => Ok(tolerations),
    }
}

/// Decodes a text that is valid JSON. Like Go it continues after a value of the wrong type and reports the first one.
struct Reader<'t> {
    rest: &'t str,
    fault: Option<String>,
}

/// The kind of a value, with the text of a scalar.
enum Token<'t> {
    Null,
    Bool,
    Number(&'t str),
    String(&'t str),
    Object,
    Array,
}

impl Token<'_> {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Object => "object",
            Self::Array => "array",
        }
    }
}

impl<'t> Reader<'t> {
    fn mismatch(&mut self, found: &str, wanted: &str) {
        if self.fault.is_none() {
            self.fault = Some(format!("json: cannot unmarshal {found} into Go {wanted}"));
        }
    }

    /// Consumes `length` bytes.
    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn skip_white(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn next_is(&mut self, letter: char) -> bool {
        self.skip_white();
        self.rest.starts_with(letter)
    }

    /// Consumes the next token: a scalar, or the opening bracket of a collection.
    fn token(&mut self) -> Token<'t> {
        self.skip_white();
        match self.rest.bytes().next() {
            Some(b'{') => {
                self.take(1);
                Token::Object
            }
            Some(b'[') => {
                self.take(1);
                Token::Array
            }
            Some(b'"') => Token::String(self.string()),
            Some(b'n') => {
                self.take(4);
                Token::Null
            }
            Some(b't') => {
                self.take(4);
                Token::Bool
            }
            Some(b'f') => {
                self.take(5);
                Token::Bool
            }
            _ => {
                let end = self.rest.find([',', ']', '}', ' ', '\t', '\r', '\n']);
                Token::Number(self.take(end.unwrap_or(self.rest.len())))
            }
        }
    }

    /// Consumes a string and returns the text between its quotes, with escape sequences.
    fn string(&mut self) -> &'t str {
        self.take(1);
        let mut escaped = false;
        let end = self.rest.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let text = self.take(end.unwrap_or(self.rest.len()));
        self.take(1);
        text
    }

    /// Consumes the rest of a collection after its opening bracket.
    fn skip_collection(&mut self) {
        let mut depth = 1_usize;
        while depth > 0 && !self.rest.is_empty() {
            match self.rest.bytes().next() {
                Some(b'"') => drop(self.string()),
                Some(b'{' | b'[') => {
                    depth = depth.saturating_add(1);
                    self.take(1);
                }
                Some(b'}' | b']') => {
                    depth = depth.saturating_sub(1);
                    self.take(1);
                }
                _ => {
                    let end = self.rest.find(['"', '{', '[', '}', ']']).unwrap_or(self.rest.len());
                    self.take(end);
                }
            }
        }
    }

    fn skip(&mut self, token: &Token<'_>) {
        if matches!(token, Token::Object | Token::Array) {
            self.skip_collection();
        }
    }

    fn list(&mut self) -> Vec<Toleration> {
        let mut tolerations = Vec::new();
        match self.token() {
            Token::Null => {}
            Token::Array => {
                while !self.next_is(']') {
                    tolerations.push(self.toleration());
                    if self.next_is(',') {
                        self.take(1);
                    }
                }
            }
            other => self.mismatch(other.kind(), "value of type []core.Toleration"),
        }
        tolerations
    }

    fn toleration(&mut self) -> Toleration {
        let mut toleration = Toleration::default();
        match self.token() {
            Token::Null => {}
            Token::Object => {
                while !self.next_is('}') {
                    let name = unescape(self.string());
                    self.skip_white();
                    self.take(1);
                    self.field(&name, &mut toleration);
                    if self.next_is(',') {
                        self.take(1);
                    }
                }
                self.take(1);
            }
            other => {
                self.mismatch(other.kind(), "value of type core.Toleration");
                self.skip(&other);
            }
        }
        toleration
    }

    fn field(&mut self, name: &str, toleration: &mut Toleration) {
        let token = self.token();
        let (field, wanted) = match fold(name).as_str() {
            "key" => (&mut toleration.key, "struct field Toleration.Key of type string"),
            "operator" => {
                (&mut toleration.operator, "struct field Toleration.Operator of type core.TolerationOperator")
            }
            "value" => (&mut toleration.value, "struct field Toleration.Value of type string"),
            "effect" => (&mut toleration.effect, "struct field Toleration.Effect of type core.TaintEffect"),
            "tolerationseconds" => return self.seconds(&token, &mut toleration.toleration_seconds),
            _ => return self.skip(&token),
        };
        match token {
            Token::Null => {}
            Token::String(text) => *field = Some(unescape(text)),
            other => {
                self.mismatch(other.kind(), wanted);
                self.skip(&other);
            }
        }
    }

    fn seconds(&mut self, token: &Token<'_>, field: &mut Option<i64>) {
        const WANTED: &str = "struct field Toleration.TolerationSeconds of type int64";
        match token {
            Token::Null => *field = None,
            Token::Number(text) => match text.parse() {
                Ok(seconds) => *field = Some(seconds),
                Err(_) => self.mismatch(&format!("number {text}"), WANTED),
            },
            other => {
                self.mismatch(other.kind(), WANTED);
                self.skip(other);
            }
        }
    }
}

/// Folds the case of a field name as Go does: two non-ASCII letters fold to ASCII letters.
///
/// Upstream: `encoding/json.foldName`.
fn fold(name: &str) -> String {
    let small = |letter: char| match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    name.chars().map(small).collect()
}

/// Decodes the escape sequences of a JSON string. An unpaired surrogate becomes the replacement character.
///
/// Upstream: `encoding/json.unquote`.
fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let unescaped = match letter {
            '\\' => match letters.next() {
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('u') => {
                    let digits = letters.as_str().get(..4).unwrap_or_default();
                    units.extend(u16::from_str_radix(digits, 16));
                    letters = letters.as_str().get(4..).unwrap_or_default().chars();
                    continue;
                }
                other => other.unwrap_or('\\'),
            },
            other => other,
        };
        units.extend(unescaped.encode_utf16(&mut [0; 2]).iter());
    }
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_go_does() {
        let text = r#"[null, {"KEY": "\u0061\ud83d\ude00", "x": [{"]": 1}], "tolerationSecondſ": 5}, {"key": "a", "Key": "b"}]"#;
        let tolerations = parse(text).unwrap();
        assert_eq!(tolerations.len(), 3);
        assert_eq!(tolerations[1].key.as_deref(), Some("a\u{1f600}"));
        assert_eq!(tolerations[1].toleration_seconds, Some(5));
        assert_eq!(tolerations[2].key.as_deref(), Some("b"));
        for (text, expected) in [
            ("{}", "json: cannot unmarshal object into Go value of type []core.Toleration"),
            ("[1]", "json: cannot unmarshal number into Go value of type core.Toleration"),
            (
                r#"[{"key": [1], "value": 2}]"#,
                "json: cannot unmarshal array into Go struct field Toleration.Key of type string",
            ),
            (
                r#"[{"tolerationSeconds": 1.5}]"#,
                "json: cannot unmarshal number 1.5 into Go struct field Toleration.TolerationSeconds of type int64",
            ),
        ] {
            assert_eq!(parse(text), Err(expected.to_owned()), "{text}");
        }
    }
}
