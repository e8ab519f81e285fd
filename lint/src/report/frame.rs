//! The part of a file that a finding's frame shows: the lines around a place. Long lines are cut around the place, and control
//! characters are escaped. Line numbers are those of the file.

use daemonset_validation::Span;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::shown::{is_hidden, push_escape};
use crate::source::LineIndex;

/// The columns that are shown of a line if the output is not wrapped.
const LINE: usize = 200;

/// The minimum of columns that are shown of a line.
const NARROW: usize = 40;

/// The columns of a tab, at most.
const TAB: usize = 2;

/// Of a place on more lines than this, only the first line is shown.
const LINES: usize = 20;

/// The mark of a line that is cut.
const CUT: char = '…';

/// Lines of a file, ready to be drawn.
#[derive(Debug)]
pub(super) struct Frame {
    text: String,
    /// The line of the file at which the text begins, from 1.
    first_line: usize,
    line_count: usize,
    /// The place in the text, in bytes.
    start: usize,
    end: usize,
    /// The columns of the line numbers and of the bar behind them.
    gutter: usize,
}

impl Frame {
    /// The frame around a place of a file's text. Without a width, a line is cut after [`LINE`] columns.
    pub(super) fn new(text: &str, lines: &LineIndex, place: Span, width: Option<usize>) -> Self {
        let start = text.floor_char_boundary(place.start as usize);
        let mut end = text.floor_char_boundary(place.end as usize).max(start);
        let line = lines.line(start);
        let mut last = lines.line(end.saturating_sub(1).max(start));
        if last.saturating_sub(line) >= LINES {
            last = line;
            end = lines.line_start(line.saturating_add(1)).min(text.len());
        }
        let first_line = line.saturating_sub(1).max(1);
        let gutter = last.saturating_add(1).to_string().len().saturating_add(4);
        // A line that is cut has a mark at both ends.
        let room = width.map_or(LINE, |width| width.saturating_sub(gutter).saturating_sub(2).max(NARROW));
        let mut drawing = Drawing { place: start..end, room, text: String::new(), start: None, end: None };
        for number in first_line..=last.saturating_add(1) {
            let begin = lines.line_start(number);
            let behind = lines.line_start(number.saturating_add(1)).min(text.len());
            let Some(whole) = text.get(begin..behind) else { break };
            let in_place = (line..=last).contains(&number);
            drawing.line(whole, begin, in_place.then_some(number == last));
        }
        let end = drawing.end.unwrap_or(drawing.text.len());
        Self {
            first_line,
            line_count: last.saturating_sub(first_line).saturating_add(2),
            start: drawing.start.unwrap_or(end).min(end),
            end,
            text: drawing.text,
            gutter,
        }
    }

    /// Where the place is in the frame's own text: offset and length in bytes.
    pub(super) const fn place(&self) -> (usize, usize) {
        (self.start, self.end.saturating_sub(self.start))
    }

    /// The columns that are left for a note below the place, behind its arrow.
    pub(super) fn room_for_note(&self, width: usize) -> usize {
        let before = self.text.get(..self.start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let place = self.text.get(self.start..self.end).unwrap_or_default();
        let middle = columns(line).saturating_add(columns(place).div_euclid(2));
        width.saturating_sub(self.gutter).saturating_sub(middle).saturating_sub(ARROW)
    }
}

/// The columns of `╰── `, before a note.
const ARROW: usize = 4;

/// A frame's text while it is built.
struct Drawing {
    /// The place in the file.
    place: std::ops::Range<usize>,
    /// The columns that are shown of a line.
    room: usize,
    text: String,
    /// The place in this text, once it is reached.
    start: Option<usize>,
    end: Option<usize>,
}

impl Drawing {
    /// Adds a line that begins at this offset of the file. `in_place` is set if the place is on the line, and true if it ends there.
    fn line(&mut self, whole: &str, begin: usize, in_place: Option<bool>) {
        let content = whole.strip_suffix('\n').unwrap_or(whole);
        let content = content.strip_suffix('\r').filter(|_| whole.ends_with('\n')).unwrap_or(content);
        let inside = |offset: usize| content.floor_char_boundary(offset.saturating_sub(begin));
        let window = match in_place {
            Some(_) => window(content, inside(self.place.start), inside(self.place.end), self.room),
            None => window(content, 0, 0, self.room),
        };
        if window.start > 0 {
            self.text.push(CUT);
        }
        let cut = window.end < content.len();
        for (offset, character) in content.get(window.clone()).unwrap_or_default().char_indices() {
            let offset = begin.saturating_add(window.start).saturating_add(offset);
            self.mark(offset);
            match character {
                // A byte order mark at the beginning of a file is not part of its first line.
                '\u{FEFF}' if offset == 0 => {}
                '\t' => self.text.push(character),
                hidden if is_hidden(hidden) => push_escape(hidden, &mut self.text),
                other => self.text.push(other),
            }
        }
        self.mark(begin.saturating_add(window.end));
        if cut && in_place == Some(true) {
            self.end.get_or_insert(self.text.len());
        }
        if cut {
            self.text.push(CUT);
        }
        if whole.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Records where the place begins and ends, once the file's offset reaches it.
    fn mark(&mut self, offset: usize) {
        if offset >= self.place.start {
            self.start.get_or_insert(self.text.len());
        }
        if offset >= self.place.end {
            self.end.get_or_insert(self.text.len());
        }
    }
}

/// The bytes of a line that are shown: all, or some columns around a place. Only characters near the place are read.
fn window(line: &str, start: usize, end: usize, room: usize) -> std::ops::Range<usize> {
    let (before, from) = line.split_at_checked(start).unwrap_or(("", line));
    let place = from.get(..end.saturating_sub(start)).unwrap_or_default();
    // Seven tenths, so that something stands beside the place.
    let (place_columns, place_end) = first(place, room.saturating_mul(7).div_euclid(10));
    let behind = from.get(place_end..).unwrap_or_default();
    let room = room.saturating_sub(place_columns);
    let (available_before, _) = last(before, room);
    let (available_behind, _) = first(behind, room);
    // The room that one side does not need goes to the other side.
    let half = room.div_euclid(2);
    let take_before = available_before.min(half.max(room.saturating_sub(available_behind)));
    let (_, begin) = last(before, take_before);
    let (_, behind_end) = first(behind, room.saturating_sub(take_before));
    begin..start.saturating_add(place_end).saturating_add(behind_end).min(line.len())
}

/// The columns at the start of a text, at most `most`, and the offset after them.
fn first(text: &str, most: usize) -> (usize, usize) {
    let mut sum = 0_usize;
    for (offset, character) in text.char_indices() {
        let with = sum.saturating_add(width(character));
        if with > most {
            return (sum, offset);
        }
        sum = with;
    }
    (sum, text.len())
}

/// The columns at the end of a text, at most `most`, and the offset before them.
fn last(text: &str, most: usize) -> (usize, usize) {
    let (mut sum, mut begin) = (0_usize, text.len());
    for (offset, character) in text.char_indices().rev() {
        let with = sum.saturating_add(width(character));
        if with > most {
            break;
        }
        (sum, begin) = (with, offset);
    }
    (sum, begin)
}

/// The columns of a text.
fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// The columns of a character as it is shown.
fn width(character: char) -> usize {
    match character {
        '\t' => TAB,
        '\r' => 2,
        ' '..='~' => 1,
        hidden if is_hidden(hidden) => hidden.len_utf16().saturating_mul("\\u0000".len()),
        other => textwrap::core::display_width(other.encode_utf8(&mut [0; 4])),
    }
}

impl SourceCode for Frame {
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Without context lines, miette asks for the place itself, whose line and column it does not print.
        let from = if before == 0 && after == 0 { self.start } else { 0 };
        let data = self.text.as_bytes().get(from..).ok_or(MietteError::OutOfBounds)?;
        Ok(Box::new(MietteSpanContents::new(
            data,
            SourceSpan::new(from.into(), data.len()),
            self.first_line.saturating_sub(1),
            0,
            self.line_count,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frame's text, and its underlined part.
    fn frame(text: &str, place: &str) -> (String, String) {
        let start = text.find(place).unwrap_or_default();
        let span = |at: usize| u32::try_from(at).unwrap_or_default();
        let place = Span::new(span(start), span(start.saturating_add(place.len())));
        let frame = Frame::new(text, &LineIndex::new(text), place, None);
        let underlined = frame.text.get(frame.start..frame.end).unwrap_or("outside").to_owned();
        (frame.text, underlined)
    }

    #[test]
    fn short_lines_are_shown_as_they_are() {
        let text = "one\n\ttwo: x\r\nthree\nfour\n";
        assert_eq!(frame(text, "x"), ("one\n\ttwo: x\nthree\n".to_owned(), "x".to_owned()));
        assert_eq!(frame(text, "one"), ("one\n\ttwo: x\n".to_owned(), "one".to_owned()));
        assert_eq!(frame(text, "four"), ("three\nfour\n".to_owned(), "four".to_owned()));
        assert_eq!(frame("", ""), (String::new(), String::new()));
        assert_eq!(frame("\u{FEFF}a: b", "a"), ("a: b".to_owned(), "a".to_owned()));
        let two = "a: [1,\n  2]\nb";
        assert_eq!(frame(two, "[1,\n  2]"), (two.to_owned(), "[1,\n  2]".to_owned()));
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}here{}\n{}", "ä".repeat(100_000), "ü".repeat(100_000), "z".repeat(70_000));
        let (shown, underlined) = frame(&text, "here");
        let line = format!("…{}here{}…", "ä".repeat(98), "ü".repeat(98));
        assert_eq!(shown, format!("{line}\n{}…", "z".repeat(200)));
        assert_eq!(underlined, "here");
        let (shown, underlined) = frame(&format!("here{}", "b".repeat(300)), "here");
        assert_eq!((shown, underlined), (format!("here{}…", "b".repeat(196)), "here".to_owned()));
        let (shown, underlined) = frame(&format!("{}here", "b".repeat(300)), "here");
        assert_eq!((shown, underlined), (format!("…{}here", "b".repeat(196)), "here".to_owned()));
        let fits = format!("{}here{}", "b".repeat(150), "c".repeat(46));
        assert_eq!(frame(&fits, "here").0, fits);
    }

    #[test]
    fn a_long_place_is_underlined_as_far_as_it_is_shown() {
        let value = "v".repeat(70_000);
        let (shown, underlined) = frame(&format!("{}{value}x", "k".repeat(500)), &value);
        assert_eq!(shown, format!("…{}{}…", "k".repeat(30), "v".repeat(170)));
        assert_eq!(underlined, "v".repeat(170));
        let many = "v\n".repeat(50);
        assert_eq!(frame(&format!("a\n{many}b"), &many).1, "v\n");
    }

    #[test]
    fn a_window_is_as_wide_as_the_terminal() {
        for text in ["a", "日", "\u{200b}", "e\u{301}", "😀"] {
            let line = format!("{}here{}", text.repeat(300), text.repeat(300));
            let start = line.find("here").unwrap_or_default();
            let place = Span::new(
                u32::try_from(start).unwrap_or_default(),
                u32::try_from(start).unwrap_or_default().saturating_add(4),
            );
            for width in [50, 90] {
                let frame = Frame::new(&line, &LineIndex::new(&line), place, Some(width));
                let shown = columns(&frame.text);
                assert!(
                    shown <= width.saturating_sub(5) && shown >= width.saturating_sub(22),
                    "{text} {width}: {shown}"
                );
                assert_eq!(frame.text.get(frame.start..frame.end), Some("here"), "{text}");
                let room = frame.room_for_note(width);
                assert!(
                    room > width.div_euclid(4) && room < width.div_euclid(2).saturating_add(4),
                    "{text}: {room}"
                );
            }
        }
    }

    #[test]
    fn control_characters_are_escaped() {
        let (shown, underlined) = frame("a: \x1b[2J\u{9b}1m\u{202e}\rb\n\u{2028}\x07", "\u{9b}1m");
        assert_eq!(shown, "a: \\u001b[2J\\u009b1m\\u202e\\rb\n\\u2028\\u0007");
        assert_eq!(underlined, "\\u009b1m");
    }
}
