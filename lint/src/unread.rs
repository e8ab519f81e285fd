//! Paths that cannot be read, and why.

use std::io;
use std::path::PathBuf;

use crate::shown::shown_path;

/// A path that cannot be used.
#[derive(Debug)]
pub(crate) struct PathError {
    /// The path as given, or the one below it that is at fault.
    pub(crate) path: PathBuf,
    /// The reason.
    pub(crate) reason: PathReason,
}

/// Why a path cannot be used.
#[derive(Debug)]
pub(crate) enum PathReason {
    /// The operating system's reason.
    System(String),
    /// The folder has no YAML or JSON file.
    Empty,
    /// The folder has such files, but all of them are excluded.
    Excluded,
    /// No file matches the glob.
    NoMatch,
}

impl PathError {
    /// What is wrong with the path.
    pub(crate) fn reason(&self) -> String {
        let path = shown_path(&self.path);
        match &self.reason {
            PathReason::System(reason) => reason.clone(),
            PathReason::Empty => format!("no YAML or JSON files in {path}"),
            PathReason::Excluded => {
                format!(
                    "no YAML or JSON files in {path} except hidden ones and those that .gitignore excludes; --no-ignore reads them"
                )
            }
            PathReason::NoMatch => format!("no YAML or JSON files in {path}: the glob matches no file"),
        }
    }

    /// The same, with the path in front if the reason does not name it.
    pub(crate) fn message(&self) -> String {
        match &self.reason {
            PathReason::System(reason) => format!("{}: {reason}", shown_path(&self.path)),
            _ => self.reason(),
        }
    }
}

/// The operating system's reason without the error number.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}
