//! Real changes of real manifests have the outcome that they had: `../shared/corpus/changes`, read in place; without it the test says
//! that it is skipped.
//!
//! Each case has the manifest before and after, the machines, and what happened. The command previews the new manifest with `--against`
//! the old one, and again with nothing but the update strategy changed.

use std::path::Path;

use daemonset_tests::command::lint;
use daemonset_tests::{root, values};
use serde_json::Value;

/// The block of a page that is fenced as `yaml <info>`.
fn block<'p>(page: &'p str, info: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("```yaml {info}\n")).unwrap();
    rest.split_once("\n```").unwrap().0
}

fn preview(folder: &Path, before: &Path, after: &Path) -> Value {
    let path = |path: &Path| path.display().to_string();
    let words = ["--explain", "--format", "json", "--nodes"].map(str::to_owned);
    let paths = [path(&folder.join("nodes.yaml")), "--against".to_owned(), path(before), path(after)];
    lint(words.into_iter().chain(paths), &[]).json().unwrap()
}

/// The documents, and what is left behind.
fn documents(report: &Value) -> (Vec<Value>, Vec<String>) {
    let (mut documents, mut left) = (Vec::new(), Vec::new());
    for file in report["lint"]["files"].as_array().unwrap() {
        documents.extend(file["documents"].as_array().unwrap().iter().cloned());
        let findings = file["findings"].as_array().unwrap();
        let behind = findings.iter().filter(|finding| finding["rule"] == "left-behind");
        left.extend(behind.map(|finding| finding["message"].as_str().unwrap().to_owned()));
    }
    (documents, left)
}

fn name(object: &Value) -> String {
    format!("{}/{}", object["namespace"].as_str().unwrap(), object["name"].as_str().unwrap())
}

/// What differs from what happened.
fn faults(expected: &Value, report: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut check = |right: bool, what: String| {
        if !right {
            faults.push(what);
        }
    };
    let (documents, left) = documents(report);
    let update = expected["server"]["update"].as_str().unwrap();
    for document in documents.iter().filter(|document| document["kind"] == "DaemonSet") {
        let verdict = document["verdict"].as_str().unwrap();
        let refused = update.starts_with("refused");
        check((verdict == "rejected") == refused, format!("{verdict}, and the server: {update}"));
        let is_update = document["operation"] == "update";
        let is_new = update.contains("new object") || update.contains("not possible");
        check(is_update != is_new, format!("an update: {is_update}, and the server: {update}"));
        if update.contains("immutable") {
            let found = document["findings"].to_string();
            check(found.contains("field is immutable"), format!("not immutable: {found}"));
        }
        if update.contains("not possible") {
            let found = document["findings"].to_string();
            check(found.contains("the stored one is invalid: "), format!("not invalid: {found}"));
        }
    }
    let previews = report["daemonSets"].as_array().unwrap();
    for (daemon_set, fate) in expected["template"].as_object().unwrap() {
        let of_it = previews.iter().find(|one| name(one) == *daemon_set);
        let course = of_it.and_then(|one| one["rollout"]["course"].as_str());
        match fate.as_str().unwrap() {
            "left behind" => {
                let said = left.iter().any(|message| message.contains(daemon_set.as_str()));
                check(said, format!("{daemon_set} is left behind, unsaid"));
            }
            "changed" => check(course != Some("unchanged"), format!("{daemon_set}: {course:?}")),
            // Without pods in the list there is no rollout to tell.
            "new" => {
                check(matches!(course, None | Some("firstInstall")), format!("{daemon_set}: {course:?}"))
            }
            // Nothing is replaced by a first install either.
            "same" | "unchanged" => check(
                matches!(course, None | Some("unchanged" | "firstInstall")),
                format!("{daemon_set}: {course:?}"),
            ),
            _ => {}
        }
        let nodes = expected["nodes"][daemon_set].as_object();
        for (node, moves) in nodes.into_iter().flatten() {
            let found =
                of_it.and_then(|one| one["nodes"].as_array()?.iter().find(|one| one["name"] == **node));
            let Some(found) = found else { continue };
            let ours =
                if found["verdict"] == "notWanted" { "none" } else { found["verdict"].as_str().unwrap() };
            check(moves["after"] == ours, format!("{daemon_set} on {node}: {ours}, not {}", moves["after"]));
        }
        // Whoever has a pod on a node that wants none loses it, now or at the rollout.
        let Some(rollout) = of_it.map(|one| &one["rollout"]).filter(|rollout| rollout.is_object()) else {
            continue;
        };
        for (node, moves) in nodes.into_iter().flatten() {
            let loses = moves["before"] == "runs" && moves["after"] == "none";
            let is_in = |list: &str| {
                rollout[list].as_array().is_some_and(|nodes| nodes.iter().any(|one| *one == **node))
            };
            check(!loses || is_in("ended") || is_in("lost"), format!("{daemon_set} loses {node}, unsaid"));
        }
    }
    faults
}

#[test]
fn real_changes_have_the_outcome_that_they_had() {
    let folder = root().join("../shared/corpus/changes");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: ../shared/corpus/changes is absent");
        return;
    };
    let mut cases: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    let mut all = Vec::new();
    for case in &cases {
        let title = case.file_name().unwrap().to_string_lossy().into_owned();
        let page = std::fs::read_to_string(case.join("case.md")).unwrap();
        let expected = values::read(block(&page, "expected"));
        let work = tempfile::tempdir().unwrap();
        std::fs::write(work.path().join("nodes.yaml"), block(&page, "nodes")).unwrap();
        let (before, after) = (case.join("before.yaml"), case.join("after.yaml"));
        let report = preview(work.path(), &before, &after);
        all.extend(faults(&expected, &report).into_iter().map(|fault| format!("{title}: {fault}")));

        // The old manifest against itself, and with another update strategy: no template changes.
        let old = std::fs::read_to_string(&before).unwrap();
        let same = work.path().join("same.yaml");
        std::fs::write(&same, old.replace("\nspec:\n", "\nspec:\n  minReadySeconds: 7\n")).unwrap();
        for one in preview(work.path(), &before, &same)["daemonSets"].as_array().unwrap() {
            let course = &one["rollout"]["course"];
            if !(course.is_null() || course == "unchanged" || course == "firstInstall") {
                all.push(format!("{title}: {} against itself: {course}", name(one)));
            }
        }
    }
    assert!(!cases.is_empty() && all.is_empty(), "{all:#?}");
    println!("{} changes have the outcome that they had", cases.len());
}
