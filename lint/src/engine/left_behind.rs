//! DaemonSets of `--against` that the new files lack.

use std::collections::{BTreeMap, HashSet};

use daemonset_validation::placement::Kind;
use daemonset_validation::{FieldPath, Finding, Severity};

use super::context::Engine;
use super::outcome::{FileReport, Located};
use super::role::Role;

/// A text of `--against`.
#[derive(Debug)]
pub struct OldText {
    /// The file, as it was given or found.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// Which DaemonSets of the old texts the new files must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All: a file stands against a file, or a folder against a folder.
    All,
    /// Those of a text that shares a DaemonSet with the new files: a folder stands against some files.
    TouchedTexts,
}

/// A report for each old text that has such DaemonSets, with the findings.
pub fn left_behind(
    files: &[FileReport],
    engine: &Engine<'_>,
    texts: &[OldText],
    scope: Scope,
) -> Vec<FileReport> {
    let Some(stored) = engine.stored else { return Vec::new() };
    let documents = files.iter().flat_map(|file| &file.documents);
    let new: HashSet<(&str, &str)> = documents.map(|one| (&*one.namespace, &*one.name)).collect();
    let all = stored.all();
    let is_new = |namespace: &str, name: &str| new.contains(&(namespace, name));
    let touched: HashSet<usize> = all
        .iter()
        .filter(|(namespace, name, _)| is_new(namespace, name))
        .map(|(_, _, one)| one.text)
        .collect();
    let mut reports: BTreeMap<usize, FileReport> = BTreeMap::new();
    for (namespace, name, one) in all {
        let counts =
            (scope == Scope::All || touched.contains(&one.text)) && may_exist(namespace, name, engine);
        if one.is_live || one.held.is_err() || is_new(namespace, name) || !counts {
            continue;
        }
        let Some(OldText { name: path, text }) = texts.get(one.text) else { continue };
        let report = reports.entry(one.text).or_insert_with(|| FileReport {
            text: text.clone(),
            role: Role::Old,
            ..FileReport::empty(path.clone())
        });
        report.findings.push(Located { finding: finding(namespace, name, engine), place: one.place });
    }
    reports.into_values().collect()
}

/// Whether the cluster may have the DaemonSet; it does not where it was asked for its DaemonSets and has none of this name.
fn may_exist(namespace: &str, name: &str, engine: &Engine<'_>) -> bool {
    engine.cluster.is_none_or(|cluster| {
        let snapshot = &cluster.snapshot;
        !snapshot.has(Kind::DaemonSet)
            || snapshot.daemon_set(namespace, name).is_some()
            || !snapshot.pods_of_daemon_set(namespace, name).is_empty()
    })
}

fn finding(namespace: &str, name: &str, engine: &Engine<'_>) -> Finding {
    let pods = engine.cluster.map(|cluster| cluster.snapshot.pods_of_daemon_set(namespace, name).len());
    let pods = match pods {
        None | Some(0) => String::new(),
        Some(1) => " with its pod".to_owned(),
        Some(count) => format!(" with its {count} pods"),
    };
    let message = format!(
        "left behind: DaemonSet {namespace}/{name} is not in the new files; it stays in the cluster{pods} unless something prunes it"
    );
    let help = format!("if it is no longer wanted: kubectl delete daemonset {name} -n {namespace}");
    Finding::new("left-behind", Severity::Warning, FieldPath::of(&["metadata", "name"]), message).help(help)
}
