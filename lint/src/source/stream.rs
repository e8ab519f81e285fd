//! Splits a file into documents, as kubectl does.
//!
//! A stream that begins with `{` is first parsed as JSON values. If the first or second value is not JSON, the rest is YAML. YAML is split
//! at lines that begin with `---` before it is parsed, so such a line ends even a quoted scalar.

use std::ops::Range;

use daemonset_validation::{Span, Tree, Value};

use super::json;
use super::looks_like::Looks;
use super::syntax_error::SyntaxError;
use super::yaml;

/// The number of bytes in which kubectl searches for the brace that begins JSON.
const JSON_WITHIN: usize = 4096;

const SEPARATOR: &str = "---";

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// Its position in the file, from 0, with empty documents counted.
    pub index: usize,
    /// The offset of its first line that is not empty, a comment or a separator.
    pub start: usize,
    /// Its content.
    pub content: Content<'a>,
    /// The error of the JSON parser, if the document follows a JSON value and is not JSON itself: kubectl then reads it as YAML.
    pub not_json: Option<SyntaxError>,
    /// Its comments that speak to daemonset-lint ([`yaml::MARK`]), in order, each from its `#` to the end of its line.
    pub comments: Vec<Span>,
}

/// The content of a document.
#[derive(Clone, Debug)]
pub enum Content<'a> {
    /// Nothing, or `null`: kubectl skips it.
    Empty,
    /// A value.
    Tree(Tree<'a>),
    /// A syntax error.
    Broken(SyntaxError),
}

/// The documents of a file, in order.
pub fn documents(text: &str) -> Documents<'_> {
    let mode = if might_be_json(text) { Mode::Json { values: 0 } } else { Mode::Yaml };
    Documents { text, at: 0, index: 0, mode, looks: Looks::new(text) }
}

/// Whether the first character that is not white space is a brace.
pub(super) fn might_be_json(text: &str) -> bool {
    let spaces = text.len().saturating_sub(text.trim_start().len());
    spaces < JSON_WITHIN && text.trim_start().starts_with('{')
}

/// Reads the documents of a file one by one.
#[derive(Clone, Debug)]
pub struct Documents<'a> {
    text: &'a str,
    at: usize,
    index: usize,
    mode: Mode,
    looks: Looks<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    Json { values: usize },
    Yaml,
    Ended,
}

impl<'a> Iterator for Documents<'a> {
    type Item = Document<'a>;

    fn next(&mut self) -> Option<Document<'a>> {
        let mut failed = None;
        loop {
            match self.mode {
                Mode::Ended => return None,
                Mode::Json { values } => {
                    let rest = self.text.get(self.at..).unwrap_or_default();
                    if rest.trim_start_matches([' ', '\t', '\r', '\n']).is_empty() {
                        self.mode = Mode::Ended;
                        return None;
                    }
                    match json::parse(self.text, self.at) {
                        Ok((tree, end)) => {
                            let start = tree.node(tree.root()).span.start as usize;
                            self.at = end;
                            self.mode = Mode::Json { values: values.saturating_add(1) };
                            return Some(self.document(start, Ok(tree)));
                        }
                        Err(error) if values > 1 => {
                            self.mode = Mode::Ended;
                            return Some(self.document(error.span.start as usize, Err(error)));
                        }
                        Err(error) if !self.skip_to_line() => {
                            self.mode = Mode::Ended;
                            return Some(self.document(error.span.start as usize, Err(error)));
                        }
                        Err(error) => {
                            failed = Some(error);
                            self.mode = Mode::Yaml;
                        }
                    }
                }
                Mode::Yaml => return self.next_yaml(failed),
            }
        }
    }
}

impl<'a> Documents<'a> {
    fn document(&mut self, start: usize, parsed: yaml::Parsed<'a>) -> Document<'a> {
        let index = self.index;
        self.index = index.saturating_add(1);
        let content = match parsed {
            Ok(tree) if matches!(tree.value(tree.root()), Value::Null) => Content::Empty,
            Ok(tree) => Content::Tree(tree),
            Err(error) => Content::Broken(self.looks.explain(error)),
        };
        Document { index, start, content, not_json: None, comments: Vec::new() }
    }

    /// Skips white space up to the end of the line. False if the text is then too short to be read as YAML.
    ///
    /// Upstream: `YAMLOrJSONDecoder.consumeWhitespace`, which reads four bytes at a time and ends where there are fewer.
    fn skip_to_line(&mut self) -> bool {
        const AHEAD: usize = 4;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let space = rest.len().saturating_sub(rest.trim_start().len());
        let line = rest.find('\n').map(|line| line.saturating_add(1)).filter(|line| *line <= space);
        self.at = self.at.saturating_add(line.unwrap_or(space));
        // The last character that was read is the line break, or the first one that is not white space.
        let last = line.map_or(space, |line| line.saturating_sub(1));
        rest.len().saturating_sub(last) >= AHEAD
    }

    /// Reads the next YAML document. If the text looks like JSON, the error of the JSON parser is reported.
    fn next_yaml(&mut self, json: Option<SyntaxError>) -> Option<Document<'a>> {
        match self.split()? {
            Ok(range) => {
                let start = first_line(self.text, range.clone());
                let follows_json = self.index > 0;
                let (parsed, comments) = yaml::parse_with_comments(self.text, range);
                match (parsed, json) {
                    (Err(_), Some(json)) if looks_like_json(self.text) => {
                        Some(self.document(start, Err(json)))
                    }
                    (parsed, json) => {
                        let document = self.document(start, parsed);
                        Some(Document { not_json: json.filter(|_| follows_json), comments, ..document })
                    }
                }
            }
            Err(error) => Some(self.document(error.span.start as usize, Err(error))),
        }
    }

    /// Finds the next YAML document, as the API machinery's reader does: a separator before the first line belongs to the document.
    fn split(&mut self) -> Option<Result<Range<usize>, SyntaxError>> {
        let start = self.at;
        while self.at < self.text.len() {
            let line_start = self.at;
            let rest = self.text.get(line_start..).unwrap_or_default();
            let end = rest.bytes().position(|byte| byte == b'\n');
            let length = end.map_or(rest.len(), |end| end.saturating_add(1));
            let line = rest.get(..length).unwrap_or_default();
            self.at = line_start.saturating_add(length);
            let Some(behind) = line.strip_prefix(SEPARATOR) else { continue };
            let behind = behind.trim();
            if !behind.is_empty() && !behind.starts_with('#') {
                let end = line_start.saturating_add(line.trim_end().len());
                let message =
                    format!("`{}` does not separate documents: nothing may follow `---`", line.trim_end());
                let error = SyntaxError::new(message, line_start, end)
                    .with_help("put what follows on a line of its own, or put quotes around a text that begins with `---`");
                return Some(Err(error));
            }
            if line_start > start {
                return Some(Ok(start..line_start));
            }
        }
        (start < self.text.len()).then_some(Ok(start..self.text.len()))
    }
}

/// The offset of the first line that is not a separator, a comment or empty.
fn first_line(text: &str, range: Range<usize>) -> usize {
    let mut at = range.start;
    for line in text.get(range.clone()).unwrap_or_default().split_inclusive('\n') {
        let trimmed = line.trim();
        if !(trimmed.is_empty() || trimmed.starts_with('#') || line.starts_with(SEPARATOR)) {
            return at;
        }
        at = at.saturating_add(line.len());
    }
    range.start
}

/// Whether a text that begins with a brace continues like JSON.
fn looks_like_json(text: &str) -> bool {
    let inside = text.trim_start().strip_prefix('{').unwrap_or_default();
    inside.trim_start().starts_with(['"', '}', '/'])
}
