//! Replaces a file as a whole: a reader sees the old text or the new one, and never a part.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Replaces the content of a file, if it is still what was read. A link stays, and the file that it leads to is replaced. The new file has the
/// mode of the old one.
///
/// # Errors
///
/// Why the file was not replaced.
pub(super) fn replace(path: &Path, before: &[u8], after: &[u8]) -> Result<(), String> {
    let plain = |error: io::Error| crate::files::reason(&error);
    let target = fs::canonicalize(path).map_err(plain)?;
    let metadata = fs::metadata(&target).map_err(plain)?;
    if !metadata.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    if metadata.permissions().readonly() {
        return Err("it is read-only".to_owned());
    }
    let (beside, file) = create_beside(&target).map_err(plain)?;
    let replaced = fill(file, &metadata, after).map_err(plain).and_then(|()| {
        let now = fs::read(&target).map_err(plain)?;
        if now != before {
            return Err("it has changed since it was read; run the command again".to_owned());
        }
        fs::rename(&beside, &target).map_err(plain)
    });
    if replaced.is_err() {
        // What is left over is less important than why.
        let _ = fs::remove_file(&beside);
    }
    replaced
}

/// How many names are tried.
const NAMES: u32 = 100;

/// A new file in the folder of the target, so that it can take the target's place.
fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    let mut number = 0;
    loop {
        let mut name = OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        name.push(format!(".daemonset-lint-{}-{number}", std::process::id()));
        let beside = target.with_file_name(name);
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < NAMES => {
                number = number.saturating_add(1)
            }
            Err(error) => return Err(error),
        }
    }
}

fn fill(mut file: File, metadata: &fs::Metadata, content: &[u8]) -> io::Result<()> {
    own(&file, metadata);
    file.set_permissions(metadata.permissions())?;
    file.write_all(content)?;
    file.sync_all()
}

/// Gives the file the owner of the old one, as far as the process may.
#[cfg(unix)]
fn own(file: &File, metadata: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};

    let is_ours = file.metadata().is_ok_and(|own| own.uid() == metadata.uid() && own.gid() == metadata.gid());
    if !is_ours {
        // Only a privileged process may; otherwise the file belongs to the one who mends it.
        let _ = fchown(file, Some(metadata.uid()), Some(metadata.gid()));
    }
}

#[cfg(not(unix))]
fn own(_: &File, _: &fs::Metadata) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("daemonset-lint-save-{}-{name}", std::process::id()));
        assert!(fs::create_dir_all(&folder).is_ok());
        folder
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_that_changed_is_not_overwritten() {
        let folder = folder("changed");
        let file = folder.join("a.yaml");
        assert!(fs::write(&file, "new").is_ok());
        let refused = replace(&file, b"old", b"mended");
        assert!(refused.is_err_and(|reason| reason.contains("changed")));
        assert_eq!(fs::read(&file).ok().as_deref(), Some(&b"new"[..]));
        assert_eq!(names(&folder), ["a.yaml"]);
        let _ = fs::remove_dir_all(&folder);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_modes_are_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = folder("link");
        let (file, link) = (folder.join("a.yaml"), folder.join("link.yaml"));
        assert!(fs::write(&file, "old").is_ok());
        assert!(fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).is_ok());
        assert!(symlink("a.yaml", &link).is_ok());
        assert_eq!(replace(&link, b"old", b"mended"), Ok(()));
        assert_eq!(fs::read(&file).ok().as_deref(), Some(&b"mended"[..]));
        assert!(fs::symlink_metadata(&link).is_ok_and(|link| link.is_symlink()));
        assert_eq!(fs::metadata(&file).map(|file| file.permissions().mode() & 0o777).ok(), Some(0o640));
        assert_eq!(names(&folder), ["a.yaml", "link.yaml"]);
        assert!(fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).is_ok());
        assert!(replace(&link, b"mended", b"again").is_err_and(|reason| reason.contains("read-only")));
        let _ = fs::remove_dir_all(&folder);
    }
}
