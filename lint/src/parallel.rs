//! Reads and checks the files of a run, each by itself, on all threads. A panic at one file does not affect the others.

use std::io::Read;
use std::sync::{Mutex, PoisonError};

use daemonset_validation::{FieldPath, Finding, Severity};
use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::crash;
use crate::engine::locate::Place;
use crate::engine::origin::Origin;
use crate::engine::outcome::{FileReport, Located};
use crate::engine::{Engine, Overlay};
use crate::files::Input;
use crate::folder::Roles;
use crate::limited_read::{self, MaxFileSize};
use crate::progress::{Progress, Task};
use crate::shown::shown;

/// Fewer files than this are checked on the calling thread: starting threads would take longer.
const PARALLEL_FROM: usize = 8;

/// The reports of the files, in their order, and a message for each file that made the program panic.
pub(crate) fn files(
    inputs: Vec<Input>,
    roles: &Roles,
    engine: &Engine<'_>,
    max: MaxFileSize,
    standard_input: &mut dyn Read,
    progress: &Progress,
) -> (Vec<FileReport>, Vec<String>) {
    let standard_input = inputs.contains(&Input::Stdin).then(|| limited_read::stream(standard_input, max));
    // It is among the inputs once.
    let standard_input = Mutex::new(standard_input);
    progress.start(Task::Files { total: inputs.len() });
    each(inputs, Input::name, |input| {
        let bytes = match input {
            Input::Stdin => {
                let read = standard_input.lock().unwrap_or_else(PoisonError::into_inner).take();
                read.unwrap_or_else(|| Ok(Vec::new()))
            }
            Input::File(path, _) => limited_read::file(path, max),
        };
        let report = match bytes {
            Ok(bytes) => match input {
                Input::File(path, Origin::Walked) => {
                    engine.check_found(input.name(), bytes, roles.role(path))
                }
                _ => engine.check_from(input.name(), bytes, input.origin()),
            },
            Err(reason) => engine.unreadable(input.name(), reason),
        };
        progress.checked();
        report
    })
}

/// Judges those of the files once more that the objects of all files concern. Returns a message for each file that made the program panic.
pub(crate) fn again(files: &mut [FileReport], overlay: &Overlay, engine: &Engine<'_>) -> Vec<String> {
    let mut places = Vec::new();
    let mut concerned = Vec::new();
    for (place, file) in files.iter_mut().enumerate().filter(|(_, file)| overlay.concerns(file)) {
        places.push(place);
        concerned.push(std::mem::replace(file, FileReport::empty(String::new())));
    }
    let (reports, failures) = each(concerned, |file| file.path.clone(), |file| engine.check_again(file));
    for (place, report) in places.into_iter().zip(reports) {
        if let Some(file) = files.get_mut(place) {
            *file = report;
        }
    }
    failures
}

fn each<I: Send>(
    inputs: Vec<I>,
    name: impl Fn(&I) -> String + Sync,
    check: impl Fn(&I) -> FileReport + Sync,
) -> (Vec<FileReport>, Vec<String>) {
    let one = |input: I| match crash::catch(|| check(&input)) {
        Ok(report) => (report, None),
        Err(error) => {
            let sentence = crash::sentence(&shown(&name(&input)), "checked", &error);
            (failed(name(&input), error), Some(sentence))
        }
    };
    // If the system starts no threads, the files are checked on this one.
    let parallel = inputs.len() >= PARALLEL_FROM && has_room_for_threads();
    let pool = if parallel { ThreadPoolBuilder::new().build().ok() } else { None };
    let checked: Vec<(FileReport, Option<String>)> = match pool {
        Some(pool) => pool.install(|| inputs.into_par_iter().map(one).collect()),
        None => inputs.into_iter().map(one).collect(),
    };
    let (reports, failures): (Vec<FileReport>, Vec<Option<String>>) = checked.into_iter().unzip();
    (reports, failures.into_iter().flatten().collect())
}

/// Memory that a thread needs to start and to work, in bytes: its stack is 2 MiB.
const BYTES_PER_THREAD: usize = 8 * 1024 * 1024;

/// Whether there is memory for threads. A thread that gets memory for its stack and no more aborts the process, so this is checked
/// before threads are started. The memory is reserved and not written, so the check uses none.
fn has_room_for_threads() -> bool {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut room: Vec<u8> = Vec::new();
    let reserved = room.try_reserve_exact(threads.saturating_mul(BYTES_PER_THREAD));
    // Without this, the compiler may remove the unused allocation.
    std::hint::black_box(&room);
    reserved.is_ok()
}

/// The report of a file that made the program panic.
fn failed(path: String, error: String) -> FileReport {
    let message = format!("cannot be checked because of a bug in daemonset-lint: {error}");
    let finding = Finding::new("file/internal-error", Severity::Error, FieldPath::document(), message);
    let findings = vec![Located { finding, place: Place::default() }];
    FileReport { findings, unreadable: Some(error), ..FileReport::empty(path) }
}

#[cfg(test)]
#[allow(clippy::panic, reason = "a panic is what is tested")]
mod tests {
    use super::*;

    #[test]
    fn a_panic_at_one_file_does_not_affect_the_others() {
        for count in [3, 40] {
            let inputs: Vec<Input> =
                (0..count).map(|n| Input::File(format!("{n}\x1b.yaml").into(), Origin::Named)).collect();
            let (reports, failures) = each(inputs, Input::name, |input| {
                if input.name() == "1\x1b.yaml" {
                    panic!("no {}", "such luck");
                }
                FileReport { findings: Vec::new(), unreadable: None, ..failed(input.name(), String::new()) }
            });
            assert_eq!(reports.len(), count);
            let failed: Vec<_> = reports.iter().filter(|report| report.unreadable.is_some()).collect();
            assert_eq!(failed.iter().map(|report| report.path.as_str()).collect::<Vec<_>>(), ["1\x1b.yaml"]);
            let [failure] = failures.as_slice() else { panic!("{failures:?}") };
            assert!(failure.starts_with("1\\u001b.yaml: ") && failure.contains("no such luck"), "{failure}");
        }
    }
}
