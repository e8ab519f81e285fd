//! `--against`: reads the DaemonSets as they are stored now.

use std::io::Read;
use std::path::{Path, PathBuf};

use daemonset_validation::Server;
use daemonset_validation::words::count::thousands;
use daemonset_validation::words::names::listed;

use crate::engine::left_behind::{OldText, Scope};
use crate::engine::origin::Origin;
use crate::engine::outcome::{DocumentReport, FileReport};
use crate::engine::stored_objects::StoredObjects;
use crate::files::{self, Input, Selection};
use crate::limited_read::{self, MaxFileSize};
use crate::shown::{shown, shown_path};
use crate::source;
use crate::source::letters::may_hold_daemon_set;

/// Reads the texts of a file or folder, or of standard input for the path `-`.
///
/// # Errors
///
/// A sentence that names the file, if one cannot be read.
pub(crate) fn read_texts(
    path: &Path,
    no_ignore: bool,
    max: MaxFileSize,
    standard_input: &mut dyn Read,
) -> Result<Vec<OldText>, String> {
    let (inputs, errors) =
        files::expand(&[path.to_path_buf()], Selection { no_ignore, ..Selection::default() });
    if let Some(error) = errors.first() {
        return Err(format!("--against {}", error.message()));
    }
    let mut texts = Vec::new();
    for input in inputs {
        let bytes = match &input {
            Input::Stdin => limited_read::stream(standard_input, max),
            Input::File(path, _) => limited_read::file(path, max),
        };
        // Most files of a folder hold no DaemonSet, and some cannot be parsed.
        let is_found = input.origin() == Origin::Walked;
        if is_found && bytes.as_ref().is_ok_and(|bytes| !may_hold_daemon_set(bytes)) {
            continue;
        }
        let name = input.name();
        let text = bytes.and_then(|bytes| source::decode(bytes).map_err(|error| error.message));
        let text = text.map_err(|reason| failed(&name, &reason))?;
        texts.push(OldText { name, text });
    }
    Ok(texts)
}

/// Parses the texts of `path`. Objects without a namespace are in `namespace`.
///
/// # Errors
///
/// A sentence that names the file, if one cannot be parsed, or if there is no DaemonSet in any of them.
pub(crate) fn parse(
    path: &Path,
    texts: &[OldText],
    server: Server,
    namespace: Option<&str>,
) -> Result<StoredObjects, String> {
    let mut stored = StoredObjects::new(server, namespace);
    for (position, OldText { name, text }) in texts.iter().enumerate() {
        stored.add(position, text).map_err(|reason| failed(name, &reason))?;
    }
    if stored.is_empty() {
        let place = if texts.len() == 1 { "it" } else { "its files" };
        return Err(format!(
            "--against {}: there is no DaemonSet in {place}; `kubectl get daemonsets -A -o yaml` prints those of a cluster",
            shown_path(path)
        ));
    }
    Ok(stored)
}

/// Which DaemonSets of `path` the files of `paths` must have: all, unless only some files stand against a folder.
pub(crate) fn scope(path: &Path, paths: &[PathBuf]) -> Scope {
    if path.is_dir() && !paths.iter().any(|path| path.is_dir()) { Scope::TouchedTexts } else { Scope::All }
}

/// A message, if some DaemonSets of the files were not found in `path`.
pub(crate) fn unmatched(path: &Path, files: &[FileReport], stored: &StoredObjects) -> Option<String> {
    let daemon_sets: Vec<&DocumentReport> =
        files.iter().flat_map(|file| &file.documents).filter(|document| document.is_daemon_set()).collect();
    let new: Vec<&&DocumentReport> = daemon_sets.iter().filter(|document| !document.matched).collect();
    if new.is_empty() {
        return None;
    }
    let names: Vec<String> = new.iter().map(|one| format!("{}/{}", one.namespace, one.name)).collect();
    let matched = daemon_sets.len().saturating_sub(new.len());
    let mut message = format!(
        "{matched} of {} DaemonSets matched a stored one in {} by namespace and name; not {}",
        thousands(daemon_sets.len()),
        shown_path(path),
        listed(&names, NAMED)
    );
    // A manifest without a namespace is often the reason.
    let elsewhere = new.iter().find_map(|one| {
        let same_name = |(_, name, _): &(&str, &str, _)| *name == one.name && one.namespace == "default";
        stored.all().into_iter().find(same_name).map(|(namespace, name, _)| format!("{namespace}/{name}"))
    });
    if let Some(other) = elsewhere {
        message.push_str(&format!("; there is {other}: -n gives the namespace of documents without one"));
    }
    Some(message)
}

/// As many DaemonSets are named.
const NAMED: usize = 3;

fn failed(name: &str, reason: &str) -> String {
    format!("--against {}: {reason}", shown(name))
}
