//! Finds the key beside which a line with a wrong indentation most likely belongs.

/// Only so many lines above are looked at.
const LINES: usize = 500;

/// A key in a line above, and how far a line has to move to stand beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Neighbour<'t> {
    pub(super) key: &'t str,
    /// How many spaces to add.
    pub(super) more: usize,
    /// How many spaces to take away.
    pub(super) less: usize,
}

/// The nearest key of the blocks that are open where `above` ends, for a line with this indentation. Of two that are equally near, the inner
/// one.
pub(super) fn neighbour(above: &str, indentation: usize) -> Option<Neighbour<'_>> {
    let mut outer = usize::MAX;
    let mut best: Option<Neighbour<'_>> = None;
    for line in above.lines().rev().take(LINES) {
        let text = line.trim_start_matches(' ');
        let column = line.len().saturating_sub(text.len());
        // A line that is indented as much as a line below it is not around that line.
        if text.is_empty() || text.starts_with('#') || column >= outer {
            continue;
        }
        outer = column;
        let entry = text.trim_start_matches(['-', ' ']);
        if let Some(key) = key(entry) {
            let place = line.len().saturating_sub(entry.len());
            let found = Neighbour {
                key,
                more: place.saturating_sub(indentation),
                less: indentation.saturating_sub(place),
            };
            let distance = |one: &Neighbour<'_>| one.more.saturating_add(one.less);
            if best.as_ref().is_none_or(|best| distance(&found) < distance(best)) {
                best = Some(found);
            }
        }
        if outer == 0 {
            break;
        }
    }
    best.filter(|one| one.more > 0 || one.less > 0)
}

/// The key of a line `key: value`, if it is a plain word.
pub(super) fn key(text: &str) -> Option<&str> {
    let (key, rest) = text.split_once(':')?;
    let is_word = |character: char| character.is_ascii_alphanumeric() || "._-/".contains(character);
    let ends = rest.is_empty() || rest.starts_with([' ', '\r']);
    (ends && !key.is_empty() && key.chars().all(is_word)).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_open_block_is_found() {
        let above = "spec:\n  containers:\n    # the agent\n    - name: agent\n      env:\n        - name: A\n          value: b\n      image: x\n";
        let found = |indentation| neighbour(above, indentation).map(|one| (one.key, one.more, one.less));
        assert_eq!(found(5), Some(("image", 1, 0)));
        assert_eq!(found(7), Some(("image", 0, 1)));
        assert_eq!(found(3), Some(("containers", 0, 1)));
        assert_eq!(found(4), Some(("image", 2, 0)));
        assert_eq!(found(1), Some(("containers", 1, 0)));
        // It stands beside a key already.
        assert_eq!(found(6), None);
        assert_eq!(neighbour("- name: a\n", 1).map(|one| (one.key, one.more)), Some(("name", 1)));
        assert_eq!(neighbour("\"a b\": c\n", 1), None);
    }

    const MANIFEST: &str = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: agent\n  labels:\n    app: agent\n    tier: node\nspec:\n  template:\n    spec:\n      hostNetwork: true\n      containers:\n        - name: agent\n          image: agent:1\n          env:\n          - name: A\n            value: b\n          workingDir: /\n        - image: other:1\n          name: other\n      hostPID: true\n";

    /// The offset and the help of the error, if a text is no YAML.
    fn error(text: &str) -> Option<(usize, String)> {
        crate::source::documents(text).find_map(|document| match document.content {
            crate::source::Content::Broken(error) => {
                Some((error.span.start as usize, error.help.map(String::from).unwrap_or_default()))
            }
            _ => None,
        })
    }

    /// The text with the line at an offset indented as the help says; `None` if the help says something else.
    fn followed(text: &str, at: usize, help: &str) -> Option<String> {
        let (by, rest) = help.strip_prefix("indent it by ")?.split_once(' ')?;
        let by: usize = by.parse().ok()?;
        let start = text.get(..at)?.rfind('\n').map_or(0, |end| end.saturating_add(1));
        let (before, behind) = text.split_at_checked(start)?;
        if rest.starts_with("more") {
            return Some(format!("{before}{}{behind}", " ".repeat(by)));
        }
        Some(format!("{before}{}", behind.get(by..)?))
    }

    #[test]
    fn a_line_that_is_indented_as_advised_is_read() {
        let (mut advised, mut resolved) = (0_usize, 0_usize);
        let lines: Vec<&str> = MANIFEST.lines().collect();
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with(' ')) {
            let less = line.get(1..).unwrap_or_default();
            for wrong in [format!(" {line}"), format!("  {line}"), less.to_owned()] {
                let with = |(index, line): (usize, &&str)| {
                    format!("{}\n", if index == number { &wrong } else { *line })
                };
                let text: String = lines.iter().enumerate().map(with).collect();
                let Some((at, help)) = error(&text) else { continue };
                let Some(right) = followed(&text, at, &help) else { continue };
                // Where the first line of a block is the wrong one, all that follow it are moved one by one.
                let next = error(&right);
                assert!(next.as_ref().is_none_or(|(next, _)| *next > at), "{wrong:?}: {help}");
                advised += 1;
                resolved += usize::from(next.is_none());
            }
        }
        assert!(advised >= 8 && resolved * 3 >= advised * 2, "{resolved} of {advised}");
    }
}
