//! Writes values as YAML in block style, YAML in brackets, and JSON.

use daemonset_validation::edit::{NewValue, is_plain};

/// How a text is written, as its first lines show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// The columns by which a mapping is indented more than its key.
    pub(super) step: usize,
    /// The same of a list.
    pub(super) list_step: usize,
    /// What ends a line.
    pub(super) line_break: &'static str,
    /// What is put around a text that needs quotes.
    pub(super) quote: Quote,
}

/// Quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    Single,
    Double,
}

/// What is put at a place: new values, and parts of the text that move.
#[derive(Clone, Debug)]
pub(super) enum Body {
    New(NewValue),
    /// What was behind a colon or a dash in the text, where that began at a column.
    Source {
        text: String,
        column: usize,
    },
    Map(Vec<(String, Self)>),
    List(Vec<Self>),
}

impl Body {
    /// The value alone, if nothing of it is a part of the text.
    pub(super) fn value(&self) -> Option<NewValue> {
        Some(match self {
            Self::New(value) => value.clone(),
            Self::Source { .. } => return None,
            Self::Map(entries) => {
                let values = entries.iter().map(|(key, value)| Some((key.clone(), value.value()?)));
                NewValue::Map(values.collect::<Option<_>>()?)
            }
            Self::List(items) => NewValue::List(items.iter().map(Self::value).collect::<Option<_>>()?),
        })
    }
}

/// A text, in quotes if it needs them.
pub(super) fn text(text: &str, quote: Quote) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text, quote) }
}

/// A text in quotes.
pub(super) fn quoted(text: &str, quote: Quote) -> String {
    let plain = |character: char| {
        !character.is_control() && !matches!(character, '\u{FEFF}' | '\u{2028}' | '\u{2029}')
    };
    if quote == Quote::Single && text.chars().all(plain) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    json_text(text)
}

fn json_text(text: &str) -> String {
    // A string can always be written as JSON.
    serde_json::to_string(text).unwrap_or_default()
}

/// A scalar, or a collection in brackets.
pub(super) fn flow(value: &NewValue, brackets: Brackets, quote: Quote) -> String {
    let Brackets { json, spaced } = brackets;
    let space = if spaced { " " } else { "" };
    let word = |word: &str| if json { json_text(word) } else { text(word, quote) };
    match value {
        NewValue::Text(text) => word(text),
        NewValue::Number(number) => number.to_string(),
        NewValue::Bool(value) => value.to_string(),
        NewValue::List(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(item, brackets, quote)).collect();
            format!("[{}]", items.join(", "))
        }
        NewValue::Map(entries) if entries.is_empty() => "{}".to_owned(),
        NewValue::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| flow_entry(key, value, brackets, quote));
            format!("{{{space}{}{space}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// `key: value` in brackets.
pub(super) fn flow_entry(key: &str, value: &NewValue, brackets: Brackets, quote: Quote) -> String {
    let key = if brackets.json { json_text(key) } else { text(key, quote) };
    format!("{key}: {}", flow(value, brackets, quote))
}

/// How collections in brackets are written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Brackets {
    /// As JSON: all texts in quotes.
    pub(super) json: bool,
    /// With a space inside the braces.
    pub(super) spaced: bool,
}

/// `key: value` in block style, without the indentation of its first line. `column` is that of the key.
pub(super) fn entry(key: &str, body: &Body, column: usize, style: &Style) -> String {
    format!("{}:{}", text(key, style.quote), below(body, column, style))
}

/// `- value` in block style. `column` is that of the dash.
pub(super) fn item(body: &Body, column: usize, style: &Style) -> String {
    format!("-{}", behind_dash(body, column, style))
}

/// What follows the colon behind a key at a column.
pub(super) fn below(body: &Body, column: usize, style: &Style) -> String {
    match body {
        Body::Source { text, column: from } => shifted(text, *from, column),
        Body::Map(entries) => {
            lines(entries.iter(), column.saturating_add(style.step), style, |(key, value), column| {
                entry(key, value, column, style)
            })
        }
        Body::List(items) => {
            lines(items.iter(), column.saturating_add(style.list_step), style, |value, column| {
                item(value, column, style)
            })
        }
        Body::New(NewValue::Map(entries)) if !entries.is_empty() => {
            lines(entries.iter(), column.saturating_add(style.step), style, |(key, value), column| {
                entry(key, &Body::New(value.clone()), column, style)
            })
        }
        Body::New(NewValue::List(items)) if !items.is_empty() => {
            lines(items.iter(), column.saturating_add(style.list_step), style, |value, column| {
                item(&Body::New(value.clone()), column, style)
            })
        }
        Body::New(value) => format!(" {}", flow(value, Brackets::default(), style.quote)),
    }
}

fn lines<T>(
    parts: impl Iterator<Item = T>,
    column: usize,
    style: &Style,
    part: impl Fn(T, usize) -> String,
) -> String {
    let indent = " ".repeat(column);
    parts.map(|one| format!("{}{indent}{}", style.line_break, part(one, column))).collect()
}

/// What follows a dash at a column: the first entry of a mapping is on its line.
pub(super) fn behind_dash(body: &Body, column: usize, style: &Style) -> String {
    let inside = column.saturating_add(2);
    let entries: Vec<(String, Body)> = match body {
        Body::Map(entries) => entries.clone(),
        Body::New(NewValue::Map(entries)) if !entries.is_empty() => {
            entries.iter().map(|(key, value)| (key.clone(), Body::New(value.clone()))).collect()
        }
        Body::New(value) => return format!(" {}", flow(value, Brackets::default(), style.quote)),
        Body::Source { .. } | Body::List(_) => return below(body, column, style),
    };
    let entries: Vec<String> = entries.iter().map(|(key, value)| entry(key, value, inside, style)).collect();
    let between = format!("{}{}", style.line_break, " ".repeat(inside));
    format!(" {}", entries.join(&between))
}

/// Lines of a text that began at a column, for another one. The first line stays as it is.
fn shifted(text: &str, from: usize, to: usize) -> String {
    let mut lines = text.split('\n');
    let mut moved = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        moved.push('\n');
        let content = line.trim_start_matches(' ');
        if content.trim().is_empty() {
            moved.push_str(line);
            continue;
        }
        let indent = line.len().saturating_sub(content.len());
        let indent = indent.saturating_add(to).saturating_sub(from);
        moved.push_str(&" ".repeat(indent));
        moved.push_str(content);
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style { step: 2, list_step: 0, line_break: "\n", quote: Quote::Double };

    #[test]
    fn values_are_written_as_blocks() {
        let labels = NewValue::Map(vec![("app".into(), "agent".into()), ("on".into(), "true".into())]);
        let value = NewValue::Map(vec![
            ("labels".into(), labels),
            ("items".into(), NewValue::List(vec![NewValue::entry("name", "a"), "b: c".into()])),
            ("none".into(), NewValue::Map(Vec::new())),
        ]);
        let written = entry("metadata", &Body::New(value.clone()), 4, &STYLE);
        assert_eq!(
            written,
            "metadata:\n      labels:\n        app: agent\n        \"on\": \"true\"\n      items:\n      - name: a\n      - \"b: c\"\n      none: {}"
        );
        let json = Brackets { json: true, spaced: true };
        assert_eq!(flow(&NewValue::entry("a", true), json, Quote::Double), "{ \"a\": true }");
    }

    #[test]
    fn a_moved_block_keeps_its_form() {
        let text = "\n  - a  # one\n\n    b: |\n      x\n  # two".to_owned();
        let body = Body::Source { text, column: 2 };
        assert_eq!(below(&body, 6, &STYLE), "\n      - a  # one\n\n        b: |\n          x\n      # two");
        assert_eq!(below(&body, 0, &STYLE), "\n- a  # one\n\n  b: |\n    x\n# two");
    }
}
