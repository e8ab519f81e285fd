//! Reads the certificate and its key from a folder. Nothing in the folder can make a read endless: a pipe is not waited for, and a file is
//! read up to a limit.

use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use zeroize::Zeroizing;

/// The longest file that is read, in bytes. A chain with its key has a few thousand.
const LONGEST: u64 = 1 << 20;

/// The two files. `Debug` shows neither.
#[derive(PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Pair {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Pair").finish_non_exhaustive()
    }
}

/// Reads both files of one version of the volume. If the kubelet replaces `..data` between the two reads, they are read again.
pub(super) fn read(dir: &Path) -> Result<Pair, String> {
    let file =
        |name: &str| bounded(&dir.join(name)).map_err(|error| format!("{name} cannot be read: {error}"));
    let generation = || std::fs::read_link(dir.join("..data")).ok();
    let mut pair = Err(String::new());
    for _ in 0..3 {
        let before = generation();
        pair = file("tls.crt")
            .and_then(|certificate| Ok(Pair { certificate: certificate.to_vec(), key: file("tls.key")? }));
        if generation() == before {
            break;
        }
    }
    pair
}

/// Reads a regular file of at most [`LONGEST`] bytes.
fn bounded(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    // Opening a pipe waits for its writer, unless it is opened like this. For a regular file it makes no difference.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file =
        OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(|error| error.to_string())?;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let too_long = || format!("it is longer than {LONGEST} bytes");
    if metadata.len() > LONGEST {
        return Err(too_long());
    }
    // A vector that grows leaves copies of a key behind, so all of it is reserved at once.
    let reserved = usize::try_from(metadata.len()).unwrap_or_default().saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(reserved));
    file.take(LONGEST.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LONGEST { Err(too_long()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &Path) -> String {
        bounded(path).unwrap_err()
    }

    #[test]
    fn only_regular_files_up_to_the_limit_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let limit = usize::try_from(LONGEST).unwrap();
        std::fs::write(path("limit"), vec![b'x'; limit]).unwrap();
        assert_eq!(bounded(&path("limit")).unwrap().len(), limit);
        std::fs::write(path("longer"), vec![b'x'; limit + 1]).unwrap();
        assert_eq!(said(&path("longer")), "it is longer than 1048576 bytes");
        // A sparse file of a terabyte.
        std::fs::File::create(path("sparse")).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(said(&path("sparse")), "it is longer than 1048576 bytes");
        assert!(std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
        std::fs::create_dir(path("folder")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", path("device")).unwrap();
        std::os::unix::fs::symlink("pipe", path("link")).unwrap();
        for name in ["pipe", "folder", "device", "link"] {
            assert_eq!(said(&path(name)), "it is not a regular file", "{name}");
        }
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
        assert!(said(&path("socket")).contains("No such device"), "{}", said(&path("socket")));
        assert!(said(&path("nothing")).contains("No such file"));
        // A file without a length that is longer than its length says.
        assert!(!bounded(Path::new("/proc/self/maps")).unwrap().is_empty());
    }

    #[test]
    fn the_file_that_cannot_be_read_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("tls.crt"), "x").unwrap();
        std::fs::create_dir(dir.path().join("tls.key")).unwrap();
        assert_eq!(read(dir.path()).unwrap_err(), "tls.key cannot be read: it is not a regular file");
    }
}
