//! What can be wrong with a document, and how to tell a person.

use granit_parser::ErrorKind;

use super::tag::Tag;
use super::words;
use crate::source::SyntaxError;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// The parser's.
    Syntax(Box<ErrorKind>),
    // What the parser accepts and go-yaml does not.
    Forbidden(char),
    Tab,
    WideBreak(char),
    InBrackets(char),
    Directive,
    Version,
    Name,
    Escape,
    Surrogate,
    // The data model's.
    TooDeep,
    UnknownAlias,
    AliasInItself,
    CollectionAsKey,
    NullKey,
    BigKey,
    MergeNeedsMap,
    TagMismatch(Tag),
    Base64,
    NoJsonNumber,
    TooManyAliases,
    TooLarge,
}

/// A problem and its place.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) problem: Problem,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Fault {
    pub(super) const fn new(problem: Problem, start: usize, end: usize) -> Self {
        Self { problem, start, end }
    }

    /// The fault in words.
    pub(super) fn explain(&self, file: &str) -> SyntaxError {
        let error = |message: String| SyntaxError::new(message, self.start, self.end);
        match &self.problem {
            Problem::Syntax(kind) => words::explain(kind, file, self.start),
            Problem::Forbidden(character) => error(format!(
                "YAML allows no control characters, and here is U+{:04X}",
                u32::from(*character)
            )),
            Problem::Tab => error("YAML is indented with spaces, and here is a tab".to_owned())
                .with_help("replace the tab with spaces"),
            Problem::WideBreak(character) => error(format!(
                "U+{:04X} ends a line for Kubernetes, though most editors do not show it",
                u32::from(*character)
            ))
            .with_help("replace it with a space or a line break"),
            Problem::InBrackets(character) => {
                error(format!("between brackets, `{character}` cannot be part of a text without quotes"))
                    .with_help("put the text in quotes")
            }
            Problem::Directive => error("Kubernetes knows no such directive".to_owned()),
            Problem::Version => error("Kubernetes reads YAML 1.1 only".to_owned()),
            Problem::Name => error("names of anchors are made of letters, digits, `_` and `-`".to_owned()),
            Problem::Escape => {
                error("Kubernetes knows no `\\/` in double quotes".to_owned()).with_help("write `/`")
            }
            Problem::Surrogate => error("half a character is escaped here, and YAML has none".to_owned())
                .with_help("write the character itself, or its code as `\\UXXXXXXXX`"),
            Problem::TooDeep => error("values nest deeper than 10,000 levels".to_owned()),
            Problem::UnknownAlias => error("no anchor before this alias has its name".to_owned()),
            Problem::AliasInItself => error("the alias stands inside what it refers to".to_owned()),
            Problem::CollectionAsKey => error("a key cannot be a map or a list".to_owned()),
            Problem::NullKey => {
                error("a key cannot be empty or `null`".to_owned()).with_help("put it in quotes")
            }
            Problem::BigKey => {
                error("a key cannot be so large a number".to_owned()).with_help("put it in quotes")
            }
            Problem::MergeNeedsMap => error("`<<` merges maps, and this is none".to_owned()),
            Problem::TagMismatch(tag) => error(format!("the value is no {}", tag.name())),
            Problem::Base64 => error("the value is no Base64".to_owned()),
            Problem::NoJsonNumber => {
                error("JSON has no such number".to_owned()).with_help("put it in quotes")
            }
            Problem::TooManyAliases => error("aliases repeat too much of the document".to_owned()),
            Problem::TooLarge => error("written out, the aliases make more than 16 MiB".to_owned()),
        }
    }
}
