//! A copy of a chart, to change its templates.

use std::fs;
use std::io;
use std::path::Path;

use tempfile::TempDir;

/// How many files are copied, and how many bytes. A larger chart is rendered all the same; only the lines of its templates are not known.
const FILES: usize = 5_000;
const BYTES: u64 = 64 << 20;

/// How deep folders are.
const DEPTH: usize = 16;

/// Copies a folder to a new temporary one, which is removed when the value is dropped.
pub(super) fn copy(folder: &Path) -> io::Result<TempDir> {
    let copy = tempfile::Builder::new().prefix("daemonset-lint-").tempdir()?;
    let mut room = Room { files: FILES, bytes: BYTES };
    copy_into(folder, copy.path(), DEPTH, &mut room)?;
    Ok(copy)
}

struct Room {
    files: usize,
    bytes: u64,
}

fn copy_into(from: &Path, to: &Path, depth: usize, room: &mut Room) -> io::Result<()> {
    let too_large = || io::Error::other("the chart is too large");
    let depth = depth.checked_sub(1).ok_or_else(too_large)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name() == ".git" {
            continue;
        }
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        // Helm follows links, too.
        let metadata = fs::metadata(&path)?;
        if metadata.is_dir() {
            fs::create_dir(&target)?;
            copy_into(&path, &target, depth, room)?;
        } else if metadata.is_file() {
            room.files = room.files.checked_sub(1).ok_or_else(too_large)?;
            room.bytes = room.bytes.checked_sub(metadata.len()).ok_or_else(too_large)?;
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}
