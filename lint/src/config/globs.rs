//! Globs as in `.gitignore`.

use std::path::Path;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Globs in order, each with its line in the config. As in `.gitignore`, the last one that matches decides, and `!` negates.
#[derive(Clone, Debug)]
pub(crate) struct Globs {
    matcher: Gitignore,
    lines: Vec<(String, usize)>,
}

impl Globs {
    /// The globs with their lines.
    ///
    /// # Errors
    ///
    /// For each glob that is malformed its position and what is wrong with it.
    pub(super) fn new(globs: Vec<(String, usize)>) -> Result<Self, Vec<(usize, String)>> {
        let mut builder = GitignoreBuilder::new("");
        let mut errors = Vec::new();
        for (at, (glob, _)) in globs.iter().enumerate() {
            if let Err(error) = builder.add_line(None, glob) {
                let error = match error {
                    ignore::Error::Glob { err, .. } => err,
                    other => other.to_string(),
                };
                errors.push((at, error));
            }
        }
        match builder.build() {
            Ok(matcher) if errors.is_empty() => Ok(Self { matcher, lines: globs }),
            Ok(_) => Err(errors),
            Err(error) => Err(vec![(0, error.to_string())]),
        }
    }

    /// The glob that matches the file or a folder above it, and its line. The path is relative to where the globs start.
    pub(super) fn matching(&self, path: &Path) -> Option<(&str, usize)> {
        if path.has_root() {
            return None;
        }
        let Match::Ignore(glob) = self.matcher.matched_path_or_any_parents(path, false) else { return None };
        let original = glob.original();
        self.lines.iter().rev().find(|(glob, _)| glob == original).map(|(glob, line)| (glob.as_str(), *line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_in_gitignore() {
        let globs = ["vendor/", "/top.yaml", "*-test.yaml", "legacy/**/old.yaml", "!keep-test.yaml"];
        let globs = globs.iter().enumerate().map(|(line, glob)| ((*glob).to_owned(), line)).collect();
        let globs = Globs::new(globs).unwrap();
        let line = |path: &str| globs.matching(Path::new(path)).map(|(_, line)| line);
        for (path, expected) in [
            ("vendor/a/b.yaml", Some(0)),
            ("x/vendor/a.yaml", Some(0)),
            ("vendor.yaml", None),
            ("top.yaml", Some(1)),
            ("x/top.yaml", None),
            ("x/y/a-test.yaml", Some(2)),
            ("legacy/old.yaml", Some(3)),
            ("legacy/x/y/old.yaml", Some(3)),
            ("keep-test.yaml", None),
            ("/vendor/a.yaml", None),
        ] {
            assert_eq!(line(path), expected, "{path}");
        }
        let wrong = vec![("a".to_owned(), 1), ("{a".to_owned(), 2)];
        assert!(matches!(Globs::new(wrong), Err(errors) if errors.len() == 1 && errors[0].0 == 1));
    }
}
