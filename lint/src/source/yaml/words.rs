//! Messages for the parser's errors, with the text at the place and how to correct it.

use granit_parser::ErrorKind;

use super::beside;
use crate::source::SyntaxError;

/// The message for an error of the parser at an offset of the file.
pub(super) fn explain(kind: &ErrorKind, file: &str, at: usize) -> SyntaxError {
    let here = Here::new(file, at);
    tab(kind, &here)
        .or_else(|| indentation(kind, &here))
        .or_else(|| brackets(kind, &here))
        .or_else(|| quotes(kind, &here))
        .or_else(|| indicators(kind, &here))
        .unwrap_or_else(|| here.rest(format!("this is not valid YAML: {kind}")))
}

/// An offset, and the line around it.
struct Here<'a> {
    file: &'a str,
    at: usize,
    line_start: usize,
    line: &'a str,
}

impl<'a> Here<'a> {
    fn new(file: &'a str, at: usize) -> Self {
        let at = at.min(file.len());
        let line_start =
            file.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end.saturating_add(1));
        let line = file.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        Self { file, at, line_start, line }
    }

    /// The line's text without its indentation.
    fn text(&self) -> &'a str {
        self.line.trim()
    }

    fn indentation(&self) -> usize {
        self.line.len().saturating_sub(self.line.trim_start().len())
    }

    /// The text before the offset on its line.
    fn before(&self) -> &'a str {
        self.file.get(self.line_start..self.at).unwrap_or_default()
    }

    /// The text from the offset to the end of its line.
    fn after(&self) -> &'a str {
        self.file.get(self.at..).and_then(|rest| rest.lines().next()).unwrap_or_default()
    }

    /// The last line above that is not empty or a comment.
    fn above(&self) -> Option<Self> {
        let mut end = self.line_start.checked_sub(1)?;
        loop {
            let line = Self::new(self.file, end);
            let text = line.text();
            if !text.is_empty() && !text.starts_with('#') {
                return Some(line);
            }
            end = line.line_start.checked_sub(1)?;
        }
    }

    /// An error at the line's text.
    fn whole(&self, message: impl Into<String>) -> SyntaxError {
        let start = self.line_start.saturating_add(self.indentation());
        SyntaxError::new(message, start, start.saturating_add(self.text().len()))
    }

    /// An error at the rest of the line.
    fn rest(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError::new(message, self.at, self.at.saturating_add(self.after().trim_end().len()))
    }

    /// An error at one character.
    fn character(&self, message: impl Into<String>) -> SyntaxError {
        let width = self.after().chars().next().map_or(0, char::len_utf8);
        SyntaxError::new(message, self.at, self.at.saturating_add(width))
    }
}

/// A text, shortened for a message.
fn short(text: &str) -> String {
    const LONGEST: usize = 40;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

fn indentation(kind: &ErrorKind, here: &Here<'_>) -> Option<SyntaxError> {
    Some(match kind {
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            let text = short(here.text());
            let error = here.whole(format!("`{text}` is neither `key: value` nor an item of a list"));
            match missing_space(here.text()) {
                Some(key) => error.with_help(format!("put a space after the colon of `{key}:`")),
                None => error.with_help(
                    "write `key: value`, or indent the line further than its key if it continues a text",
                ),
            }
        }
        ErrorKind::MappingValueNotAllowed => second_value(here),
        ErrorKind::ExpectedBlockMappingKey => {
            let found = if here.text().starts_with("- ") { "item of a list" } else { "line" };
            misplaced(here, found)
        }
        ErrorKind::ExpectedBlockSequenceEntry => {
            here.whole("this line is not an item of the list above").with_help(
                moved(here)
                    .unwrap_or_else(|| "start it with `- `, or indent it less than the list".to_owned()),
            )
        }
        ErrorKind::BlockSequenceEntryNotAllowed => here
            .rest("a list cannot begin on the line of its key")
            .with_help("put each `- item` on a line of its own, or quote a text that begins with `- `"),
        ErrorKind::InvalidIndentation | ErrorKind::InvalidFlowScalarIndent => misplaced(here, "line"),
        _ => return None,
    })
}

/// The key of a line like `key:value`.
fn missing_space(text: &str) -> Option<&str> {
    let (key, value) = text.trim_start_matches("- ").split_once(':')?;
    let is_word =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | '/');
    let glued = value.starts_with(|first: char| !first.is_whitespace() && first != '/');
    (!key.is_empty() && glued && key.chars().all(is_word)).then_some(key)
}

/// A number of spaces, in words.
fn spaces(count: usize) -> String {
    match count {
        0 => "no spaces".to_owned(),
        1 => "1 space".to_owned(),
        more => format!("{more} spaces"),
    }
}

/// A colon after a complete value.
fn second_value(here: &Here<'_>) -> SyntaxError {
    if here.before().contains(": ") {
        return here.character("this `: ` makes a second `key: value` on one line").with_help(
            "put the value in quotes if the colon belongs to it, or put the second key on a line of its own",
        );
    }
    if let Some(above) = here.above() {
        if let Some(key) = missing_space(above.text()) {
            return above
                .whole(format!("`{}` is not `key: value`", short(above.text())))
                .with_help(format!("put a space after the colon of `{key}:`"));
        }
        if here.indentation() > above.indentation() {
            return here
                .whole(format!(
                    "this line is indented below `{}`, which already has a value",
                    short(above.text())
                ))
                .with_help(format!(
                    "give both lines the same indentation ({}), or remove the value above",
                    spaces(above.indentation())
                ));
        }
    }
    here.character("`key: value` is not allowed here")
}

/// By how much to indent a line `key: value`, so that it is beside a key above.
fn moved(here: &Here<'_>) -> Option<String> {
    beside::key(here.text())?;
    let above = here.file.get(..here.line_start)?;
    let neighbour = beside::neighbour(above, here.indentation())?;
    let (by, direction) =
        if neighbour.more > 0 { (neighbour.more, "more") } else { (neighbour.less, "less") };
    Some(format!("indent it by {by} {direction}, so that it is beside `{}`", neighbour.key))
}

fn misplaced(here: &Here<'_>, found: &str) -> SyntaxError {
    let own = spaces(here.indentation());
    let error = here.whole(format!("the indentation of this {found} ({own}) matches no line above it"));
    if let Some(help) = moved(here) {
        return error.with_help(help);
    }
    match here.above().filter(|above| above.indentation() != here.indentation()) {
        Some(above) => error.with_help(format!(
            "indent it like the line it belongs to; the line above has {}",
            spaces(above.indentation())
        )),
        None => error.with_help("keys and items of a list cannot be mixed at the same indentation"),
    }
}

/// A tab after the offset, in something that begins there.
fn tab(kind: &ErrorKind, here: &Here<'_>) -> Option<SyntaxError> {
    let tabs = [
        ErrorKind::TabAtBlockScalarStart,
        ErrorKind::TabInPlainScalar,
        ErrorKind::TabInIndentation,
        ErrorKind::TabInBlockIndentation,
        ErrorKind::TabNotAllowed,
    ];
    if !tabs.contains(kind) {
        return None;
    }
    let behind = here.file.get(here.line_start..)?;
    let line_starts =
        std::iter::once(0).chain(behind.match_indices('\n').map(|(end, _)| end.saturating_add(1)));
    let mut indented = line_starts.filter_map(|start| {
        let line = behind.get(start..)?;
        let blank = line.len().saturating_sub(line.trim_start_matches([' ', '\t']).len());
        Some(start.saturating_add(line.get(..blank)?.find('\t')?))
    });
    let place = here.line_start.saturating_add(indented.next()?);
    Some(
        SyntaxError::new("a tab cannot be used for indentation in YAML", place, place.saturating_add(1))
            .with_help("replace the tab with spaces"),
    )
}

fn brackets(kind: &ErrorKind, here: &Here<'_>) -> Option<SyntaxError> {
    let quote = "close it, or put the text in quotes if the bracket belongs to it";
    Some(match kind {
        ErrorKind::UnclosedFlowCollection { open } => {
            here.character(format!("this `{open}` is never closed")).with_help(quote)
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            here.character(format!("this `{open}` is closed by `{close}`")).with_help(quote)
        }
        ErrorKind::MisplacedFlowCollectionEnd => here
            .character("this closing bracket has no opening bracket")
            .with_help("remove it, or put the text in quotes if the bracket belongs to it"),
        ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::BlockEntryInFlowCollection => here
            .character("a bracket above is still open, and this text is not allowed inside it")
            .with_help("close the bracket, or put a comma between its items"),
        ErrorKind::PlainScalarStartsWithDashFlowIndicator => {
            here.character("between brackets, a lone `-` needs quotes").with_help("write \"-\"")
        }
        _ => return None,
    })
}

fn quotes(kind: &ErrorKind, here: &Here<'_>) -> Option<SyntaxError> {
    Some(match kind {
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            here.character("the quote that opens here is never closed").with_help(
                "close it; a quote inside is written '' between single quotes and \\\" between double ones",
            )
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => here
            .rest(format!("`{}` is not allowed after the closing quote", short(here.after().trim())))
            .with_help("put either the whole value in quotes or no part of it"),
        ErrorKind::UnknownQuotedScalarEscape => {
            let escape = unknown_escape(here.after());
            let start = here.at.saturating_add(escape.map_or(0, |(position, _)| position));
            let written = escape.map_or("\\", |(_, written)| written);
            let end = start.saturating_add(written.len());
            SyntaxError::new(format!("`{written}` is not an escape sequence of double quotes"), start, end)
                .with_help("use single quotes, or write the backslash twice")
        }
        ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => here
            .rest("an escape sequence in these double quotes is not a character")
            .with_help("write two digits after \\x, four after \\u, eight after \\U"),
        _ => return None,
    })
}

/// The first unknown escape sequence in a text that begins with a double quote.
fn unknown_escape(quoted: &str) -> Option<(usize, &str)> {
    let mut characters = quoted.char_indices();
    while let Some((position, character)) = characters.next() {
        if character == '\\' {
            let (behind, code) = characters.next()?;
            if !"0abtnvfre \"'\\/N_LPxuU\t".contains(code) {
                return Some((position, quoted.get(position..behind.saturating_add(code.len_utf8()))?));
            }
        }
    }
    None
}

/// The alias at the beginning of a text, as go-yaml reads it; with all that is glued to it, if it is more likely a text.
fn alias(text: &str) -> &str {
    let word = text.split(|character: char| character.is_whitespace() || ",[]{}".contains(character)).next();
    word.unwrap_or_default()
}

fn indicators(kind: &ErrorKind, here: &Here<'_>) -> Option<SyntaxError> {
    Some(match kind {
        ErrorKind::UnexpectedCharacter { character } => here
            .rest(format!("a value without quotes cannot begin with `{}`", character.escape_debug()))
            .with_help("put it in quotes"),
        ErrorKind::UnknownAnchor => {
            let alias = alias(here.after());
            let message =
                format!("`{}` refers to an anchor, but no anchor of this name precedes it", short(alias));
            SyntaxError::new(message, here.at, here.at.saturating_add(alias.len()))
                .with_help("put it in quotes if it is not a reference")
        }
        ErrorKind::MissingAnchorOrAliasName => {
            let meaning = if here.after().starts_with('*') { "a reference" } else { "an anchor" };
            let sign = here.after().chars().next().unwrap_or('*');
            here.character(format!("`{sign}` begins {meaning}, but no name follows"))
                .with_help("put it in quotes")
        }
        ErrorKind::InvalidBlockScalarHeader => here
            .rest("a block of text begins on the line after `|` or `>`")
            .with_help("put the text on the next line, indented, or put it in quotes"),
        ErrorKind::InvalidBlockScalarIndent => here
            .rest("an empty line at the beginning of this block of text is indented further than the text")
            .with_help("remove the spaces from the empty line"),
        ErrorKind::UndeclaredTagHandle => {
            here.rest("the handle of this tag is not declared").with_help("put it in quotes")
        }
        ErrorKind::CommentInterceptedScalar => here
            .rest("a comment interrupts a text that continues on the next line")
            .with_help("move the comment, or put the text in quotes"),
        ErrorKind::RecursionLimitExceeded => here.character("values nest deeper than 10,000 levels"),
        ErrorKind::ExpectedDocumentStart => here
            .above()
            .filter(|above| above.text().starts_with('%'))
            .as_ref()
            .unwrap_or(here)
            .whole("Kubernetes splits a file at `---` before it is parsed, so a directive before `---` is not supported")
            .with_help("delete the line"),
        ErrorKind::ExpectedNodeContent => here.rest("a value is expected here"),
        _ => return None,
    })
}
