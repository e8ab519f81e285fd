//! What is said below a title: paragraphs and lines, before they are laid out.

use daemonset_validation::placement::OutcomeKind;

use super::layout::{DIM, paint, paragraph};
use super::words::StepKind;
use crate::report::Style;
use crate::shown::shown;

/// A place in a manifest stands between these in a text. Hidden characters of names are escaped, so no name has them.
const PLACE: (char, char) = ('\u{2}', '\u{3}');

/// The text of a place, which is left out where several DaemonSets share a body.
pub(super) fn place(text: &str) -> String {
    format!("{}{}{}", PLACE.0, shown(text), PLACE.1)
}

/// One part of a body.
#[derive(Debug)]
enum Piece {
    /// A paragraph: what its first line begins with, the verdict whose mark is there, and the text.
    Paragraph(&'static str, Option<OutcomeKind>, String),
    /// A line that is not broken.
    Line(String),
    /// A line behind the mark of a verdict.
    Node(OutcomeKind, String),
}

/// The parts of a body. All texts are safe to print.
#[derive(Debug, Default)]
pub(super) struct Body(Vec<Piece>);

impl Body {
    /// Adds a paragraph.
    pub(super) fn paragraph(&mut self, first: &'static str, text: String) {
        self.0.push(Piece::Paragraph(first, None, text));
    }

    /// Adds a paragraph about nodes of one verdict.
    pub(super) fn marked(&mut self, outcome: OutcomeKind, text: String) {
        self.0.push(Piece::Paragraph("", Some(outcome), text));
    }

    /// Adds a line that is never broken.
    pub(super) fn line(&mut self, text: String) {
        self.0.push(Piece::Line(text));
    }

    /// Adds a line about one node.
    pub(super) fn node(&mut self, outcome: OutcomeKind, text: String) {
        self.0.push(Piece::Node(outcome, text));
    }

    /// Adds what to do, indented by so many columns. A command or an entry is a line by itself, to be copied.
    pub(super) fn steps(&mut self, steps: &[(StepKind, String)], indent: &'static str) {
        let mut prose: Vec<&str> = Vec::new();
        for (kind, text) in steps {
            match kind {
                StepKind::Prose => prose.push(text),
                StepKind::Said => self.paragraph(indent, shown(text).into_owned()),
                StepKind::Command | StepKind::Toleration => {
                    self.line(format!("{indent}  {}", shown(text)));
                }
            }
        }
        if !prose.is_empty() {
            self.paragraph(indent, shown(&format!("to run there: {}", prose.join(", and "))).into_owned());
        }
    }

    /// The lines, with or without the places.
    pub(super) fn lines(&self, style: &Style, has_places: bool) -> Vec<String> {
        let mut lines = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Line(text) => lines.push(text.clone()),
                Piece::Node(outcome, text) => {
                    let mark = paint(mark(*outcome, style), color(*outcome), style);
                    lines.push(format!("  {mark} {text}"));
                }
                Piece::Paragraph(first, None, text) => {
                    lines.extend(paragraph(first, &without_marks(text, has_places), style.columns));
                }
                Piece::Paragraph(_, Some(outcome), text) => {
                    let mut told = paragraph("    ", &without_marks(text, has_places), style.columns);
                    if let Some(first) = told.first_mut() {
                        let mark = paint(mark(*outcome, style), color(*outcome), style);
                        *first = format!("  {mark} {}", first.trim_start());
                    }
                    lines.extend(told);
                }
            }
        }
        lines
    }
}

/// A text without the marks of its places, and without the places themselves if these are not wanted.
pub(super) fn without_marks(text: &str, has_places: bool) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut is_inside = false;
    for character in text.chars() {
        if character == PLACE.0 {
            is_inside = true;
        } else if character == PLACE.1 {
            is_inside = false;
        } else if has_places || !is_inside {
            kept.push(character);
        }
    }
    kept
}

/// The words of a verdict.
pub(super) const fn label(outcome: OutcomeKind) -> &'static str {
    match outcome {
        OutcomeKind::NotWanted => "not wanted",
        other => other.as_str(),
    }
}

/// The mark of a verdict. It says the same without colours.
pub(super) const fn mark(outcome: OutcomeKind, style: &Style) -> &'static str {
    match outcome {
        OutcomeKind::Runs if style.ascii => "+",
        OutcomeKind::Runs => "✓",
        OutcomeKind::Refused if style.ascii => "x",
        OutcomeKind::Refused => "×",
        OutcomeKind::Pending => "!",
        OutcomeKind::Unknown => "?",
        OutcomeKind::NotWanted if style.ascii => "-",
        OutcomeKind::NotWanted => "–",
    }
}

/// The colour of a verdict.
pub(super) const fn color(outcome: OutcomeKind) -> &'static str {
    match outcome {
        OutcomeKind::Runs => "32",
        OutcomeKind::Refused => "31",
        OutcomeKind::Pending => "33",
        OutcomeKind::Unknown => "35",
        OutcomeKind::NotWanted => DIM,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_can_be_left_out() {
        let style = Style { color: false, columns: 80, ascii: false, all: false, only: None, links: false };
        let mut body = Body::default();
        body.marked(OutcomeKind::Pending, format!("a: no room{}", place(" (a.yaml:5)")));
        body.steps(
            &[(StepKind::Command, "kubectl uncordon a".to_owned()), (StepKind::Prose, "wait".to_owned())],
            "    ",
        );
        assert_eq!(
            body.lines(&style, true),
            ["  ! a: no room (a.yaml:5)", "      kubectl uncordon a", "    to run there: wait"]
        );
        let ascii = Style { ascii: true, ..style };
        let mut left_out = Body::default();
        left_out.marked(OutcomeKind::NotWanted, "b".to_owned());
        assert_eq!(left_out.lines(&ascii, true), ["  - b"]);
        assert_eq!(body.lines(&style, false).first().map(String::as_str), Some("  ! a: no room"));
    }
}
