//! Certificates for development: a CA, a certificate and a key in a folder. The CA's key is thrown away.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::authority::{Authority, MakeError};
use crate::{leaf, rotation};

/// How long certificates for development are valid.
pub const LIFETIME: Duration = Duration::from_secs(90 * 24 * 3600);

/// For whom the certificate is where no host is given.
pub const HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The CA's certificate: what a client, or `caBundle`, has to trust.
    pub authority: PathBuf,
    /// The serving certificate.
    pub certificate: PathBuf,
    /// Its key, readable by its owner only.
    pub key: PathBuf,
    /// For whom it is.
    pub hosts: Vec<String>,
    /// The last second of its validity, Unix time.
    pub not_after: i64,
}

/// Why nothing (or not all) was written.
#[derive(Debug, thiserror::Error)]
pub enum DevError {
    /// A file is there already.
    #[error("{0} is there already; nothing was written. Choose another folder, or ask for it to be replaced")]
    Exists(PathBuf),
    /// A file cannot be written.
    #[error("{0} cannot be written: {1}")]
    Write(PathBuf, std::io::Error),
    /// The certificates cannot be made.
    #[error(transparent)]
    Make(#[from] MakeError),
}

/// Writes `ca.crt`, `tls.crt` and `tls.key` (mode 0600) into `dir`, which is made where it is missing. `hosts` are DNS names
/// and IP addresses; without any, [`HOSTS`]. Refuses where one of the files exists.
pub fn write(dir: &Path, hosts: &[String]) -> Result<Written, DevError> {
    for name in ["ca.crt", "tls.crt", "tls.key"] {
        let path = dir.join(name);
        if path.symlink_metadata().is_ok() {
            return Err(DevError::Exists(path));
        }
    }
    put(dir, hosts)
}

/// Like [`write()`], in place of what is there.
pub fn replace(dir: &Path, hosts: &[String]) -> Result<Written, DevError> {
    for name in ["ca.crt", "tls.crt", "tls.key"] {
        let path = dir.join(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(DevError::Write(path, error)),
            _ => {}
        }
    }
    put(dir, hosts)
}

fn put(dir: &Path, hosts: &[String]) -> Result<Written, DevError> {
    let hosts: Vec<String> =
        if hosts.is_empty() { HOSTS.map(str::to_owned).to_vec() } else { hosts.to_vec() };
    let now = rotation::unix_now();
    let authority = Authority::make(now, LIFETIME)?;
    let leaf = leaf::make(&authority, &hosts, now, LIFETIME)?;
    std::fs::create_dir_all(dir).map_err(|error| DevError::Write(dir.to_owned(), error))?;
    Ok(Written {
        authority: file(dir, "ca.crt", 0o644, authority.certificate())?,
        certificate: file(dir, "tls.crt", 0o644, &leaf.certificate)?,
        key: file(dir, "tls.key", 0o600, &leaf.key)?,
        hosts,
        not_after: authority.not_after(),
    })
}

/// Writes a file that was not there, with its mode from the first byte on.
fn file(dir: &Path, name: &str, mode: u32, text: &str) -> Result<PathBuf, DevError> {
    let path = dir.join(name);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Ok(()) => Ok(path),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(DevError::Exists(path)),
        Err(error) => Err(DevError::Write(path, error)),
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
    fn three_files_that_belong_together_and_the_key_is_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("deep/er");
        let written = write(&dir, &[]).unwrap();
        assert_eq!(names(&written.certificate), HOSTS);
        let read = |path: &Path| std::fs::read(path).unwrap();
        let serving = Serving::from_pem(&read(&written.certificate), &read(&written.key)).unwrap();
        assert_eq!(serving.not_after, written.not_after);
        let authority = x509::certificates(&read(&written.authority));
        assert!(x509::signed_by(&serving.key.cert[0], &authority[0]));
        assert_eq!(written.key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_there_stays_unless_one_says_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tls.key"), "mine").unwrap();
        let error = write(folder.path(), &[]).unwrap_err().to_string();
        assert!(error.contains("tls.key is there already"), "{error}");
        assert_eq!(std::fs::read(folder.path().join("tls.key")).unwrap(), b"mine");
        assert!(!folder.path().join("ca.crt").exists());
        let written = replace(folder.path(), &["hook.example".to_owned()]).unwrap();
        assert_eq!(names(&written.certificate), ["hook.example"]);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("file");
        std::fs::write(&dir, "").unwrap();
        assert!(write(&dir, &[]).unwrap_err().to_string().contains("file cannot be written"));
    }
}
