//! Finds the files to read for the paths on the command line, in a stable order.

use std::collections::hash_map::Entry;
use std::io;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use ignore::WalkBuilder;

use crate::engine::origin::Origin;
use crate::standard_input::is_standard_input;

/// A path that cannot be used.
#[derive(Debug)]
pub(crate) struct PathError {
    /// The path as given.
    pub(crate) path: PathBuf,
    /// The reason.
    pub(crate) reason: String,
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

    /// The name in every report, with `/` between its parts.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path, _) => {
                let name = path.to_string_lossy();
                if std::path::MAIN_SEPARATOR == '/' { name.into_owned() } else { name.replace('\\', "/") }
            }
        }
    }
}

/// The files of the paths, in the order given, folders sorted, each file once; and the paths that cannot be used.
pub(crate) fn expand(paths: &[PathBuf], no_ignore: bool) -> (Vec<Input>, Vec<PathError>) {
    let mut inputs: Vec<Input> = Vec::new();
    let mut seen = std::collections::HashMap::new();
    let mut errors = Vec::new();
    let mut add = |input: Input| {
        let name = match &input {
            // Standard input has several names.
            Input::File(path, _) if is_standard_input(path) => Input::Stdin.name(),
            _ => input.name(),
        };
        match seen.entry(name) {
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
    for path in paths {
        if path.as_os_str() == "-" {
            add(Input::Stdin);
            continue;
        }
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                walk(path, no_ignore, is_manifest, &mut add, &mut errors);
            }
            Ok(_) => add(Input::File(path.clone(), Origin::Named)),
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_glob(path) => {
                glob(path, no_ignore, &mut add, &mut errors);
            }
            Err(error) => errors.push(PathError { path: path.clone(), reason: reason(&error) }),
        }
    }
    (inputs, errors)
}

/// Reads a file.
///
/// # Errors
///
/// The operating system's reason.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| reason(&error))
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

fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    })
}

fn is_glob(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[', '{'])
}

fn walk(
    folder: &Path,
    no_ignore: bool,
    wanted: impl Fn(&Path) -> bool,
    add: &mut impl FnMut(Input),
    errors: &mut Vec<PathError>,
) {
    let mut builder = WalkBuilder::new(folder);
    builder.standard_filters(!no_ignore).require_git(false).sort_by_file_name(std::ffi::OsStr::cmp);
    for entry in builder.build() {
        match entry {
            Ok(entry) => {
                // Only for a symbolic link the type of its target is read.
                let is_file = entry
                    .file_type()
                    .is_some_and(|kind| kind.is_file() || (kind.is_symlink() && entry.path().is_file()));
                if is_file && wanted(entry.path()) {
                    let path = entry.path();
                    let path =
                        if folder == Path::new(".") { path.strip_prefix(".").unwrap_or(path) } else { path };
                    add(Input::File(path.to_path_buf(), Origin::Walked));
                }
            }
            Err(error) => errors.push(PathError { path: folder.to_path_buf(), reason: error.to_string() }),
        }
    }
}

fn glob(pattern: &Path, no_ignore: bool, add: &mut impl FnMut(Input), errors: &mut Vec<PathError>) {
    let text = pattern.to_string_lossy();
    let matcher = match GlobBuilder::new(text.trim_start_matches("./")).literal_separator(true).build() {
        Ok(glob) => glob.compile_matcher(),
        Err(error) => {
            errors.push(PathError { path: pattern.to_path_buf(), reason: error.kind().to_string() });
            return;
        }
    };
    // The walk starts at the last folder that the pattern names literally.
    let base: PathBuf =
        pattern.components().take_while(|part| !is_glob(Path::new(part.as_os_str()))).collect();
    let base = if base.as_os_str().is_empty() { PathBuf::from(".") } else { base };
    let mut count = 0_usize;
    let wanted = |path: &Path| matcher.is_match(path.strip_prefix("./").unwrap_or(path));
    walk(
        &base,
        no_ignore,
        wanted,
        &mut |input| {
            count = count.saturating_add(1);
            add(input);
        },
        errors,
    );
    if count == 0 {
        errors.push(PathError { path: pattern.to_path_buf(), reason: "the glob matches no file".to_owned() });
    }
}
