//! The preview as one HTML page: a map of nodes and DaemonSets, with the reasons for each square.
//!
//! The page loads nothing, and its Content-Security-Policy forbids it. Names and sentences in its data come from manifests and clusters
//! that are not trusted, so the script inserts them as text and never as markup.

mod data;
mod intern;

use std::io::{self, Write};

use crate::engine::Run;
use crate::shown::{is_hidden, push_escape};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

/// The parts of the script; each uses only parts before it.
const SCRIPT: &[&str] = &[
    include_str!("script/model.js"),
    include_str!("script/selector.js"),
    include_str!("script/text.js"),
    include_str!("script/panel.js"),
    include_str!("script/grid.js"),
    include_str!("script/sections.js"),
    include_str!("script/print.js"),
    include_str!("script/main.js"),
];

/// Writes the page; without a cluster, writes nothing.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(cluster) = run.cluster else { return Ok(()) };
    let data = serde_json::to_string(&data::page(&run.files, run.server.minor(), cluster))?;
    let mut rest = PAGE;
    while let Some((before, behind)) = rest.split_once("{{") {
        out.write_all(before.as_bytes())?;
        let (name, after) = behind.split_once("}}").unwrap_or((behind, ""));
        match name {
            "style" => out.write_all(STYLE.as_bytes())?,
            "data" => out.write_all(escaped(&data).as_bytes())?,
            "script" => SCRIPT.iter().try_for_each(|part| out.write_all(part.as_bytes()))?,
            _ => {}
        }
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// JSON whose strings can neither end the script element nor open markup, and hold no hidden character. All of these characters can
/// only be inside strings of compact JSON, where the escape means the same.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if matches!(character, '<' | '>' | '&') || is_hidden(character) {
            push_escape(character, &mut text);
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_the_data_is_markup() {
        let hostile =
            "</script><script>alert(1)</script><!-- & \u{2028}\u{2029} \u{202e}\u{9b}\x7f\x1b\n\u{e0041}";
        let json = escaped(&serde_json::to_string(hostile).unwrap_or_default());
        assert!(!json.contains(['<', '>', '&']) && !json.chars().any(is_hidden), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).ok().as_deref(), Some(hostile));
    }

    #[test]
    fn the_template_has_each_part_once_and_no_part_ends_another() {
        for name in ["{{style}}", "{{data}}", "{{script}}"] {
            assert_eq!(PAGE.matches(name).count(), 1, "{name}");
        }
        assert_eq!(PAGE.matches("{{").count(), 3);
        assert!(!STYLE.contains("</"));
        for part in SCRIPT {
            assert!(!part.contains("</") && !part.contains("<!--"), "{part}");
            assert!(!part.contains("innerHTML") && !part.contains("insertAdjacentHTML"), "{part}");
        }
    }

    #[test]
    fn the_page_names_nothing_outside_of_itself() {
        for part in SCRIPT.iter().chain(&[PAGE, STYLE]) {
            for outside in
                ["http:", "https:", "url(", "@import", "src=", "fetch(", "XMLHttpRequest", "import("]
            {
                assert!(!part.contains(outside), "{outside}");
            }
        }
    }
}
