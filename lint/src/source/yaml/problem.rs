//! The problems of a document, and their messages.

use granit_parser::ErrorKind;

use super::tag::Tag;
use super::words;
use crate::source::SyntaxError;

/// A problem of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// An error of the parser.
    Syntax(Box<ErrorKind>),
    // Accepted by the parser and refused by go-yaml.
    Forbidden(char),
    Tab,
    WideBreak(char),
    InBrackets(char),
    Directive,
    Version,
    Name,
    Escape,
    Surrogate,
    KeyOverLines,
    LongKey,
    GluedTag,
    // Errors of the data model.
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

    /// The message for the fault.
    pub(super) fn explain(&self, file: &str) -> SyntaxError {
        let error = |message: String| SyntaxError::new(message, self.start, self.end);
        match &self.problem {
            Problem::Syntax(kind) => words::explain(kind, file, self.start),
            Problem::Forbidden(character) => {
                error(format!("YAML does not allow the control character U+{:04X}", u32::from(*character)))
            }
            Problem::Tab => error("a tab cannot be used for indentation in YAML".to_owned())
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
            Problem::Directive => error("this directive is not supported by Kubernetes".to_owned()),
            Problem::Version => error("Kubernetes supports only YAML 1.1".to_owned()),
            Problem::Name => {
                error("the name of an anchor may have only letters, digits, `_` and `-`".to_owned())
            }
            Problem::Escape => error("`\\/` in double quotes is not supported by Kubernetes".to_owned())
                .with_help("write `/`"),
            Problem::Surrogate => {
                error("this escapes one half of a surrogate pair, which YAML does not support".to_owned())
                    .with_help("write the character itself, or its code as `\\UXXXXXXXX`")
            }
            Problem::KeyOverLines => {
                error("between brackets, a key and its colon must be on one line".to_owned())
                    .with_help("write the key and its `:` on one line")
            }
            Problem::LongKey => error("a key can have at most 1,024 characters before its colon".to_owned())
                .with_help("write `? ` before the key"),
            Problem::GluedTag => error("white space must follow a tag".to_owned())
                .with_help("put a space behind the tag, or put the text in quotes if it is no tag"),
            Problem::TooDeep => error("values nest deeper than 10,000 levels".to_owned()),
            Problem::UnknownAlias => error("no anchor of this name precedes the alias".to_owned()),
            Problem::AliasInItself => error("the alias refers to a value that contains the alias".to_owned()),
            Problem::CollectionAsKey => error("a key cannot be a map or a list".to_owned()),
            Problem::NullKey => {
                error("a key cannot be empty or `null`".to_owned()).with_help("put it in quotes")
            }
            Problem::BigKey => {
                error("this number is too large for a key".to_owned()).with_help("put it in quotes")
            }
            Problem::MergeNeedsMap => error("`<<` merges maps, but this value is not a map".to_owned()),
            Problem::TagMismatch(tag) => error(format!("the value is not a valid {}", tag.name())),
            Problem::Base64 => error("the value is not valid Base64".to_owned()),
            Problem::NoJsonNumber => {
                error("this number cannot be represented in JSON".to_owned()).with_help("put it in quotes")
            }
            Problem::TooManyAliases => {
                error("aliases repeat too much of the document, more than Kubernetes accepts".to_owned())
            }
            Problem::TooLarge => {
                error("the document is larger than 16 MiB when its aliases are expanded".to_owned())
            }
        }
    }
}
