//! By what a finding is known again.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::engine::outcome::{DocumentReport, Located};
use crate::folder::absolute;
use crate::standard_input::is_standard_input;

/// By what a finding is known again. Keys are sorted by file, object, rule and field.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Key {
    /// The file, from the folder of the baseline, with `/`.
    pub(super) file: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    namespace: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    pub(super) rule: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    field: String,
}

impl Key {
    /// Of a finding of a file with this name.
    pub(super) fn of(file: &str, object: Option<&DocumentReport>, located: &Located) -> Self {
        let of_file = Self {
            file: file.to_owned(),
            rule: located.finding.rule.to_owned(),
            field: located.finding.field.clone(),
            ..Self::default()
        };
        match object {
            None => of_file,
            Some(object) => Self {
                kind: object.kind.clone(),
                namespace: object.namespace.clone(),
                name: object.name.clone(),
                ..of_file
            },
        }
    }

    /// Of findings that are only counted.
    pub(super) fn of_more(file: &str, rule: &str) -> Self {
        Self { file: file.to_owned(), rule: rule.to_owned(), ..Self::default() }
    }

    /// Whether it is in a file, and not in standard input or in the cluster.
    pub(super) fn is_file(&self) -> bool {
        !is_standard_input(Path::new(&self.file)) && !self.file.starts_with("ds/")
    }
}

/// The path of a file from a folder, with `/`. Standard input and objects of the cluster keep their names.
pub(super) fn relative(folder: &Path, file: &str) -> String {
    if is_standard_input(Path::new(file)) || file.starts_with("ds/") {
        return file.to_owned();
    }
    let file = absolute(Path::new(file));
    let common = folder.components().zip(file.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(file.components().skip(common)).collect();
    let name = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { name.into_owned() } else { name.replace('\\', "/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_at_the_folder_of_the_baseline() {
        let from = |folder: &str, file: &str| relative(Path::new(folder), file);
        assert_eq!(from("/a/b", "/a/b/c/d.yaml"), "c/d.yaml");
        assert_eq!(from("/a/b/x", "/a/b/c/./d.yaml"), "../c/d.yaml");
        assert_eq!(from("/a", "-"), "-");
    }
}
