//! Reads files that an operator mounts. They are small, and what is mounted in their place must not hang or fill the process.

use std::io::Read;
use std::path::Path;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The system says why.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is a folder, a pipe or a device.
    #[error("cannot be read: it is not a regular file")]
    Irregular,
    /// It has more bytes than this.
    #[error("is larger than {0} bytes")]
    TooLarge(u64),
}

/// Reads a regular file of at most `most` bytes.
///
/// # Errors
///
/// [`ReadError`] if there is none.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    // Opening a pipe would wait for its writer.
    if !std::fs::metadata(path)?.is_file() {
        return Err(ReadError::Irregular);
    }
    let mut bytes = Vec::new();
    // One byte more than allowed, to notice a file that is too large.
    std::fs::File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > most) {
        return Err(ReadError::TooLarge(most));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_small_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert!(matches!(read(&path, 4), Err(ReadError::Unreadable(_))));
        std::fs::write(&path, "1234").unwrap();
        assert_eq!(read(&path, 4).unwrap(), b"1234");
        assert!(matches!(read(&path, 3), Err(ReadError::TooLarge(3))));
        assert!(matches!(read(folder.path(), 4), Err(ReadError::Irregular)));
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(matches!(read(&pipe, 4), Err(ReadError::Irregular)));
        assert!(matches!(read(Path::new("/dev/zero"), 4), Err(ReadError::Irregular)));
    }
}
