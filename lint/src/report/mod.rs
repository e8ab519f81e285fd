//! How a run is told: frames, tables and a page for people, one JSON object for programs. Each report owns the shape that it prints.

pub(crate) mod attempt;
pub(crate) mod explain;
mod frame;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod text;

/// How text is laid out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Whether to colour.
    pub(crate) color: bool,
    /// How many columns there are.
    pub(crate) columns: usize,
    /// Whether to give every node a row of its own.
    pub(crate) all_nodes: bool,
}

/// The colour sequences that the tables of the preview write.
pub(crate) const TABLE_COLORS: &[&str] =
    &["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[35m"];

/// `1 file`, `2 files`.
pub(crate) fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// `4,950`: a number with its thousands set apart.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len().saturating_mul(2));
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}
