//! The root of the repository that the files belong to: services show findings at paths that count from there.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use crate::standard_input::is_standard_input;

/// The variables in which CI services name the root.
const VARIABLES: [&str; 2] = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];

/// The root, and the folder from which relative paths count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceRoot {
    root: PathBuf,
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
    /// The root for the working folder: what a CI service names, else the nearest folder above that is a git repository, else the working
    /// folder itself.
    pub(crate) fn of_working_folder(environment: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let working_folder = std::env::current_dir().unwrap_or_default();
        let named = VARIABLES.iter().filter_map(|name| environment(name)).filter(|path| !path.is_empty());
        let named = named.filter_map(|path| Path::new(&path).canonicalize().ok());
        let service = named.filter(|root| working_folder.starts_with(root)).last();
        let git = || working_folder.ancestors().find(|folder| folder.join(".git").exists());
        let root = service.or_else(|| git().map(Path::to_path_buf));
        Self { root: root.unwrap_or_else(|| working_folder.clone()), working_folder }
    }

    /// The path of a file of the run.
    pub(super) fn path(&self, path: &str) -> SourcePath {
        if is_standard_input(Path::new(path)) {
            return SourcePath::StandardInput;
        }
        let absolute = plain(&self.working_folder.join(path));
        match absolute.strip_prefix(&self.root) {
            Ok(below) => SourcePath::Below(with_slashes(below)),
            Err(_) => SourcePath::Elsewhere(with_slashes(&absolute)),
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
        let root = SourceRoot { root: "/work".into(), working_folder: "/work/deploy".into() };
        let below = |path: &str| SourcePath::Below(path.to_owned());
        for (path, from_root) in [
            ("agent.yaml", below("deploy/agent.yaml")),
            ("./a/../agent.yaml", below("deploy/agent.yaml")),
            ("../agent.yaml", below("agent.yaml")),
            ("/work/x.yaml", below("x.yaml")),
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
        assert_eq!(named.root, parent);
        // A root that the working folder is not below is another repository's.
        let other = SourceRoot::of_working_folder(&|_| Some("/proc".into()));
        assert_ne!(other.root, Path::new("/proc"));
    }
}
