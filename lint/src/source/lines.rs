//! Converts byte offsets to lines and columns.

use std::cell::OnceCell;

/// Where each line of a text begins.
#[derive(Clone, Debug)]
pub struct LineIndex {
    /// The offset of the first byte of each line but the first.
    starts: Vec<u32>,
    length: usize,
    /// The number of continuation bytes before each block of a text with a long line; empty until a place in a long line is asked for.
    blocks: OnceCell<Vec<u32>>,
}

/// The bytes of a block, and of a line that is counted without blocks.
const BLOCK: usize = 4096;

/// The number of bytes that do not begin a character.
fn continuations(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 == 0x80).count()
}

impl LineIndex {
    /// The index of a text. A line ends with a line feed, which may follow a carriage return.
    pub fn new(text: &str) -> Self {
        let behind = |(offset, _): (usize, &str)| u32::try_from(offset.saturating_add(1)).unwrap_or(u32::MAX);
        Self {
            starts: text.match_indices('\n').map(behind).collect(),
            length: text.len(),
            blocks: OnceCell::new(),
        }
    }

    /// The line that holds a byte, counted from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start as usize <= offset).saturating_add(1)
    }

    /// The offset at which a line begins; for lines after the last one, the end of the text.
    pub fn line_start(&self, line: usize) -> usize {
        match line.checked_sub(2) {
            None => 0,
            Some(before) => self.starts.get(before).map_or(self.length, |start| *start as usize),
        }
    }

    /// The line and column of a byte. `text` is the text of the index. Columns count characters from 1, without a byte order mark at the
    /// beginning of the text.
    pub fn position(&self, text: &str, offset: usize) -> (usize, usize) {
        let line = self.line(offset);
        let start = self.line_start(line);
        let end = offset.min(text.len());
        let before = text.as_bytes().get(start..end).unwrap_or_default();
        // Every byte but the continuation bytes of UTF-8 begins a character.
        let inside = if before.len() <= BLOCK {
            continuations(before)
        } else {
            self.continuations_before(text, end).saturating_sub(self.continuations_before(text, start))
        };
        let characters = before.len().saturating_sub(inside);
        let mark = usize::from(line == 1 && before.starts_with("\u{FEFF}".as_bytes()));
        (line, characters.saturating_sub(mark).saturating_add(1))
    }
}

impl LineIndex {
    /// The number of continuation bytes in the text before an offset. Many places may be on one long line, so they are counted by blocks.
    fn continuations_before(&self, text: &str, offset: usize) -> usize {
        let bytes = text.as_bytes();
        let blocks = self.blocks.get_or_init(|| {
            let mut before = 0_usize;
            let counts = bytes.chunks(BLOCK).map(|block| {
                let count = u32::try_from(before).unwrap_or(u32::MAX);
                before = before.saturating_add(continuations(block));
                count
            });
            counts.collect()
        });
        let block = offset.wrapping_div(BLOCK);
        let rest = bytes.get(block.saturating_mul(BLOCK)..offset).unwrap_or_default();
        let before = blocks.get(block).map_or(0, |count| *count as usize);
        before.saturating_add(continuations(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::LineIndex;

    #[test]
    fn columns_of_long_lines_count_characters() {
        let text = format!("short\n{}\nend: ü\n", "aü€".repeat(5000));
        let lines = LineIndex::new(&text);
        for (offset, _) in text.char_indices().step_by(577) {
            let line_start =
                text.get(..offset).unwrap_or_default().rfind('\n').map_or(0, |end| end.saturating_add(1));
            let column = text.get(line_start..offset).unwrap_or_default().chars().count().saturating_add(1);
            assert_eq!(lines.position(&text, offset).1, column, "{offset}");
        }
        let length = text.len();
        assert_eq!(lines.position(&text, length), (4, 1));
    }

    #[test]
    fn lines_and_columns_count_from_one() {
        let text = "\u{FEFF}ab\r\nä: ü\n\n\tx";
        let lines = LineIndex::new(text);
        let at = |needle: &str| lines.position(text, text.find(needle).unwrap_or_default());
        assert_eq!([at("ab"), at("b"), at("ä"), at("ü"), at("x")], [(1, 1), (1, 2), (2, 1), (2, 4), (4, 2)]);
        assert_eq!(lines.position(text, text.len()), (4, 3));
        let starts = [0, 1, 2, 3, 4, 5].map(|line| lines.line_start(line));
        assert_eq!(starts, [0, 0, 7, 14, 15, text.len()]);
    }
}
