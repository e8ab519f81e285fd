//! Small hard documents, read as the API machinery reads them: its own answers are recorded beside each.
//!
//! A case that we are known to read otherwise says why in `differs`; if it no longer differs, that is a failure, too.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout
)]

use daemonset_tests::{go_json, root};
use serde_json::Value;

/// Why a case fails, if it does.
fn judge(case: &Value) -> Option<String> {
    let text = case["text"].as_str().unwrap();
    let (ours, strict) = match go_json::answer(text) {
        Ok((json, strict)) => (Some(json), strict),
        Err(_) => (None, true),
    };
    // Go escapes the replacement character where it stands for a byte that is no UTF-8.
    let theirs = case["json"].as_str().map(|json| json.replace("\\ufffd", "\u{FFFD}"));
    let theirs = theirs.as_deref();
    let strict_alike = theirs.is_none() || strict == case["strictError"].is_null();
    let alike = ours.as_deref() == theirs && strict_alike;
    match (alike, case["differs"].as_str()) {
        (true, None) | (false, Some(_)) => None,
        (true, Some(reason)) => Some(format!("{text:?}\n    no longer differs: {reason}")),
        (false, None) => Some(format!(
            "{text:?}\n    upstream {}\n    we       {}{}",
            theirs.or(case["error"].as_str()).unwrap_or_default(),
            ours.unwrap_or_else(|| go_json::answer(text).unwrap_err()),
            if strict_alike { "" } else { "\n    and the strict verdicts differ" },
        )),
    }
}

#[test]
fn hard_documents_are_read_as_upstream_reads_them() {
    let mut failures = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(root().join("tests/corpus/yaml"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let (mut cases, mut differing) = (0, 0);
    for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")) {
        let name = path.file_stem().unwrap().display();
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            cases += 1;
            differing += usize::from(!case["differs"].is_null());
            failures.extend(judge(&case).map(|failure| format!("{name}: {failure}")));
        }
    }
    println!("{cases} cases, {differing} known to differ");
    assert!(failures.is_empty(), "{} of {cases} cases:\n{}", failures.len(), failures.join("\n"));
}
