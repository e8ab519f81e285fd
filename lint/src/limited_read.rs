//! Reads files up to a size. A device or a pipe may have no end, so the size is counted while it is read.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::str::FromStr;

use crate::files::reason;

/// The largest file that is read, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MaxFileSize(pub(crate) u64);

/// A unit of sizes, and its bytes.
const UNITS: [(&str, u64); 8] = [
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
];

/// Places in a text are counted in 32 bits.
const LARGEST: u64 = u32::MAX as u64;

impl FromStr for MaxFileSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = UNITS
            .iter()
            .find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)))
            .unwrap_or((text, 1));
        let size = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        match size {
            Some(0) => Err("the size must be at least 1 byte".to_owned()),
            Some(size) if size <= LARGEST => Ok(Self(size)),
            Some(_) => Err("no file above 4 GiB can be read".to_owned()),
            None => Err("write a size in bytes, or with a unit, such as 64Mi or 1Gi".to_owned()),
        }
    }
}

impl std::fmt::Display for MaxFileSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let binary = UNITS.iter().take(4).rev().find(|(_, unit)| self.0.checked_rem(*unit) == Some(0));
        match binary {
            Some((name, unit)) => write!(f, "{}{name}", self.0.checked_div(*unit).unwrap_or(0)),
            None => write!(f, "{}", self.0),
        }
    }
}

/// Reads a file.
///
/// # Errors
///
/// The operating system's reason, or that the file is too large.
pub(crate) fn file(path: &Path, max: MaxFileSize) -> Result<Vec<u8>, String> {
    let mut file = File::open(path).map_err(|error| reason(&error))?;
    let metadata = file.metadata().map_err(|error| reason(&error))?;
    // The size of a pipe or a device is not known before it is read.
    if metadata.is_file() && metadata.len() > max.0 {
        return Err(too_large(max));
    }
    let mut bytes = Vec::new();
    let expected = if metadata.is_file() { metadata.len().min(max.0) } else { 0 };
    let room = usize::try_from(expected.saturating_add(1)).unwrap_or(usize::MAX);
    bytes.try_reserve_exact(room).map_err(|_| NO_MEMORY.to_owned())?;
    append(&mut file, &mut bytes, max)?;
    Ok(bytes)
}

/// Whether opening the file waits until something is written into it: a pipe with a name. Those that a shell makes (`<(…)`) have a
/// writer.
#[cfg(unix)]
pub(crate) fn may_wait(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;

    let of_shell = ["/dev/fd", "/proc/self/fd"].iter().any(|folder| path.starts_with(folder));
    !of_shell && std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

/// Whether opening the file waits until something is written into it.
#[cfg(not(unix))]
pub(crate) const fn may_wait(_: &Path) -> bool {
    false
}

/// Reads a stream to its end.
///
/// # Errors
///
/// The operating system's reason, or that the stream is too large.
pub(crate) fn stream(source: &mut dyn Read, max: MaxFileSize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    append(source, &mut bytes, max)?;
    Ok(bytes)
}

/// Reads a stream to its end, behind what has been read of it before.
///
/// # Errors
///
/// The operating system's reason, or that the stream is too large.
pub(crate) fn append(source: &mut dyn Read, bytes: &mut Vec<u8>, max: MaxFileSize) -> Result<(), String> {
    let room = max.0.saturating_add(1).saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    source.take(room).read_to_end(bytes).map_err(|error| match error.kind() {
        ErrorKind::OutOfMemory => NO_MEMORY.to_owned(),
        _ => reason(&error),
    })?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > max.0 { Err(too_large(max)) } else { Ok(()) }
}

const NO_MEMORY: &str = "there is not enough memory to read it";

/// Why a file is not read.
pub(crate) fn too_large(max: MaxFileSize) -> String {
    let unit = if max.to_string().ends_with(char::is_numeric) { " bytes" } else { "" };
    format!("it is larger than {max}{unit}; --max-file-size reads larger files")
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, size) in
            [("1", 1), ("512Mi", 512 << 20), ("1Gi", 1 << 30), ("64k", 64_000), ("2G", 2_000_000_000)]
        {
            assert_eq!(text.parse(), Ok(MaxFileSize(size)), "{text}");
        }
        for text in ["", "0", "Mi", "-1", "1.5Gi", "5Gi", "9999999999999999999", "1mb"] {
            assert!(text.parse::<MaxFileSize>().is_err(), "{text}");
        }
        for (size, text) in [(512 << 20, "512Mi"), (1 << 30, "1Gi"), (1000, "1000"), (3 << 10, "3Ki")] {
            assert_eq!(MaxFileSize(size).to_string(), text);
        }
    }

    /// Counts what is read of it, and has no end.
    struct Endless(u64);

    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0 = self.0.saturating_add(u64::try_from(into.len()).unwrap_or(0));
            Ok(into.len())
        }
    }

    #[test]
    fn a_stream_without_end_is_read_up_to_the_bound() {
        let mut endless = Endless(0);
        let max = MaxFileSize(1 << 20);
        assert!(stream(&mut endless, max).is_err_and(|error| error.contains("1Mi")));
        assert!(endless.0 <= (1 << 20) + 1);
        assert_eq!(stream(&mut &b"abc"[..], MaxFileSize(3)).as_deref(), Ok(&b"abc"[..]));
        assert!(stream(&mut &b"abcd"[..], MaxFileSize(3)).is_err());
        let mut bytes = b"ab".to_vec();
        assert!(append(&mut &b"cd"[..], &mut bytes, MaxFileSize(3)).is_err());
    }
}
