//! `--against`: reads the DaemonSets as they are stored now.

use std::io::Read;
use std::path::Path;

use crate::engine::origin::Origin;
use crate::engine::stored_objects::StoredObjects;
use crate::files::{self, Input, Selection};
use crate::limited_read::{self, MaxFileSize};
use crate::shown::shown;
use crate::source;
use crate::source::letters::may_hold_daemon_set;

/// A text that holds stored objects.
pub(crate) struct StoredText {
    /// The file, as it was given or found.
    name: String,
    text: String,
}

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
) -> Result<Vec<StoredText>, String> {
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
        texts.push(StoredText { name, text });
    }
    Ok(texts)
}

/// Parses the texts.
///
/// # Errors
///
/// A sentence that names the file, if one cannot be parsed.
pub(crate) fn parse(texts: &[StoredText]) -> Result<StoredObjects<'_>, String> {
    let mut stored = StoredObjects::default();
    for StoredText { name, text } in texts {
        stored.add(text).map_err(|reason| failed(name, &reason))?;
    }
    Ok(stored)
}

fn failed(name: &str, reason: &str) -> String {
    format!("--against {}: {reason}", shown(name))
}
