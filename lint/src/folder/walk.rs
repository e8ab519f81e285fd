//! Finds the manifests in a folder and those that match a glob.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use ignore::WalkBuilder;

use crate::unread::{PathError, PathReason, reason};

/// The files of a folder or a glob, sorted, and what could not be read there.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The files.
    pub(crate) files: Vec<PathBuf>,
    /// The paths that could not be read.
    pub(crate) errors: Vec<PathError>,
}

/// Whether the file holds YAML or JSON, by its name.
pub(crate) fn is_manifest(path: &Path) -> bool {
    has_extension(path, &["yaml", "yml", "json"])
        || path.file_name().is_some_and(|name| name == "Kustomization")
}

/// Whether the file may hold parts of the templates of a Helm chart.
fn is_partial(path: &Path) -> bool {
    has_extension(path, &["tpl"]) && path.components().any(|part| part.as_os_str() == "templates")
}

fn has_extension(path: &Path, known: &[&str]) -> bool {
    path.extension().is_some_and(|extension| known.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// Whether the path has characters of a glob in it.
pub(crate) fn is_glob(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[', '{'])
}

/// The files below the folder. Links to folders are not followed, so there are no loops; a link to a file that is found by its own name is
/// left out. `.git` is never read, `node_modules` only with `no_ignore`.
pub(crate) fn walk(folder: &Path, no_ignore: bool, wanted: &dyn Fn(&Path) -> bool) -> Found {
    let mut found = Found::default();
    let mut links: Vec<PathBuf> = Vec::new();
    let mut builder = WalkBuilder::new(folder);
    builder.standard_filters(!no_ignore).require_git(false).sort_by_file_name(std::ffi::OsStr::cmp);
    builder.filter_entry(move |entry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let name = entry.file_name();
        entry.depth() == 0 || !is_folder || !(name == ".git" || name == "node_modules" && !no_ignore)
    });
    for entry in builder.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                found.errors.push(fault(&error, folder));
                continue;
            }
        };
        let path = entry.path();
        let Some(kind) = entry.file_type() else { continue };
        if !(wanted(path) || is_partial(path)) {
            continue;
        }
        let path = if folder == Path::new(".") { path.strip_prefix(".").unwrap_or(path) } else { path };
        if kind.is_file() {
            found.files.push(path.to_path_buf());
        } else if kind.is_symlink() && path.is_file() {
            links.push(path.to_path_buf());
        }
    }
    add_links(links, folder, &mut found.files);
    found
}

/// Adds the links whose files are not found by their own names.
fn add_links(links: Vec<PathBuf>, folder: &Path, files: &mut Vec<PathBuf>) {
    if links.is_empty() {
        return;
    }
    let top = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    let known: HashSet<PathBuf> =
        files.iter().map(|file| top.join(file.strip_prefix(folder).unwrap_or(file))).collect();
    let is_new = |link: &PathBuf| link.canonicalize().is_ok_and(|target| !known.contains(&target));
    files.extend(links.into_iter().filter(is_new));
    files.sort();
}

/// The files that match the pattern, in which `*` does not match `/`. The walk starts at the last folder that it names literally.
pub(crate) fn glob(pattern: &Path, no_ignore: bool) -> Found {
    let text = pattern.to_string_lossy();
    let matcher = match GlobBuilder::new(text.trim_start_matches("./")).literal_separator(true).build() {
        Ok(glob) => glob.compile_matcher(),
        Err(error) => {
            let reason = PathReason::System(error.kind().to_string());
            return Found {
                errors: vec![PathError { path: pattern.to_path_buf(), reason }],
                ..Found::default()
            };
        }
    };
    let base: PathBuf =
        pattern.components().take_while(|part| !is_glob(Path::new(part.as_os_str()))).collect();
    let base = if base.as_os_str().is_empty() { PathBuf::from(".") } else { base };
    if !base.exists() {
        return Found::default();
    }
    let mut found = walk(&base, no_ignore, &|path| matcher.is_match(path.strip_prefix("./").unwrap_or(path)));
    found.files.retain(|path| matcher.is_match(path.strip_prefix("./").unwrap_or(path)));
    found
}

/// What the walk could not read: the path, and the system's reason.
fn fault(error: &ignore::Error, folder: &Path) -> PathError {
    let mut path = folder;
    let mut inner = error;
    let reason = loop {
        match inner {
            ignore::Error::WithPath { path: at, err } => (path, inner) = (at, err),
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => inner = err,
            ignore::Error::Io(error) => break reason(error),
            other => break other.to_string(),
        }
    };
    PathError { path: path.to_path_buf(), reason: PathReason::System(reason) }
}
