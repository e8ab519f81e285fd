//! Data, not sentences, travels between rooms: what decides writes no sentence, and no code reads data out of a message of our own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use daemonset_tests::root;
use proc_macro2::{TokenStream, TokenTree};

use super::circles::{end_of_item, uses_of};

/// The rooms that give data only. The server's own messages are written in `apiserver`, which has no use for our words either.
const WITHOUT_WORDS: &[&str] =
    &["validation/src/placement", "validation/src/peers", "validation/src/apiserver"];

/// The room of words for data.
const WORDS_ROOM: &str = "validation/src/words";

/// The rooms in which no string is a sentence.
const WITHOUT_SENTENCES: &[&str] = &["validation/src/placement", "validation/src/peers"];

/// From this many words on, a string is a sentence.
const WORDS: usize = 3;

/// Sentences that these rooms may have: why, and which. One that no file has any more is a fault.
const ALLOWED: &[(&str, &[&str])] = &[(
    "serde asks a visitor what it expects; the deserializer puts it into its error",
    &[r#""a map of quantities""#, r#""a map of texts""#, r#""a quantity such as 500m or 2Gi""#],
)];

/// What a message and its parts are called.
const MESSAGES: &[&str] = &["message", "suggestion", "sentence", "headline", "help"];

/// Functions of strings that find a part.
const PARSERS: &[&str] = &[
    "contains",
    "ends_with",
    "find",
    "match_indices",
    "matches",
    "rfind",
    "rsplit",
    "rsplit_once",
    "split",
    "split_once",
    "splitn",
    "starts_with",
    "strip_prefix",
    "strip_suffix",
    "trim_end_matches",
    "trim_start_matches",
];

/// What a file has that a test looks for.
#[derive(Debug, Default, PartialEq)]
struct Found {
    /// Strings with at least [`WORDS`] words.
    sentences: BTreeSet<String>,
    /// A message, and the function that finds a part of it.
    parsed: BTreeSet<String>,
}

impl Found {
    fn of(text: &str) -> Self {
        let mut found = Self::default();
        found.read(text.parse().unwrap());
        found
    }

    fn read(&mut self, stream: TokenStream) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                // A comment that documents an item is an attribute as well.
                TokenTree::Punct(mark) if mark.as_char() == '#' => {
                    let inner = is_mark(tokens.get(at + 1), '!');
                    let attribute = tokens.get(at + 1 + usize::from(inner)).map(ToString::to_string);
                    let attribute = attribute.unwrap_or_default().replace(char::is_whitespace, "");
                    if attribute.starts_with('[') {
                        at += 2 + usize::from(inner);
                        if !inner && attribute == "[cfg(test)]" {
                            at = end_of_item(&tokens, at);
                        }
                        continue;
                    }
                }
                TokenTree::Group(group) => self.read(group.stream()),
                TokenTree::Ident(word) if MESSAGES.contains(&word.to_string().as_str()) => {
                    if let Some(parser) = parser(&tokens[at + 1..]) {
                        self.parsed.insert(format!("{word}: {parser}"));
                    }
                }
                TokenTree::Literal(literal) if words(&literal.to_string()) >= WORDS => {
                    self.sentences.insert(literal.to_string());
                }
                _ => {}
            }
            at += 1;
        }
    }
}

/// How many words a string has, without its placeholders; 0 for another literal.
fn words(literal: &str) -> usize {
    let Some((_, text)) = literal.split_once('"') else { return 0 };
    let mut plain = String::new();
    let mut depth = 0_usize;
    for character in text.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            other if depth == 0 => plain.push(other),
            _ => {}
        }
    }
    plain.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count()
}

/// The function that looks for a fixed text in a message, if what follows the message ends in one: `.as_str().contains("x")`.
fn parser(mut rest: &[TokenTree]) -> Option<String> {
    loop {
        match rest {
            [TokenTree::Punct(mark), after @ ..] if mark.as_char() == '?' => rest = after,
            [TokenTree::Group(_), after @ ..] => rest = after,
            [TokenTree::Punct(mark), TokenTree::Ident(name), after @ ..] if mark.as_char() == '.' => {
                let arguments = match after {
                    [TokenTree::Group(group), ..] => group.stream().into_iter().next(),
                    _ => None,
                };
                let fixed = arguments.is_some_and(|first| is_fixed_text(&first));
                if fixed && PARSERS.contains(&name.to_string().as_str()) {
                    return Some(name.to_string());
                }
                rest = after;
            }
            _ => return None,
        }
    }
}

/// A literal, unless it is a space or a line's end, at which a message is wrapped; or a constant.
fn is_fixed_text(token: &TokenTree) -> bool {
    match token {
        TokenTree::Literal(literal) => !matches!(literal.to_string().as_str(), r"' '" | r"'\n'"),
        TokenTree::Ident(name) => name.to_string().chars().all(|one| one.is_uppercase() || one == '_'),
        _ => false,
    }
}

fn is_mark(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == mark)
}

fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap().display().to_string()
}

fn read(file: &PathBuf) -> Found {
    Found::of(&std::fs::read_to_string(file).unwrap())
}

fn is_in(file: &str, room: &str) -> bool {
    file.starts_with(&format!("{room}/")) || file == format!("{room}.rs")
}

#[test]
fn the_scanner_finds_words_sentences_and_parsers() {
    let found = Found::of(
        r#"
        //! A comment is no string.
        /// Nor is this one.
        fn one(finding: &Finding) -> String {
            if finding.message.as_str().contains("absent") || help()?.lines().count() > 1 { return list.split("x"); }
            let rest = suggestion.strip_prefix(PREFIX).or(help.split(' ').next());
            headline.split(separator).chain(label.strip_prefix("a long label"));
            format!("/{root}/{name} {a} {b} to {c}")
        }
        fn other(name: &str) -> String { format!("the node {name} is gone") }
        #[cfg(test)]
        mod tests {
            fn three() { assert!(message.contains("it is absent here")) }
        }
        "#,
    );
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<BTreeSet<String>>();
    let expected = Found {
        sentences: texts(&[r#""a long label""#, r#""the node {name} is gone""#]),
        parsed: texts(&["message: contains", "suggestion: strip_prefix"]),
    };
    assert_eq!(found, expected);
}

#[test]
fn rooms_that_give_data_do_not_use_our_words() {
    let uses = uses_of("validation");
    for room in WITHOUT_WORDS.iter().chain([&WORDS_ROOM]) {
        assert!(uses.keys().any(|file| is_in(&shown(file), room)), "{room} has no files");
    }
    let mut faults = Vec::new();
    for (file, used) in &uses {
        let file = shown(file);
        let words = used.iter().map(|used| shown(used)).find(|used| is_in(used, WORDS_ROOM));
        if let Some(words) = words.filter(|_| WITHOUT_WORDS.iter().any(|room| is_in(&file, room))) {
            faults.push(format!("{file} uses {words}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn rooms_that_decide_write_no_sentence() {
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    for file in uses_of("validation").keys() {
        let name = shown(file);
        if !WITHOUT_SENTENCES.iter().any(|room| is_in(&name, room)) {
            continue;
        }
        for sentence in read(file).sentences {
            let allowed = ALLOWED.iter().flat_map(|(_, texts)| *texts).position(|text| *text == sentence);
            used.extend(allowed);
            if allowed.is_none() {
                faults.push(format!("{name} has a sentence: {sentence}"));
            }
        }
    }
    for (number, text) in ALLOWED.iter().flat_map(|(_, texts)| *texts).enumerate() {
        if !used.contains(&number) {
            faults.push(format!("no file has {text} any more: take it out of ALLOWED"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_message_is_parsed() {
    let mut faults = Vec::new();
    for file in ["validation", "lint", "webhook"].iter().flat_map(|name| uses_of(name).into_keys()) {
        for parsed in read(&file).parsed {
            faults.push(format!("{} looks for a text in a {parsed}", shown(&file)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
