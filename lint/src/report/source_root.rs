//! The root of the repository that the files belong to: services show findings at paths that count from there.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use crate::standard_input::is_standard_input;

/// The variables in which CI services name the root.
const VARIABLES: [&str; 2] = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];

/// The roots from which the paths of a run count, and the folder from which relative paths count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceRoot {
    /// A file belongs to the first one that it is below.
    roots: Vec<PathBuf>,
    working_folder: PathBuf,
}

/// A path as services know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SourcePath {
    /// Below the root: the path from there, with `/`.
    Below(String),
    /// A file elsewhere: its absolute path, with `/`.
    Elsewhere(String),
    /// Standard input.
    StandardInput,
}

impl SourceRoot {
    /// The roots: what a CI service names, then the nearest folder above the working folder that is a git repository, or the working folder
    /// itself.
    pub(crate) fn of_working_folder(environment: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let working_folder = std::env::current_dir().unwrap_or_default();
        let named = VARIABLES.iter().filter_map(|name| environment(name)).filter(|path| !path.is_empty());
        let named = named.filter_map(|path| Path::new(&path).canonicalize().ok());
        let git = working_folder.ancestors().find(|folder| folder.join(".git").exists());
        let own = git.unwrap_or(&working_folder).to_path_buf();
        Self { roots: named.chain([own]).collect(), working_folder }
    }

    /// The path of a file of the run.
    pub(super) fn path(&self, path: &str) -> SourcePath {
        if is_standard_input(Path::new(path)) {
            return SourcePath::StandardInput;
        }
        let absolute = plain(&self.working_folder.join(path));
        match self.roots.iter().find_map(|root| absolute.strip_prefix(root).ok()) {
            Some(below) => SourcePath::Below(with_slashes(below)),
            None => SourcePath::Elsewhere(with_slashes(&absolute)),
        }
    }

    /// The same as text. Standard input is `stdin`.
    pub(super) fn text(&self, path: &str) -> String {
        match self.path(path) {
            SourcePath::Below(path) | SourcePath::Elsewhere(path) => path,
            SourcePath::StandardInput => STANDARD_INPUT.to_owned(),
        }
    }
}

/// The name of standard input where a path must stand.
pub(super) const STANDARD_INPUT: &str = "stdin";

/// The path with `.` and `..` resolved by their letters.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

fn with_slashes(path: &Path) -> String {
    let text = path.to_string_lossy().into_owned();
    if std::path::MAIN_SEPARATOR == '/' { text } else { text.replace('\\', "/") }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn paths_count_from_the_root() {
        let root = SourceRoot {
            roots: vec!["/other".into(), "/work".into()],
            working_folder: "/work/deploy".into(),
        };
        let below = |path: &str| SourcePath::Below(path.to_owned());
        for (path, from_root) in [
            ("agent.yaml", below("deploy/agent.yaml")),
            ("./a/../agent.yaml", below("deploy/agent.yaml")),
            ("../agent.yaml", below("agent.yaml")),
            ("/work/x.yaml", below("x.yaml")),
            ("/other/a/x.yaml", below("a/x.yaml")),
            ("../../x.yaml", SourcePath::Elsewhere("/x.yaml".to_owned())),
            ("-", SourcePath::StandardInput),
        ] {
            assert_eq!(root.path(path), from_root, "{path}");
        }
    }

    #[test]
    fn a_service_names_the_root() {
        let here = std::env::current_dir().unwrap_or_default();
        let parent = here.parent().map(Path::to_path_buf).unwrap_or_default();
        let named = SourceRoot::of_working_folder(&|name| {
            (name == "GITHUB_WORKSPACE").then(|| parent.clone().into_os_string())
        });
        assert_eq!(named.roots.first(), Some(&parent));
        let file = here.join("x.yaml");
        let below = file.strip_prefix(&parent).map(with_slashes).unwrap_or_default();
        assert_eq!(named.path(&file.to_string_lossy()), SourcePath::Below(below));
    }
}
