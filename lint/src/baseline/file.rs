//! The file of a baseline: JSON with a line for each finding, sorted, so that a change of it is a small diff.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::key::Key;
use crate::files::reason;
use crate::output::Output;
use crate::shown::shown_path;

/// The version of the format.
const SCHEMA_VERSION: u32 = 1;

/// The largest file, in bytes: more than a million findings.
const LARGEST: u64 = 256 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    schema_version: u32,
    findings: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    key: Key,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: usize,
}

const fn one() -> usize {
    1
}

const fn is_one(count: &usize) -> bool {
    *count == 1
}

/// Reads the findings of a baseline.
///
/// # Errors
///
/// A message, if it cannot be read or is none.
pub(super) fn read(path: &Path, may_be_absent: bool) -> Result<BTreeMap<Key, usize>, String> {
    let name = shown_path(path);
    let failed = |why: &str| format!("--baseline {name}: {why}");
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(failed("it is not a regular file")),
        Err(error) if error.kind() == ErrorKind::NotFound && may_be_absent => return Ok(BTreeMap::new()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(failed("no such file; --write-baseline writes it"));
        }
        Err(error) => return Err(failed(&reason(&error))),
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes));
    read.map_err(|error| failed(&reason(&error)))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
        return Err(failed("it is larger than 256 MiB"));
    }
    let document: Document = serde_json::from_slice(&bytes).map_err(|error| {
        failed(&format!(
            "it is no baseline: {error}; --write-baseline writes one, after this file is removed"
        ))
    })?;
    if document.schema_version != SCHEMA_VERSION {
        return Err(failed(&format!(
            "its format has the version {}, and this program knows 1",
            document.schema_version
        )));
    }
    let mut findings = BTreeMap::new();
    for Entry { key, count } in document.findings {
        let known: &mut usize = findings.entry(key).or_default();
        *known = known.saturating_add(count);
    }
    Ok(findings)
}

/// Writes the file, as a whole or not at all.
///
/// # Errors
///
/// A message, if it cannot be written.
pub(super) fn write(path: &Path, findings: &BTreeMap<Key, usize>) -> Result<(), String> {
    let failed = |reason: String| format!("--baseline {}: {reason}", shown_path(path));
    let mut text = format!("{{\n  \"schemaVersion\": {SCHEMA_VERSION},\n  \"findings\": [");
    for (at, (key, count)) in findings.iter().enumerate() {
        let entry = Entry { key: key.clone(), count: *count };
        let line = serde_json::to_string(&entry).map_err(|error| failed(error.to_string()))?;
        // Writing to a text does not fail.
        let _ = write!(text, "{}\n    {line}", if at == 0 { "" } else { "," });
    }
    text.push_str(if findings.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
    let mut out = Output::create(path).map_err(failed)?;
    let written = out.write_all(text.as_bytes()).and_then(|()| out.finish());
    written.map_err(|error| failed(reason(&error)))
}
