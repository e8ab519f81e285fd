//! Lines of a given width: wrapped paragraphs, shortened names, colours.

use textwrap::core::display_width;

use crate::report::Style;

/// Bold.
pub(super) const BOLD: &str = "1";
/// Dim.
pub(super) const DIM: &str = "2";

/// The text in a colour, if the style has colours.
pub(super) fn paint(text: &str, code: &str, style: &Style) -> String {
    if style.color && !code.is_empty() && !text.is_empty() {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// The width of a text, in columns.
pub(super) fn width(text: &str) -> usize {
    display_width(text)
}

/// The text with spaces behind it up to a width.
pub(super) fn padded(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

/// The text with spaces before it up to a width.
pub(super) fn right(text: &str, to: usize) -> String {
    format!("{}{text}", " ".repeat(to.saturating_sub(width(text))))
}

/// The text, with `…` in the place of its middle where it is wider than the room: both ends of a name tell what it is.
pub(super) fn middle(text: &str, room: usize, style: &Style) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let rest = room.saturating_sub(1);
    let behind = rest.saturating_div(2);
    let before = rest.saturating_sub(behind);
    let (before, behind) = (head(text.chars(), before), reversed(&head(text.chars().rev(), behind)));
    format!("{before}{}{behind}", gap(style))
}

/// The text, with `…` in the place of its end where it is wider than the room.
pub(super) fn cut(text: &str, room: usize, style: &Style) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    format!("{}{}", head(text.chars(), room.saturating_sub(1)).trim_end(), gap(style))
}

/// The mark of what is left out; one column wide.
const fn gap(style: &Style) -> char {
    if style.ascii { '~' } else { '…' }
}

/// The first characters that have room.
fn head(characters: impl Iterator<Item = char>, room: usize) -> String {
    let mut kept = String::new();
    for character in characters {
        kept.push(character);
        if width(&kept) > room {
            kept.pop();
            break;
        }
    }
    kept
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// A paragraph in lines. The first begins with `first`, the others are indented by as many columns as `first` has. Words, and code in
/// backticks that is no longer than [`UNBROKEN`], are not broken.
pub(super) fn paragraph(first: &str, text: &str, columns: usize) -> Vec<String> {
    let indent = width(first);
    let room = columns.saturating_sub(indent).max(LEAST);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(text) {
        let long = width(&line).saturating_add(1).saturating_add(width(word)) > room;
        if long && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    let indented = |(number, line): (usize, String)| {
        if number == 0 { format!("{first}{line}") } else { format!("{:indent$}{line}", "") }
    };
    lines.into_iter().enumerate().map(indented).collect()
}

/// A paragraph has at least this width.
const LEAST: usize = 24;

/// Longer code in backticks is broken at its spaces.
const UNBROKEN: usize = 40;

fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = end_of_word(rest);
        let (word, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        words.push(word);
        rest = behind.strip_prefix(' ').unwrap_or(behind);
    }
    words
}

/// Where the first word ends, in bytes.
fn end_of_word(text: &str) -> usize {
    let space = text.find(' ').unwrap_or(text.len());
    let Some(open) = text.find('`').filter(|open| *open < space) else { return space };
    let inside = open.saturating_add(1);
    let behind = text.get(inside..).unwrap_or_default();
    match behind.find('`') {
        Some(length) if length <= UNBROKEN => {
            let close = inside.saturating_add(length).saturating_add(1);
            let after = text.get(close..).unwrap_or_default();
            close.saturating_add(after.find(' ').unwrap_or(after.len()))
        }
        _ => space,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_both_ends() {
        let style = Style { color: false, columns: 80, ascii: false, all: false, only: None, links: false };
        assert_eq!(middle("kube-system/aws-node", 20, &style), "kube-system/aws-node");
        assert_eq!(middle("monitoring/prometheus-node-exporter", 20, &style), "monitoring…-exporter");
        assert_eq!(middle("ab", 1, &style), "…");
        assert_eq!(width(&middle("日本語の名前の長いもの", 9, &style)), 9);
        assert_eq!(cut("taint spot is not tolerated", 12, &style), "taint spot…");
        assert_eq!(cut("short", 5, &style), "short");
        assert_eq!(cut("a name", 4, &Style { ascii: true, ..style }), "a n~");
    }

    #[test]
    fn code_and_long_words_are_not_broken() {
        let text = "the manifest wants `color In [red, blue]` (a/very/long/path/agents.yaml:56)";
        assert_eq!(
            paragraph("  ! ", text, 30),
            ["  ! the manifest wants", "    `color In [red, blue]`", "    (a/very/long/path/agents.yaml:56)"]
        );
        assert_eq!(paragraph("", "a  b", 80), ["a  b"]);
        assert_eq!(paragraph("- ", "", 80), ["- "]);
        assert_eq!(paragraph("", "`open and never closed", usize::MAX), ["`open and never closed"]);
    }
}
