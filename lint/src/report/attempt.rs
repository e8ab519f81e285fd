//! Makes reports in memory before they are printed, so that a panic at one file prints no partial report and does not affect others.

use std::io::{self, Write};

use crate::crash;
use crate::engine::Run;
use crate::engine::outcome::FileReport;
use crate::report::text;
use crate::shown::shown;

/// Prints the findings of every file, and returns a message for each file that made the program panic. The findings of such a file are
/// printed without frames.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn each(
    files: &[FileReport],
    write: impl Fn(&FileReport, &mut dyn Write) -> io::Result<()>,
    out: &mut dyn Write,
) -> io::Result<Vec<String>> {
    let mut failures = Vec::new();
    let mut buffer = Vec::new();
    for file in files {
        buffer.clear();
        match crash::catch(|| write(file, &mut buffer)) {
            Ok(written) => {
                written?;
                out.write_all(&buffer)?;
            }
            Err(error) => {
                failures.push(crash::sentence(&shown(&file.path), "printed", &error));
                text::plain_findings(file, out)?;
            }
        }
    }
    Ok(failures)
}

/// Prints a report that is about all files together. Files at which it panics are removed from the report and from the run, and a message
/// is returned for each.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn whole(
    run: &mut Run<'_>,
    write: impl Fn(&Run<'_>, &mut dyn Write) -> io::Result<()>,
    out: &mut dyn Write,
) -> io::Result<Vec<String>> {
    let attempt = |run: &Run<'_>| {
        let mut buffer = Vec::new();
        crash::catch(|| write(run, &mut buffer)).map(|written| written.map(|()| buffer))
    };
    let first = match attempt(run) {
        Ok(buffer) => return out.write_all(&buffer?).map(|()| Vec::new()),
        Err(error) => error,
    };
    let mut failures = Vec::new();
    let mut printable = Vec::new();
    for file in std::mem::take(&mut run.files) {
        run.files.push(file);
        let attempted = attempt(run);
        let file = run.files.pop();
        match (attempted, file) {
            (Ok(_), file) => printable.extend(file),
            (Err(error), Some(file)) => {
                failures.push(crash::sentence(&shown(&file.path), "printed", &error));
            }
            (Err(_), None) => {}
        }
    }
    run.files = printable;
    match attempt(run) {
        Ok(buffer) => out.write_all(&buffer?)?,
        Err(_) => failures.push(crash::sentence("the report", "printed", &first)),
    }
    Ok(failures)
}

#[cfg(test)]
#[allow(clippy::panic, reason = "a panic is what is tested")]
mod tests {
    use super::*;
    use daemonset_validation::{FieldPath, Finding, Server, Severity};

    use crate::engine::locate::Place;
    use crate::engine::outcome::Located;

    fn file(path: &str) -> FileReport {
        let finding = Finding::new("x", Severity::Error, FieldPath::document(), "is wrong".to_owned());
        let findings = vec![Located { finding, place: Place::default() }];
        FileReport { text: "a: b\n".to_owned(), findings, ..FileReport::empty(path.to_owned()) }
    }

    /// Prints the paths, and panics at a path that begins with `bad`.
    fn paths(files: &[FileReport], out: &mut dyn Write) -> io::Result<()> {
        for file in files {
            write!(out, "{} ", file.path)?;
            assert!(!file.path.starts_with("bad"), "no {}", file.path);
        }
        Ok(())
    }

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn a_report_of_all_files_goes_on_without_the_one_that_fails() {
        let files = vec![file("a"), file("bad"), file("c"), file("bad2")];
        let mut run = Run { files, ..Run::empty(Server::newest()) };
        let mut out = Vec::new();
        let failures = whole(&mut run, |run, out| paths(&run.files, out), &mut out).unwrap_or_default();
        assert_eq!(text(out), "a c ");
        assert!(failures.len() == 2 && failures.iter().all(|one| one.starts_with("bad")), "{failures:?}");
        let mut out = Vec::new();
        let all = |run: &Run<'_>, _: &mut dyn Write| -> io::Result<()> {
            assert!(run.files.len() < 2, "together they fail");
            Ok(())
        };
        let failures = whole(&mut run, all, &mut out).unwrap_or_default();
        assert!(failures.first().is_some_and(|one| one.contains("together they fail")), "{failures:?}");
    }

    #[test]
    fn findings_whose_frames_fail_are_printed_without_them() {
        let mut out = Vec::new();
        let files = [file("a"), file("bad"), file("c")];
        let failures = each(&files, |file, out| paths(std::slice::from_ref(file), out), &mut out);
        assert_eq!(text(out), "a bad:1:1: error: is wrong [x]\nc ");
        assert_eq!(failures.map(|failures| failures.len()).ok(), Some(1));
    }
}
