//! A file that is complete before it takes its place: no reader ever sees a part of it, and where anything fails, the old file is
//! still there.
//!
//! On Linux the new file has no name until it is complete (`O_TMPFILE`), so the system removes it when the process ends, even by a
//! signal. Elsewhere, and in file systems that cannot do this, it has a temporary name, which a process that is killed leaves behind.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::files::reason;
use crate::shown::shown_path;

/// The file while it is written. Without [`Output::finish`], nothing of it remains.
pub(crate) struct Output {
    // Dropped first: a file must be closed before it is removed.
    out: BufWriter<File>,
    /// `None` where the bytes go straight to a device, a pipe or a stream.
    replacement: Option<Replacement>,
}

/// Where the new file is, and the place that it takes. Its temporary name is removed when this is dropped.
struct Replacement {
    /// The temporary name; `None` while the file has no name.
    temporary: Option<PathBuf>,
    target: PathBuf,
}

impl Replacement {
    /// Gives the file a temporary name, if it has none: only a file with a name can replace another one.
    fn name(&mut self, file: &File) -> io::Result<()> {
        if self.temporary.is_none() {
            let (_, path) = first_free_name(&self.target, |path| link(file, path))?;
            self.temporary = Some(path);
        }
        Ok(())
    }

    fn take_place(mut self) -> io::Result<()> {
        if let Some(temporary) = &self.temporary {
            fs::rename(temporary, &self.target)?;
            self.temporary = None;
        }
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // If it cannot be removed, its name shows which program made it.
            let _ = fs::remove_file(temporary);
        }
    }
}

impl Output {
    /// Begins the file. A symbolic link is followed. A device or a pipe is written to directly.
    ///
    /// # Errors
    ///
    /// The reason, if the file cannot be written.
    pub(crate) fn create(path: &Path) -> Result<Self, String> {
        let system_reason = |error: io::Error| reason(&error);
        let target = resolve(path).map_err(system_reason)?;
        if target.starts_with(PROCESSES) {
            return stream(&target).map(Self::direct).map_err(system_reason);
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
            let opened = OpenOptions::new().write(true).open(&target).map_err(system_reason)?;
            if existing.as_ref().is_some_and(|existing| !existing.is_file()) {
                return Ok(Self::direct(opened));
            }
        }
        let (file, temporary) = create_beside(&target, existing.as_ref()).map_err(|error| {
            let folder = shown_path(target.parent().unwrap_or(&target));
            format!("a temporary file cannot be created beside it, in {folder}: {}", reason(&error))
        })?;
        // From here on, the file is removed on every failure.
        let replacement = Replacement { temporary, target };
        if let Some(existing) = &existing {
            copy_owner_and_mode(&file, existing).map_err(system_reason)?;
        }
        Ok(Self { out: BufWriter::new(file), replacement: Some(replacement) })
    }

    /// The file whose place it takes; `None` where the bytes go straight to a device, a pipe or a stream.
    pub(crate) fn target(&self) -> Option<&Path> {
        self.replacement.as_ref().map(|replacement| replacement.target.as_path())
    }

    fn direct(file: File) -> Self {
        Self { out: BufWriter::new(file), replacement: None }
    }

    /// Puts the file into its place.
    ///
    /// # Errors
    ///
    /// If not all of it could be written. The old file is then unchanged.
    pub(crate) fn finish(self) -> io::Result<()> {
        let Self { out, replacement } = self;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        let Some(mut replacement) = replacement else { return Ok(()) };
        // Without this, a machine that fails now could leave a file of this name without its bytes.
        file.sync_all()?;
        replacement.name(&file)?;
        drop(file);
        replacement.take_place()
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

/// Below this folder, links lead to files that processes have open. Such a link cannot be replaced by a file beside it.
const PROCESSES: &str = "/proc";

/// How many links are followed.
const LINKS: usize = 40;

/// The path after all symbolic links: its folder's real path, and a name that is not a link. It need not exist.
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

/// A file that a process has open. This process's own standard output is not opened again: that would truncate a regular file, and the
/// report would overwrite the snapshot.
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

/// How many names are tried: the first ones may belong to other runs, or to runs that were killed.
const NAMES: usize = 1000;

/// A new file in the target's folder, and its name if it has one.
fn create_beside(target: &Path, existing: Option<&Metadata>) -> io::Result<(File, Option<PathBuf>)> {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    if let Some(existing) = existing {
        use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

        // Never, not even for a moment, open to more people than the file that it replaces.
        options.mode(existing.mode() & 0o777);
    }
    #[cfg(not(unix))]
    let _ = existing;
    if let Some(file) = create_without_name(target, &options) {
        return Ok((file, None));
    }
    options.create_new(true);
    first_free_name(target, |path| options.open(path)).map(|(file, path)| (file, Some(path)))
}

/// A file that has no name yet; `None` where the system or the file system has none.
#[cfg(target_os = "linux")]
fn create_without_name(target: &Path, options: &OpenOptions) -> Option<File> {
    use std::os::unix::fs::OpenOptionsExt;

    let flags = i32::try_from(rustix::fs::OFlags::TMPFILE.bits()).ok()?;
    let file = options.clone().custom_flags(flags).open(target.parent()?).ok()?;
    // `link` needs this path, and /proc may not be mounted.
    fs::metadata(open_file(&file)).ok().map(|_| file)
}

#[cfg(not(target_os = "linux"))]
const fn create_without_name(_: &Path, _: &OpenOptions) -> Option<File> {
    None
}

/// Gives a name to a file that has none.
#[cfg(target_os = "linux")]
fn link(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};

    linkat(CWD, open_file(file), CWD, path, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from)
}

#[cfg(not(target_os = "linux"))]
fn link(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The path of a file that this process has open.
#[cfg(target_os = "linux")]
fn open_file(file: &File) -> PathBuf {
    use std::os::fd::AsRawFd;

    Path::new(PROCESSES).join("self/fd").join(file.as_raw_fd().to_string())
}

/// Does the work with the first temporary name beside the target that does not exist yet.
fn first_free_name<T>(target: &Path, work: impl Fn(&Path) -> io::Result<T>) -> io::Result<(T, PathBuf)> {
    let process = std::process::id();
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for number in 0..NAMES {
        let path = target.with_file_name(format!(".daemonset-lint-{process}-{number}.tmp"));
        match work(&path) {
            Ok(done) => return Ok((done, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// Gives the new file the owner and the permissions of the old one.
fn copy_owner_and_mode(file: &File, existing: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;

        // Only root may change the owner. For other users the new file is their own, as every file that they write.
        let _ = std::os::unix::fs::fchown(file, Some(existing.uid()), Some(existing.gid()));
    }
    file.set_permissions(existing.permissions())
}
