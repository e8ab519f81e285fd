//! Runs a program: without a shell, without standard input, with a limit on its time and its output.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::target::Failure;
use crate::files::reason;
use crate::limited_read::MaxFileSize;

/// How much of what a program says on standard error is shown, in bytes.
const SAID: u64 = 16 * 1024;

/// How often a program is asked whether it has ended.
const POLL: Duration = Duration::from_millis(10);

/// The program of this name in the folders of a search path.
pub(super) fn find(name: &str, search: Option<&OsStr>) -> Option<PathBuf> {
    let file = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
    std::env::split_paths(search?)
        .filter(|folder| !folder.as_os_str().is_empty())
        .map(|folder| folder.join(&file))
        .find(|path| is_program(path))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// What the program prints on standard output.
///
/// # Errors
///
/// If it cannot be started, ends with an error, takes longer than `limit` or prints more than `max`.
pub(super) fn run(
    program: &Path,
    title: &str,
    arguments: &[OsString],
    max: MaxFileSize,
    limit: Duration,
) -> Result<Vec<u8>, Failure> {
    let failed = |what: String| Failure::Failed(format!("{title} {what}"));
    let until = Instant::now().checked_add(limit);
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child =
        command.spawn().map_err(|error| failed(format!("cannot be started: {}", reason(&error))))?;
    let output = reader(child.stdout.take(), max.0.saturating_add(1));
    let said = reader(child.stderr.take(), SAID);
    let left = || until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()));
    let end = |child: &mut Child| {
        // It may have ended by itself.
        _ = child.kill();
        _ = child.wait();
    };
    let late = || failed(format!("did not end within {} seconds", limit.as_secs()));
    let bytes = match output.recv_timeout(left()) {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) => {
            end(&mut child);
            return Err(failed(format!("cannot be read from: {}", reason(&error))));
        }
        Err(_) => {
            end(&mut child);
            return Err(late());
        }
    };
    if bytes.len() as u64 > max.0 {
        end(&mut child);
        return Err(failed(format!("prints more than {max} (--max-file-size)")));
    }
    let Some(status) = wait(&mut child, left) else {
        end(&mut child);
        return Err(late());
    };
    if status.success() {
        return Ok(bytes);
    }
    let said = said.recv_timeout(Duration::from_secs(1)).ok().and_then(Result::ok).unwrap_or_default();
    let said = String::from_utf8_lossy(&said).trim().replace('\n', "\n  ");
    let why = status
        .code()
        .map_or_else(|| "was ended by a signal".to_owned(), |code| format!("failed with exit code {code}"));
    Err(failed(if said.is_empty() { why } else { format!("{why}:\n  {said}") }))
}

/// Reads a stream on a thread of its own: at most this much, and the rest for nothing, so that the program is not held up.
fn reader(stream: Option<impl Read + Send + 'static>, most: u64) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let Some(mut stream) = stream else { return };
        let read = stream.by_ref().take(most).read_to_end(&mut bytes);
        let full = bytes.len() as u64 >= most;
        // Where nobody waits any more, the program has been ended.
        _ = sender.send(read.map(|_| bytes));
        if full {
            _ = io::copy(&mut stream, &mut io::sink());
        }
    });
    receiver
}

/// Waits until the program ends; `None` if no time is left.
fn wait(child: &mut Child, left: impl Fn() -> Duration) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if !left().is_zero() => thread::sleep(POLL),
            Ok(None) | Err(_) => return None,
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str, max: u64, limit: Duration) -> Result<Vec<u8>, String> {
        let arguments = ["-c".into(), script.into()];
        run(Path::new("/bin/sh"), "sh", &arguments, MaxFileSize(max), limit)
            .map_err(|error| error.message(""))
    }

    #[test]
    fn a_program_has_limits() {
        let long = Duration::from_secs(20);
        assert_eq!(shell("echo hello", 100, long), Ok(b"hello\n".to_vec()));
        let error = shell("echo one >&2; echo two >&2; exit 3", 100, long);
        assert_eq!(error, Err("sh failed with exit code 3:\n  one\n  two".to_owned()));
        assert_eq!(shell("exit 1", 100, long), Err("sh failed with exit code 1".to_owned()));
        let error = shell("while :; do echo hello; done", 1000, long);
        assert_eq!(error, Err("sh prints more than 1000 (--max-file-size)".to_owned()));
        let since = Instant::now();
        let error = shell("exec sleep 30", 100, Duration::from_millis(300));
        assert_eq!(error, Err("sh did not end within 0 seconds".to_owned()));
        assert!(since.elapsed() < long);
        // More than is shown of standard error does not hold the program up.
        let error = shell("yes | head -c 300000 >&2; echo done; exit 1", 100, long);
        assert!(error.is_err_and(|text| text.len() < 100_000));
    }

    #[test]
    fn a_program_is_searched_for_by_name() {
        assert!(find("sh", Some(OsStr::new("/nowhere:/bin"))).is_some());
        assert_eq!(find("sh", Some(OsStr::new("/nowhere::"))), None);
        assert_eq!(find("sh", None), None);
        assert_eq!(find("tmp", Some(OsStr::new("/"))), None);
    }
}
