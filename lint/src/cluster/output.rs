//! A file that is written beside its place, and takes the place when it is whole: a reader never sees a part of it, and where
//! anything fails, what was there before is still there.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::files::reason;
use crate::shown::shown_path;

/// The file while it is written. Without [`Output::finish`], nothing of it remains.
pub(super) struct Output {
    // Dropped first: a file must be closed before it is removed.
    out: BufWriter<File>,
    /// `None` where the bytes go straight to a device, a pipe or a stream.
    beside: Option<Beside>,
}

/// The file beside the place. It is removed when this is dropped.
struct Beside {
    temporary: PathBuf,
    target: PathBuf,
}

impl Beside {
    fn take_place(mut self) -> io::Result<()> {
        fs::rename(&self.temporary, &self.target)?;
        self.temporary.clear();
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.temporary.as_os_str().is_empty() {
            // Where it cannot be removed, its name says whose it is.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

impl Output {
    /// Begins the file. A symbolic link is followed; what is no regular file is written straight.
    ///
    /// # Errors
    ///
    /// The reason, where it cannot be written.
    pub(super) fn create(path: &Path) -> Result<Self, String> {
        let say = |error: io::Error| reason(&error);
        let target = resolve(path).map_err(say)?;
        if target.starts_with(PROCESSES) {
            return stream(&target).map(Self::straight).map_err(say);
        }
        let existing = match fs::metadata(&target) {
            Ok(existing) if existing.is_dir() => {
                return Err(reason(&io::ErrorKind::IsADirectory.into()));
            }
            Ok(existing) => Some(existing),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(reason(&error)),
        };
        if existing.is_some() {
            // A file that may not be written is not replaced either.
            let opened = OpenOptions::new().write(true).open(&target).map_err(say)?;
            if existing.as_ref().is_some_and(|existing| !existing.is_file()) {
                return Ok(Self::straight(opened));
            }
        }
        let (file, temporary) = temporary(&target, existing.as_ref()).map_err(|error| {
            let folder = shown_path(target.parent().unwrap_or(&target));
            format!("a temporary file cannot be created beside it, in {folder}: {}", reason(&error))
        })?;
        // From here on it is removed again, whatever fails.
        let beside = Beside { temporary, target };
        if let Some(existing) = &existing {
            keep(&file, existing).map_err(say)?;
        }
        Ok(Self { out: BufWriter::new(file), beside: Some(beside) })
    }

    fn straight(file: File) -> Self {
        Self { out: BufWriter::new(file), beside: None }
    }

    /// Puts the file into its place.
    ///
    /// # Errors
    ///
    /// Where not all of it could be written; then the old file is untouched.
    pub(super) fn finish(self) -> io::Result<()> {
        let Self { out, beside } = self;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        let Some(beside) = beside else { return Ok(()) };
        // Else a machine that fails now could leave a file that has its name and not yet its bytes.
        file.sync_all()?;
        drop(file);
        beside.take_place()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Below it, links lead to what processes have open, which a name beside it cannot replace.
const PROCESSES: &str = "/proc";

/// As many links are followed.
const LINKS: usize = 40;

/// The place that the path leads to: its folder's real path, and a name that is no link. It need not exist.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut path = path.to_path_buf();
    for _ in 0..LINKS {
        let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize()?;
        let real = folder.join(name);
        match fs::read_link(&real) {
            Ok(link) if !real.starts_with(PROCESSES) => path = folder.join(link),
            _ => return Ok(real),
        }
    }
    Err(io::Error::other("too many levels of symbolic links"))
}

/// What a process has open. Our own standard output is taken as it is: opened again by its name, a regular file would be emptied, and
/// the report would be written over the snapshot.
fn stream(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;

        let own = Path::new(PROCESSES).join(std::process::id().to_string()).join("fd");
        if path == own.join("1") {
            return io::stdout().as_fd().try_clone_to_owned().map(File::from);
        }
        if path == own.join("2") {
            return io::stderr().as_fd().try_clone_to_owned().map(File::from);
        }
    }
    OpenOptions::new().write(true).open(path)
}

/// So many names are tried; another run, or one that was ended, may have the first ones.
const NAMES: usize = 1000;

fn temporary(target: &Path, existing: Option<&Metadata>) -> io::Result<(File, PathBuf)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if let Some(existing) = existing {
        use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

        // Never, not even for a moment, open to more people than the file that it replaces.
        options.mode(existing.mode() & 0o777);
    }
    #[cfg(not(unix))]
    let _ = existing;
    let process = std::process::id();
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for number in 0..NAMES {
        let path = target.with_file_name(format!(".daemonset-lint-snapshot-{process}-{number}.tmp"));
        match options.open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// Gives the new file the owner and the permissions of the old one.
fn keep(file: &File, existing: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;

        // Only root may give files away; for others the new file is their own, as any that they write.
        let _ = std::os::unix::fs::fchown(file, Some(existing.uid()), Some(existing.gid()));
    }
    file.set_permissions(existing.permissions())
}
