//! Where a block scalar ends: behind its last line, while the parser's span reaches to the next token.

/// The length of a block scalar whose source begins with `|` or `>`, without the line break at its end.
pub(super) fn length(source: &str) -> usize {
    let mut lines = source.split_inclusive('\n');
    let header = lines.next().unwrap_or_default();
    let mut length = header.trim_end().len();
    let mut seen = header.len();
    let mut indent = None;
    for line in lines {
        let text = line.trim_end();
        let leading = text.len().saturating_sub(text.trim_start_matches(' ').len());
        if !text.is_empty() {
            // The first line with text says how far the scalar is indented; a comment behind it stands further left.
            if leading < *indent.get_or_insert(leading) || leading == 0 {
                break;
            }
            length = seen.saturating_add(text.len());
        }
        seen = seen.saturating_add(line.len());
    }
    length
}
