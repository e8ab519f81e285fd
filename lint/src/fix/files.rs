//! Mends the files of a run, one by one.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::Path;

use daemonset_validation::words::count::counted;

use super::rounds::{Mended, mend};
use super::{diff, for_judging, save};
use crate::config::Configs;
use crate::crash;
use crate::engine::Engine;
use crate::engine::origin::Origin;
use crate::engine::outcome::FileReport;
use crate::files::Input;
use crate::folder::Roles;
use crate::limited_read::{self, MaxFileSize};
use crate::shown::shown;
use crate::standard_input::is_standard_input;

/// What is done with what was mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The files are replaced; standard input is printed.
    Write,
    /// The difference is printed, and nothing is written.
    Diff,
}

/// What became of the files.
#[derive(Debug, Default)]
pub(crate) struct Fixing {
    /// A line for each file that was mended, or would be.
    pub(crate) mended: Vec<String>,
    /// How many findings are left whose fixes are not safe.
    pub(crate) waiting: usize,
    /// A message for each file with fixes that is not changed.
    pub(crate) kept: Vec<String>,
    /// A message for each file that could not be mended because something failed.
    pub(crate) failures: Vec<String>,
    /// What was read from standard input, mended.
    pub(crate) standard_input: Option<Vec<u8>>,
}

/// Which files are mended, and how.
#[derive(Clone, Copy)]
pub(crate) struct Task<'t> {
    pub(crate) roles: &'t Roles,
    pub(crate) configs: &'t Configs,
    pub(crate) max: MaxFileSize,
    pub(crate) mode: Mode,
    pub(crate) with_unsafe: bool,
}

/// Mends the files. What cannot be read is left to the report.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn fix_files(
    inputs: &[Input],
    task: Task<'_>,
    engine: &Engine<'_>,
    standard_input: &mut dyn Read,
    out: &mut dyn Write,
) -> io::Result<Fixing> {
    let engine = for_judging(engine);
    let mut fixing = Fixing::default();
    for input in inputs {
        let (name, is_stream) = (input.name(), *input == Input::Stdin);
        let bytes = match input {
            Input::Stdin => limited_read::stream(standard_input, task.max),
            // What is read from it once is gone.
            Input::File(path, _) if limited_read::may_wait(path) || is_standard_input(path) => {
                let how = "it is no regular file; write `-` to mend standard input";
                fixing.kept.push(format!("{}: not mended: {how}", shown(&name)));
                continue;
            }
            Input::File(path, _) => limited_read::file(path, task.max),
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(reason) if task.mode == Mode::Diff => {
                fixing.failures.push(format!("{}: cannot be read: {reason}", shown(&name)));
                continue;
            }
            Err(_) => continue,
        };
        let mended = match std::str::from_utf8(&bytes) {
            Ok(text) => crash::catch(|| one(text, input, task, &engine)),
            // The text would not be that of the file.
            Err(_) => Ok(Mended::default()),
        };
        let mended = match mended {
            Ok(mended) => mended,
            Err(error) => {
                fixing.failures.push(crash::sentence(&shown(&name), "mended", &error));
                Mended::default()
            }
        };
        if let Some(barred) = mended.barred {
            fixing.kept.push(format!("{}: not mended: {}", shown(&name), barred.sentence()));
        }
        fixing.waiting = fixing.waiting.saturating_add(mended.waiting);
        let changed = !mended.edits.is_empty();
        let saved = match task.mode {
            Mode::Diff if changed => {
                let text = std::str::from_utf8(&bytes).unwrap_or_default();
                diff::unified(&name, text, &mended.edits, out)?;
                Ok(())
            }
            Mode::Write if is_stream => {
                out.write_all(if changed { mended.text.as_bytes() } else { &bytes })?;
                Ok(())
            }
            Mode::Write if changed => {
                let path = input.path().unwrap_or_else(|| Path::new(""));
                save::replace(path, &bytes, mended.text.as_bytes())
            }
            _ => Ok(()),
        };
        match saved {
            Ok(()) if changed => fixing.mended.push(said(&name, &mended.rules, task.mode)),
            Ok(()) => {}
            Err(reason) => fixing.failures.push(format!("{}: cannot be mended: {reason}", shown(&name))),
        }
        if is_stream {
            fixing.standard_input = Some(if changed { mended.text.into_bytes() } else { bytes });
        }
    }
    Ok(fixing)
}

fn one(text: &str, input: &Input, task: Task<'_>, engine: &Engine<'_>) -> Mended {
    let settings = task.configs.settings(input.place());
    let own = settings.as_ref().map(|settings| engine.with(settings));
    let engine = own.as_ref().unwrap_or(engine);
    let judge = |text: &str| {
        let bytes = text.as_bytes().to_vec();
        let report = match input {
            Input::File(path, Origin::Walked) => {
                engine.check_found(input.name(), bytes, task.roles.role(path))
            }
            _ => engine.check_from(input.name(), bytes, input.origin()),
        };
        engine.settled(FileReport { settings: settings.clone(), ..report })
    };
    mend(text, task.with_unsafe, &judge)
}

/// `mended agent.yaml: 3 findings (2 api/unknown-field, 1 api/decode)`
fn said(name: &str, rules: &BTreeMap<&'static str, usize>, mode: Mode) -> String {
    let total: usize = rules.values().sum();
    let mut by_count: Vec<(&&str, &usize)> = rules.iter().collect();
    by_count.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let parts: Vec<String> = by_count.iter().map(|(rule, count)| format!("{count} {rule}")).collect();
    let verb = match mode {
        Mode::Write => "mended",
        Mode::Diff => "would mend",
    };
    format!("{verb} {}: {} ({})", shown(name), counted(total, "finding"), parts.join(", "))
}
