//! Text in messages, where some characters have a meaning.

/// The text of a message. `[words](address)` would be a link, and `{0}` the place of an argument, so a backslash and a second brace keep them
/// what they are. Other brackets and braces stay, since most readers show escapes as they are.
pub(super) fn escaped(text: &str) -> String {
    let linkless = text.replace("](", "\\](");
    let mut escaped = String::with_capacity(linkless.len());
    let mut rest = linkless.as_str();
    while let Some(at) = rest.find('{') {
        let (before, behind) = rest.split_at(at);
        escaped.push_str(before);
        let inside = behind.strip_prefix('{').unwrap_or_default();
        let digits = inside.trim_start_matches(|one: char| one.is_ascii_digit());
        let number = inside.get(..inside.len().saturating_sub(digits.len())).unwrap_or_default();
        match digits.strip_prefix('}').filter(|_| !number.is_empty()) {
            Some(after) => {
                escaped.push_str(&format!("{{{{{number}}}}}"));
                rest = after;
            }
            None => {
                escaped.push('{');
                rest = inside;
            }
        }
    }
    escaped.push_str(rest);
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn links_and_arguments_are_text() {
        for (text, safe) in [
            ("containers[0].image", "containers[0].image"),
            ("[click](https://example.com)", "[click\\](https://example.com)"),
            (
                "write `{ name: a }` and {0}, {12}, {, {x}, {1",
                "write `{ name: a }` and {{0}}, {{12}}, {, {x}, {1",
            ),
            ("{{0}}", "{{{0}}}"),
        ] {
            assert_eq!(escaped(text), safe);
        }
    }
}
