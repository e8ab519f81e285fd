//! Certificates for development: a CA certificate, a serving certificate and its key in a folder. The CA's key is discarded.

use std::fs::OpenOptions;
use std::hash::{BuildHasher, RandomState};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::authority::{Authority, MakeError};
use crate::{clock, leaf};

/// The lifetime of the certificates.
const LIFETIME: Duration = Duration::from_secs(90 * 24 * 3600);

/// The names of the certificate if no host is given.
const HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The files that were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The CA certificate: what a client, or `caBundle`, has to trust.
    pub authority: PathBuf,
    /// The serving certificate.
    pub certificate: PathBuf,
    /// Its private key. Only the owner may read it.
    pub key: PathBuf,
    /// The DNS names and IP addresses of the certificate.
    pub hosts: Vec<String>,
    /// `notAfter` of the certificate, in Unix seconds.
    pub not_after: i64,
}

/// Why the files were not written.
#[derive(Debug, thiserror::Error)]
pub enum DevError {
    /// A file exists already.
    #[error("{0} exists already; nothing was written. Choose another folder, or use --replace")]
    Exists(PathBuf),
    /// A file cannot be written.
    #[error("{0} cannot be written: {1}")]
    Write(PathBuf, std::io::Error),
    /// The certificates cannot be made.
    #[error(transparent)]
    Make(#[from] MakeError),
}

/// Writes `ca.crt`, `tls.crt` and `tls.key` (mode 0600) into `dir`, which is created if it does not exist. `hosts` are DNS names and IP
/// addresses; without any, the certificate is for localhost.
///
/// # Errors
///
/// [`DevError::Exists`] if one of the files exists; the others if the certificates cannot be made or written. In each case no file is left
/// behind.
pub fn write(dir: &Path, hosts: &[String]) -> Result<Written, DevError> {
    let files = Files::make(dir, hosts)?;
    if let Some(existing) = files.0.iter().find(|file| file.path.symlink_metadata().is_ok()) {
        return Err(DevError::Exists(existing.path.clone()));
    }
    create_folder(dir)?;
    for (done, file) in files.0.iter().enumerate() {
        if let Err(error) = create(&file.path, file.mode, &file.text) {
            for written in files.0.iter().take(done) {
                let _ = std::fs::remove_file(&written.path);
            }
            return Err(error);
        }
    }
    Ok(files.1)
}

/// Like [`write()`], but replaces files that exist. The new files are complete on disk before the first old one is replaced.
///
/// # Errors
///
/// [`DevError`] if the certificates cannot be made or written. Existing files then stay as they were.
pub fn replace(dir: &Path, hosts: &[String]) -> Result<Written, DevError> {
    let files = Files::make(dir, hosts)?;
    create_folder(dir)?;
    // A folder is the one thing that a rename cannot replace.
    if let Some(folder) = files.0.iter().find(|file| file.path.is_dir()) {
        return Err(DevError::Write(folder.path.clone(), ErrorKind::IsADirectory.into()));
    }
    let suffix = RandomState::new().hash_one(std::process::id());
    let mut staged = Vec::new();
    for file in &files.0 {
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        let path = dir.join(format!(".{name}.{suffix:016x}"));
        if let Err(error) = create(&path, file.mode, &file.text) {
            discard(&staged);
            return Err(error);
        }
        staged.push(path);
    }
    for (from, file) in staged.iter().zip(&files.0) {
        if let Err(error) = std::fs::rename(from, &file.path) {
            discard(&staged);
            return Err(DevError::Write(file.path.clone(), error));
        }
    }
    Ok(files.1)
}

/// A file to be written.
struct Planned {
    path: PathBuf,
    mode: u32,
    text: Zeroizing<String>,
}

/// The files to be written, and their description.
struct Files([Planned; 3], Written);

impl Files {
    fn make(dir: &Path, hosts: &[String]) -> Result<Files, MakeError> {
        let hosts: Vec<String> =
            if hosts.is_empty() { HOSTS.map(str::to_owned).to_vec() } else { hosts.to_vec() };
        let now = clock::system();
        let authority = Authority::make(now, LIFETIME)?;
        let leaf = leaf::make(&authority, &hosts, now, LIFETIME)?;
        let written = Written {
            authority: dir.join("ca.crt"),
            certificate: dir.join("tls.crt"),
            key: dir.join("tls.key"),
            hosts,
            not_after: authority.validity().not_after,
        };
        let file = |path: &Path, mode, text: Zeroizing<String>| Planned { path: path.to_owned(), mode, text };
        let files = [
            file(&written.authority, 0o644, authority.certificate().to_owned().into()),
            file(&written.certificate, 0o644, leaf.certificate.into()),
            file(&written.key, 0o600, leaf.key),
        ];
        Ok(Files(files, written))
    }
}

fn create_folder(dir: &Path) -> Result<(), DevError> {
    std::fs::create_dir_all(dir).map_err(|error| DevError::Write(dir.to_owned(), error))
}

/// Writes a file that does not exist yet, with its mode from the start. If that fails, no file is left behind.
fn create(path: &Path, mode: u32, text: &str) -> Result<(), DevError> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let written = match opened {
        Ok(mut file) => file.write_all(text.as_bytes()).and_then(|()| file.sync_all()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(DevError::Exists(path.to_owned()));
        }
        Err(error) => return Err(DevError::Write(path.to_owned(), error)),
    };
    written.map_err(|error| {
        let _ = std::fs::remove_file(path);
        DevError::Write(path.to_owned(), error)
    })
}

/// Removes files that were written but not renamed yet.
fn discard(staged: &[PathBuf]) {
    for path in staged {
        let _ = std::fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::{Serving, x509};

    fn names(path: &Path) -> Vec<String> {
        let pem = std::fs::read(path).unwrap();
        x509::facts(&x509::certificates(&pem)[0]).unwrap().names
    }

    #[test]
    fn it_writes_three_matching_files_and_only_the_owner_may_read_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("deep/er");
        let written = write(&dir, &[]).unwrap();
        assert_eq!(names(&written.certificate), HOSTS);
        let read = |path: &Path| std::fs::read(path).unwrap();
        let serving = Serving::from_pem(&read(&written.certificate), &read(&written.key), None).unwrap();
        assert_eq!(serving.validity.not_after, written.not_after);
        let authority = x509::certificates(&read(&written.authority));
        assert!(x509::signed_by(&serving.key.cert[0], &authority[0]));
        assert_eq!(written.key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn existing_files_stay_unless_they_are_to_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tls.key"), "mine").unwrap();
        let error = write(folder.path(), &[]).unwrap_err().to_string();
        assert!(error.contains("tls.key exists already"), "{error}");
        assert_eq!(std::fs::read(folder.path().join("tls.key")).unwrap(), b"mine");
        assert!(!folder.path().join("ca.crt").exists());
        let written = replace(folder.path(), &["hook.example".to_owned()]).unwrap();
        assert_eq!(names(&written.certificate), ["hook.example"]);
    }

    #[test]
    fn a_folder_that_cannot_be_created_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("file");
        std::fs::write(&dir, "").unwrap();
        assert!(write(&dir, &[]).unwrap_err().to_string().contains("file cannot be written"));
    }

    /// The files in the folder, hidden ones too, with their content.
    fn content(folder: &Path) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().is_file())
            .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
            .collect();
        files.sort();
        files
    }

    #[test]
    fn a_failed_replacement_leaves_the_old_files() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[]).unwrap();
        let before = content(folder.path());
        assert_eq!(before.len(), 3);
        // The certificate cannot be made.
        assert!(matches!(replace(folder.path(), &["\u{e4}".to_owned()]), Err(DevError::Make(_))));
        assert_eq!(content(folder.path()), before);
        // The last file cannot be replaced.
        std::fs::remove_file(folder.path().join("tls.key")).unwrap();
        std::fs::create_dir(folder.path().join("tls.key")).unwrap();
        let error = replace(folder.path(), &[]).unwrap_err().to_string();
        assert!(error.contains("tls.key cannot be written"), "{error}");
        assert_eq!(content(folder.path()), before[..2]);
        std::fs::remove_dir(folder.path().join("tls.key")).unwrap();
        replace(folder.path(), &[]).unwrap();
        let after = content(folder.path());
        assert_eq!(after.len(), 3, "no other file is left behind");
        assert!(after[..2].iter().zip(&before).all(|(new, old)| new.0 == old.0 && new.1 != old.1));
    }
}
