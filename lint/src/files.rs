//! Finds the files to read for the paths on the command line, in a stable order.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::engine::origin::Origin;
use crate::folder::walk::{Found, glob, is_glob, is_manifest, walk};
use crate::standard_input::is_standard_input;
use crate::unread::{PathError, PathReason};

pub(crate) use crate::unread::reason;

/// Which files are read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Selection {
    /// Hidden files and files that `.gitignore` excludes, too.
    pub(crate) no_ignore: bool,
    /// Files that are named count as found.
    pub(crate) as_folder: bool,
    /// A folder without files and a glob without a match are no errors.
    pub(crate) allow_empty: bool,
}

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf, Origin),
}

impl Input {
    /// How it came into the run.
    pub(crate) const fn origin(&self) -> Origin {
        match self {
            Self::Stdin => Origin::Named,
            Self::File(_, origin) => *origin,
        }
    }

    /// Where configs are looked for: standard input counts as a file in the working folder.
    pub(crate) fn place(&self) -> &Path {
        self.path().unwrap_or(Path::new("-"))
    }

    /// The path of a file.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Stdin => None,
            Self::File(path, _) => Some(path),
        }
    }

    /// The name in every report, with `/` between its parts.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path, _) => {
                let name = name_of(path);
                if std::path::MAIN_SEPARATOR == '/' { name } else { name.replace('\\', "/") }
            }
        }
    }
}

/// The path as text. Bytes that are not UTF-8 are shown as `\xFF`, so that different files have different names.
fn name_of(path: &Path) -> String {
    let mut name = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        name.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| name.push_str(&format!("\\x{byte:02X}")));
    }
    name
}

/// The files of the paths, in the order given, folders sorted, each file once; and the paths that cannot be used.
pub(crate) fn expand(paths: &[PathBuf], selection: Selection) -> (Vec<Input>, Vec<PathError>) {
    let mut inputs: Vec<Input> = Vec::new();
    let mut seen: HashMap<Option<PathBuf>, usize> = HashMap::new();
    let mut errors = Vec::new();
    let mut add = |input: Input| {
        let key = match &input {
            // Standard input has several names.
            Input::File(path, _) => (!is_standard_input(path)).then(|| plain(path)),
            Input::Stdin => None,
        };
        match seen.entry(key) {
            Entry::Vacant(place) => {
                place.insert(inputs.len());
                inputs.push(input);
            }
            // A file that is named and found, too, counts as named.
            Entry::Occupied(place) => {
                if let (Input::File(_, Origin::Named), Some(before)) = (&input, inputs.get_mut(*place.get()))
                {
                    *before = input;
                }
            }
        }
    };
    let named = if selection.as_folder { Origin::Walked } else { Origin::Named };
    for path in paths {
        if path.as_os_str() == "-" {
            add(Input::Stdin);
            continue;
        }
        let found = match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => walk(path, selection.no_ignore, &is_manifest),
            Ok(_) => {
                add(Input::File(path.clone(), named));
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_glob(path) => {
                glob(path, selection.no_ignore)
            }
            Err(error) => {
                let reason = PathReason::System(reason(&error));
                errors.push(PathError { path: path.clone(), reason });
                continue;
            }
        };
        let Found { files, errors: mut faults } = found;
        if faults.is_empty() && !selection.allow_empty && !files.iter().any(|file| is_manifest(file)) {
            faults.push(nothing_in(path, selection));
        }
        errors.append(&mut faults);
        files.into_iter().for_each(|file| add(Input::File(file, Origin::Walked)));
    }
    (inputs, errors)
}

/// The error of a folder or glob without a file.
fn nothing_in(path: &Path, selection: Selection) -> PathError {
    let is_folder = path.is_dir();
    let excluded = !selection.no_ignore && {
        let all = if is_folder { walk(path, true, &is_manifest) } else { glob(path, true) };
        all.files.iter().any(|file| is_manifest(file))
    };
    let reason = match (excluded, is_folder) {
        (true, _) => PathReason::Excluded,
        (false, true) => PathReason::Empty,
        (false, false) => PathReason::NoMatch,
    };
    PathError { path: path.to_path_buf(), reason }
}

/// The path without `.` in it.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn names_that_are_not_unicode_differ() {
        let name = |bytes: &[u8]| name_of(Path::new(OsStr::from_bytes(bytes)));
        assert_eq!(
            [name(b"a\xFF.yaml"), name(b"a\xFE.yaml"), name("ä.yaml".as_bytes())],
            ["a\\xFF.yaml", "a\\xFE.yaml", "ä.yaml"]
        );
    }

    #[test]
    fn files_whose_names_differ_in_one_byte_are_both_read() {
        let folder = std::env::temp_dir().join(format!("daemonset-lint-names-{}", std::process::id()));
        let written = std::fs::create_dir_all(&folder).and_then(|()| {
            std::fs::write(folder.join(OsStr::from_bytes(b"a\xFE.yaml")), "")?;
            std::fs::write(folder.join(OsStr::from_bytes(b"a\xFF.yaml")), "")
        });
        // Some file systems accept only Unicode.
        let expected = if written.is_ok() { 2 } else { 0 };
        let (inputs, _) =
            expand(std::slice::from_ref(&folder), Selection { allow_empty: true, ..Selection::default() });
        let _ = std::fs::remove_dir_all(&folder);
        assert!(inputs.len() >= expected, "{inputs:?}");
    }

    #[test]
    fn a_file_is_the_same_by_another_name() {
        let paths = ["Cargo.toml", "./Cargo.toml", "src/../Cargo.toml", "missing"].map(PathBuf::from);
        let (inputs, errors) = expand(&paths, Selection::default());
        assert_eq!(inputs.len(), 2, "{inputs:?}");
        assert_eq!(errors.len(), 1);
    }
}
