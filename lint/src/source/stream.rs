//! A file's text to its documents, as kubectl cuts it.
//!
//! A stream that begins with `{` is tried as JSON: values one after the other. If that fails at the first value or the second, the rest is
//! YAML. YAML is cut at lines that begin with `---` before anything is parsed, so such a line ends even a quoted scalar.

use std::ops::Range;

use daemonset_validation::{Tree, Value};

use super::json;
use super::looks_like;
use super::syntax_error::SyntaxError;
use super::yaml;

/// How far kubectl looks for the brace that may begin JSON.
const JSON_WITHIN: usize = 4096;

const SEPARATOR: &str = "---";

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// Its position among the documents of the file, empty ones included, from 0.
    pub index: usize,
    /// The offset of its first line that says something.
    pub start: usize,
    /// What it holds.
    pub content: Content<'a>,
}

/// What a document holds.
#[derive(Clone, Debug)]
pub enum Content<'a> {
    /// Nothing, or `null`: kubectl passes over it.
    Empty,
    /// A value.
    Tree(Tree<'a>),
    /// It cannot be read.
    Broken(SyntaxError),
}

/// The documents of a file, in order.
pub fn documents(text: &str) -> Documents<'_> {
    let mode = if might_be_json(text) { Mode::Json { values: 0 } } else { Mode::Yaml };
    Documents { text, at: 0, index: 0, mode }
}

/// Whether the first character that is no space is a brace.
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
                        Err(error) => {
                            failed = Some(error);
                            self.skip_to_line();
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
            Err(error) => Content::Broken(looks_like::explain(self.text, error)),
        };
        Document { index, start, content }
    }

    /// Moves over white space up to the end of the line.
    fn skip_to_line(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let space = rest.len().saturating_sub(rest.trim_start().len());
        let line = rest.find('\n').map_or(space, |line| line.saturating_add(1).min(space));
        self.at = self.at.saturating_add(line);
    }

    /// Reads the next YAML document. If JSON was tried before, its complaint is the better one for what was meant to be JSON.
    fn next_yaml(&mut self, json: Option<SyntaxError>) -> Option<Document<'a>> {
        match self.cut()? {
            Ok(range) => {
                let start = first_line(self.text, range.clone());
                let parsed = yaml::parse(self.text, range).map_err(|error| match json {
                    Some(json) if meant_as_json(self.text) => json,
                    _ => error,
                });
                Some(self.document(start, parsed))
            }
            Err(error) => Some(self.document(error.span.start as usize, Err(error))),
        }
    }

    /// Finds the next YAML document, as the API machinery's reader does: a separator belongs to a document that has no line yet.
    fn cut(&mut self) -> Option<Result<Range<usize>, SyntaxError>> {
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
                    format!("`{}` is no separator of documents: nothing may follow `---`", line.trim_end());
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

/// Where the first line begins that is no separator, no comment and not empty.
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

/// Whether a text that begins with a brace goes on like JSON.
fn meant_as_json(text: &str) -> bool {
    let inside = text.trim_start().strip_prefix('{').unwrap_or_default();
    inside.trim_start().starts_with(['"', '}', '/'])
}
