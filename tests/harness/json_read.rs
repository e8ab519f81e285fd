//! Reads JSON text into [`Json`], keeping what other readers drop: doubled keys and the text of numbers.

use crate::json::Json;

/// Reads one document; the text may have space around it.
///
/// # Errors
///
/// With the place where the text stops being JSON.
pub fn read_json(text: &str) -> Result<Json, String> {
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.skip_space();
    if reader.rest.is_empty() { Ok(value) } else { Err(reader.expected("the end")) }
}

/// Documents nest at most this deep.
const DEPTH: usize = 200;

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn expected(&self, what: &str) -> String {
        let found: String = self.rest.chars().take(40).collect();
        format!("expected {what}, found {found:?}")
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > DEPTH {
            return Err(String::from("too deep"));
        }
        self.skip_space();
        let below = depth.saturating_add(1);
        if self.take("{") {
            let mut entries = Vec::new();
            if self.take("}") {
                return Ok(Json::Map(entries));
            }
            loop {
                self.skip_space();
                let key = self.string()?;
                if !self.take(":") {
                    return Err(self.expected("a colon"));
                }
                entries.push((key, self.value(below)?));
                if self.take("}") {
                    return Ok(Json::Map(entries));
                }
                if !self.take(",") {
                    return Err(self.expected("a comma or a brace"));
                }
            }
        }
        if self.take("[") {
            let mut items = Vec::new();
            if self.take("]") {
                return Ok(Json::List(items));
            }
            loop {
                items.push(self.value(below)?);
                if self.take("]") {
                    return Ok(Json::List(items));
                }
                if !self.take(",") {
                    return Err(self.expected("a comma or a bracket"));
                }
            }
        }
        if self.rest.starts_with('"') {
            return self.string().map(Json::String);
        }
        for (token, value) in [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))]
        {
            if self.take(token) {
                return Ok(value);
            }
        }
        self.number()
    }

    fn number(&mut self) -> Result<Json, String> {
        let part = |character: char| character.is_ascii_digit() || "+-.eE".contains(character);
        let end = self.rest.find(|character| !part(character)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        if number.is_empty() {
            return Err(self.expected("a value"));
        }
        self.rest = rest;
        Ok(Json::Number(number.to_owned()))
    }

    fn string(&mut self) -> Result<String, String> {
        if !self.rest.starts_with('"') {
            return Err(self.expected("a string"));
        }
        let mut end = None;
        let mut escaped = false;
        for (offset, byte) in self.rest.bytes().enumerate().skip(1) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    end = Some(offset.saturating_add(1));
                    break;
                }
                _ => {}
            }
        }
        let (quoted, rest) = self.rest.split_at(end.ok_or_else(|| self.expected("the end of a string"))?);
        let text = serde_json::from_str(quoted).map_err(|error| format!("{error} in {quoted}"))?;
        self.rest = rest;
        Ok(text)
    }
}
