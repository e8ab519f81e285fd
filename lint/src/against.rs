//! `--against`: reads the DaemonSets as they are stored now.

use std::io::Read;
use std::path::Path;

use crate::engine::stored_objects::StoredObjects;
use crate::files::{self, Input, read, reason};
use crate::shown::{shown, shown_path};

/// Reads the DaemonSets of a file or folder, or of standard input for the path `-`.
///
/// # Errors
///
/// A sentence that names the file, if one cannot be read or parsed.
pub(crate) fn load(
    path: &Path,
    no_ignore: bool,
    standard_input: &mut dyn Read,
) -> Result<StoredObjects, String> {
    let (inputs, errors) = files::expand(&[path.to_path_buf()], no_ignore);
    if let Some(error) = errors.first() {
        return Err(format!("--against {}: {}", shown_path(&error.path), error.reason));
    }
    let mut stored = StoredObjects::default();
    for input in inputs {
        let bytes = match &input {
            Input::Stdin => {
                let mut bytes = Vec::new();
                standard_input.read_to_end(&mut bytes).map(|_| bytes).map_err(|error| reason(&error))
            }
            Input::File(path) => read(path),
        };
        let added = bytes.and_then(|bytes| stored.add(bytes));
        added.map_err(|reason| format!("--against {}: {reason}", shown(&input.name())))?;
    }
    Ok(stored)
}
