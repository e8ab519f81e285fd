//! Converts byte offsets to lines and columns.

/// Where each line of a text begins.
#[derive(Clone, Debug)]
pub struct LineIndex {
    /// The offset of the first byte of each line but the first.
    starts: Vec<u32>,
    length: usize,
}

impl LineIndex {
    /// The index of a text. A line ends with a line feed, which may follow a carriage return.
    pub fn new(text: &str) -> Self {
        let behind = |(offset, _): (usize, &str)| u32::try_from(offset.saturating_add(1)).unwrap_or(u32::MAX);
        Self { starts: text.match_indices('\n').map(behind).collect(), length: text.len() }
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
        let before = text.as_bytes().get(start..offset.min(text.len())).unwrap_or_default();
        // Every byte but the continuation bytes of UTF-8 begins a character.
        let characters = before.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        let mark = usize::from(line == 1 && before.starts_with("\u{FEFF}".as_bytes()));
        (line, characters.saturating_sub(mark).saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::LineIndex;

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
