//! What the tests share. This file: where things are, and how an output is compared with the recorded one or recorded again.

pub mod admission;
pub mod cases;
pub mod clusters;
pub mod command;
pub mod controlplane;
pub mod differential;
pub mod forward;
pub mod go_json;
pub mod growth;
pub mod http_client;
pub mod http_server;
pub mod json;
pub mod json_read;
pub mod mistakes;
pub mod random;
pub mod reviews;
pub mod scenarios;
pub mod schema;
pub mod session;
pub mod updates;
pub mod values;

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Whether recorded answers are to be written again (`UPDATE=1 cargo test`).
pub fn update() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

/// A number that the environment sets, such as `CASES`.
///
/// # Panics
///
/// Where it is set to something else.
pub fn setting(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.map_or(default, |value| match value.parse() {
        Ok(number) => number,
        Err(error) => panic!("{name}={value}: {error}"),
    })
}

/// Compares `actual` with the file, or records it where `UPDATE=1` is set.
///
/// # Panics
///
/// Where they differ: with the first line that does.
pub fn compare_with_file(path: &Path, actual: &str) {
    let recorded = std::fs::read_to_string(path).unwrap_or_default();
    if recorded == actual {
        return;
    }
    if update() {
        if let Err(error) = std::fs::write(path, actual) {
            panic!("cannot record {}: {error}", path.display());
        }
        return;
    }
    let first = recorded.lines().zip(actual.lines()).position(|(left, right)| left != right);
    let line = first.unwrap_or_else(|| recorded.lines().count().min(actual.lines().count()));
    panic!(
        "{} differs from line {} on\n  recorded: {}\n  now:      {}\nUPDATE=1 records it again",
        path.display(),
        line.saturating_add(1),
        recorded.lines().nth(line).unwrap_or("(end)"),
        actual.lines().nth(line).unwrap_or("(end)"),
    );
}
