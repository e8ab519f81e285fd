//! Replacements of ranges of a text.

use std::ops::Range;

/// Replaces a range of a text, in bytes; an empty range inserts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextEdit {
    /// The offset of the first byte that is replaced.
    pub start: usize,
    /// The offset behind the last one.
    pub end: usize,
    /// The new text.
    pub text: String,
}

impl TextEdit {
    /// Replaces a range.
    pub fn new(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { start: range.start, end: range.end, text: text.into() }
    }

    /// Inserts a text.
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::new(at..at, text)
    }

    /// Removes a range.
    pub const fn remove(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end, text: String::new() }
    }
}

/// What an edit does to the text.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    /// Sorted, and apart from each other.
    pub(super) edits: Vec<TextEdit>,
    /// Whether a comment gets lost.
    pub(super) drops_comment: bool,
    /// Whether other places of the document change as well, because they have the value by an alias or a merge key.
    pub(super) shared: bool,
}

impl Written {
    pub(super) const fn new(edits: Vec<TextEdit>) -> Self {
        Self { edits, drops_comment: false, shared: false }
    }

    pub(super) const fn dropping(mut self, drops_comment: bool) -> Self {
        self.drops_comment = drops_comment;
        self
    }
}

/// Sorts edits by place; `None` if two of them overlap. Insertions at one place keep their order.
pub(super) fn sorted(mut edits: Vec<TextEdit>) -> Option<Vec<TextEdit>> {
    edits.sort_by_key(|edit| (edit.start, edit.end));
    let apart = edits.windows(2).all(|pair| match pair {
        [one, other] => one.end <= other.start,
        _ => true,
    });
    apart.then_some(edits)
}

/// The text with the edits, which are sorted and do not overlap; `None` if one of them is not in the text.
pub(super) fn applied(text: &str, edits: &[TextEdit]) -> Option<String> {
    let added: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut new = String::with_capacity(text.len().saturating_add(added));
    let mut at = 0;
    for edit in edits {
        new.push_str(text.get(at..edit.start)?);
        text.get(edit.start..edit.end)?;
        new.push_str(&edit.text);
        at = edit.end;
    }
    new.push_str(text.get(at..)?);
    Some(new)
}

/// A part of a text that edits have made.
#[derive(Clone, Debug)]
enum Piece {
    /// A range of the first text.
    Kept(Range<usize>),
    New(String),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Kept(range) => range.len(),
            Self::New(text) => text.len(),
        }
    }

    /// The part of it that begins and ends at these offsets.
    fn part(&self, from: usize, to: usize) -> Option<Self> {
        if from >= to {
            return None;
        }
        Some(match self {
            Self::Kept(range) => Self::Kept(range.start.saturating_add(from)..range.start.saturating_add(to)),
            Self::New(text) => Self::New(text.get(from..to)?.to_owned()),
        })
    }
}

/// The edits that do at once what the first edits of a text do, and then the second ones of the text that comes of it. `length` is that
/// of the first text. Both are sorted and do not overlap.
pub(super) fn composed(length: usize, first: &[TextEdit], second: &[TextEdit]) -> Vec<TextEdit> {
    let mut after_first = Vec::with_capacity(first.len().saturating_mul(2).saturating_add(1));
    let mut at = 0;
    for edit in first {
        after_first.push(Piece::Kept(at..edit.start.max(at)));
        after_first.push(Piece::New(edit.text.clone()));
        at = edit.end.max(at);
    }
    after_first.push(Piece::Kept(at..length.max(at)));
    merged(length, &cut(after_first, second))
}

/// The pieces with edits of the text that they make.
fn cut(pieces: Vec<Piece>, edits: &[TextEdit]) -> Vec<Piece> {
    let mut made = Vec::with_capacity(pieces.len().saturating_add(edits.len().saturating_mul(2)));
    let mut edits = edits.iter().peekable();
    let mut begin = 0_usize;
    // What is before it is done.
    let mut at = 0_usize;
    for piece in pieces {
        let end = begin.saturating_add(piece.len());
        while let Some(edit) = edits.peek().filter(|edit| edit.start < end) {
            made.extend(piece.part(at.saturating_sub(begin), edit.start.saturating_sub(begin)));
            made.push(Piece::New(edit.text.clone()));
            at = edit.end.max(at);
            edits.next();
        }
        let from = at.max(begin);
        made.extend(piece.part(from.saturating_sub(begin), end.saturating_sub(begin)));
        at = at.max(end);
        begin = end;
    }
    made.extend(edits.map(|edit| Piece::New(edit.text.clone())));
    made
}

/// The edits that make the pieces of the first text.
fn merged(length: usize, pieces: &[Piece]) -> Vec<TextEdit> {
    let mut edits = Vec::new();
    let mut at = 0;
    let mut new = String::new();
    let mut flush = |from: usize, to: usize, new: &mut String| {
        if from < to || !new.is_empty() {
            edits.push(TextEdit::new(from..to, std::mem::take(new)));
        }
    };
    for piece in pieces {
        match piece {
            Piece::Kept(range) if range.is_empty() => {}
            Piece::Kept(range) => {
                flush(at, range.start, &mut new);
                at = range.end;
            }
            Piece::New(text) => new.push_str(text),
        }
    }
    flush(at, length, &mut new);
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_rounds_of_edits_are_one() {
        let text = "0123456789";
        let first = [TextEdit::remove(1..3), TextEdit::insert(5, "ab"), TextEdit::new(8..9, "XYZ")];
        let once = applied(text, &first).unwrap_or_default();
        assert_eq!(once, "034ab567XYZ9");
        for second in [
            vec![],
            vec![TextEdit::remove(0..11)],
            vec![TextEdit::insert(0, "<"), TextEdit::insert(11, ">")],
            vec![TextEdit::new(2..4, "-"), TextEdit::new(7..9, "+")],
            vec![TextEdit::remove(3..5), TextEdit::remove(8..11)],
        ] {
            let twice = applied(&once, &second);
            let composed = composed(text.len(), &first, &second);
            assert!(sorted(composed.clone()).is_some(), "{composed:?}");
            assert_eq!(applied(text, &composed), twice, "{second:?} {composed:?}");
        }
    }

    #[test]
    fn edits_that_overlap_are_refused() {
        assert_eq!(sorted(vec![TextEdit::remove(3..5), TextEdit::remove(4..6)]), None);
        assert!(sorted(vec![TextEdit::remove(5..6), TextEdit::insert(5, "a")]).is_some());
        assert_eq!(applied("ä", &[TextEdit::remove(1..2)]), None);
    }
}
