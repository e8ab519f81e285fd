//! The template that a document was rendered from.

/// What Helm writes above each document, behind the separator.
const COMMENT: &str = "# Source: ";

/// The template that Helm names in the comments above a document. `start` is the document's first line that is not empty, a comment or a
/// separator.
///
/// Upstream: `helm template` (`pkg/action.Configuration.renderResources`). People write such comments as well, with a sentence behind
/// them; the path of a template is one word.
pub fn template(text: &str, start: usize) -> Option<&str> {
    // A document that begins within a line is JSON that follows other JSON.
    let above = text.get(..start)?.strip_suffix('\n')?;
    let comments = above.lines().rev().take_while(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#')
    });
    // Helm's comment is the first one. Those that follow it are the template's own.
    let named = comments.filter_map(|line| line.strip_prefix(COMMENT)).last()?.trim();
    let is_word = !named.is_empty() && !named.contains(char::is_whitespace);
    is_word.then_some(named)
}

#[cfg(test)]
mod tests {
    use super::template;

    #[test]
    fn helm_names_the_template_above_a_document() {
        let source = |text: &str| template(text, text.find("kind").unwrap_or_default()).map(str::to_owned);
        let named = Some("agent/templates/ds.yaml".to_owned());
        assert_eq!(source("---\n# Source: agent/templates/ds.yaml\nkind: DaemonSet\n"), named);
        assert_eq!(
            source("---\r\n# Source: agent/templates/ds.yaml\r\n\r\n# Ours.\r\nkind: DaemonSet\r\n"),
            named
        );
        assert_eq!(
            source("# Source: agent/templates/ds.yaml\n# Source: of-its-own\nkind: DaemonSet\n"),
            named
        );
        for text in [
            "kind: DaemonSet\n",
            "---\nkind: DaemonSet\n",
            "# Source: agent/templates/other.yaml\na: b\n---\nkind: DaemonSet\n",
            "# Source: agent/templates/other.yaml\n---\nkind: DaemonSet\n",
            "# Source: written by hand\nkind: DaemonSet\n",
            "# Source: \nkind: DaemonSet\n",
            "note: |\n  # Source: no/comment\n  kind: DaemonSet\n",
        ] {
            assert_eq!(source(text), None, "{text}");
        }
    }
}
