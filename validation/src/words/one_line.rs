//! Texts that stay one line.

/// The text with a space for each control character, so that names from manifests and clusters do not break a line.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
