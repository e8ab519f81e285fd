//! The baseline: findings that were there before. They are counted and do not fail; new ones do.
//!
//! A finding is known by its rule, its object, the object's file and its field, so that lines may move. What the API server rejects is never
//! in a baseline.

mod file;
mod key;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use daemonset_validation::rules::find;

use self::key::Key;
use crate::engine::Run;
use crate::engine::allow::By;
use crate::engine::outcome::{Allowed, DocumentReport, FileReport, Located, Reading};
use crate::folder::absolute;

/// Findings that were there before, each with how many equal ones there were.
#[derive(Debug)]
pub(crate) struct Baseline {
    path: PathBuf,
    /// The folder of the file. The paths in it start there.
    folder: PathBuf,
    findings: BTreeMap<Key, usize>,
}

impl Baseline {
    /// Reads a baseline. One that is to be written need not exist.
    ///
    /// # Errors
    ///
    /// A message, if it cannot be read or is none.
    pub(crate) fn read(path: &Path, is_written: bool) -> Result<Self, String> {
        let folder = absolute(path).parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(Self { path: path.to_path_buf(), folder, findings: file::read(path, is_written)? })
    }

    /// Takes over the findings of a run, and writes the file. What the run could not find stays: findings of files that it did not read,
    /// and of rules that need a cluster. Returns how many findings the file has.
    ///
    /// # Errors
    ///
    /// A message, if it cannot be written.
    pub(crate) fn write(&mut self, run: &Run<'_>) -> Result<usize, String> {
        let names = self.names(run);
        self.findings.retain(|key, _| {
            find(&key.rule).is_some() && !is_decided(key, &names, run) && !is_lost(&self.folder, key, &names)
        });
        for file in &run.files {
            let name = self.name(file);
            let of_objects = file
                .documents
                .iter()
                .flat_map(|one| one.findings.iter().map(move |located| (Some(one), located)));
            let findings = file.findings.iter().map(|located| (None, located)).chain(of_objects);
            for (object, located) in findings.filter(|(_, located)| may_be_in(located)) {
                let count = self.findings.entry(Key::of(&name, object, located)).or_default();
                *count = count.saturating_add(1);
            }
            for more in file.more.iter().filter(|more| is_free(more.rule)) {
                let count = self.findings.entry(Key::of_more(&name, more.rule)).or_default();
                *count = count.saturating_add(more.count);
            }
        }
        file::write(&self.path, &self.findings)?;
        Ok(self.findings.values().sum())
    }

    /// Moves the findings of a run that are in the baseline to those that are allowed. Returns how many of the baseline are gone.
    pub(crate) fn apply(&self, run: &mut Run<'_>) -> usize {
        let mut left = self.findings.clone();
        for file in &mut run.files {
            let name = self.name(file);
            let mut takes = |object: Option<&DocumentReport>, located: &Located| {
                may_be_in(located) && take(&mut left, &Key::of(&name, object, located), 1) == 1
            };
            let (old, new) = std::mem::take(&mut file.findings).into_iter().partition(|one| takes(None, one));
            file.findings = new;
            file.allowed.extend(allowed(old));
            for document in &mut file.documents {
                let findings = std::mem::take(&mut document.findings);
                let (old, new) = findings.into_iter().partition(|one| takes(Some(document), one));
                document.findings = new;
                document.allowed.extend(allowed(old));
            }
            for more in file.more.iter_mut().filter(|more| is_free(more.rule)) {
                let old = take(&mut left, &Key::of_more(&name, more.rule), more.count);
                more.count = more.count.saturating_sub(old);
                file.more_in_baseline = file.more_in_baseline.saturating_add(old);
            }
            file.more.retain(|more| more.count > 0);
        }
        let names = self.names(run);
        let is_gone = |key: &Key| {
            is_decided(key, &names, run) || is_lost(&self.folder, key, &names) || find(&key.rule).is_none()
        };
        left.iter().filter(|(key, _)| is_gone(key)).map(|(_, count)| count).sum()
    }

    /// The name of a report's file in the baseline.
    fn name(&self, report: &FileReport) -> String {
        key::relative(&self.folder, &report.path)
    }

    /// The files of a run by their names in the baseline, and whether they were judged as a whole.
    fn names(&self, run: &Run<'_>) -> HashMap<String, bool> {
        let is_whole = |file: &FileReport| file.unreadable.is_none() && file.reading == Reading::Whole;
        // A file without a DaemonSet has no finding any more.
        let is_read = |file: &FileReport| is_whole(file) || file.reading == Reading::WithoutDaemonSet;
        run.files.iter().map(|file| (self.name(file), is_read(file))).collect()
    }
}

/// Takes up to `most` findings of what is left, and returns how many.
fn take(left: &mut BTreeMap<Key, usize>, key: &Key, most: usize) -> usize {
    let Some(count) = left.get_mut(key) else { return 0 };
    let taken = most.min(*count);
    *count = count.saturating_sub(taken);
    taken
}

fn allowed(located: Vec<Located>) -> impl Iterator<Item = Allowed> {
    located.into_iter().map(|located| Allowed { located, by: By::Baseline, reason: None })
}

/// Whether the finding can be in a baseline.
fn may_be_in(located: &Located) -> bool {
    located.finding.is_shown() && is_free(located.finding.rule)
}

fn is_free(rule: &str) -> bool {
    find(rule).is_some_and(|rule| rule.fixed().is_none())
}

/// Whether the run would have found it again: it has read the file, and has what the rule needs.
fn is_decided(key: &Key, names: &HashMap<String, bool>, run: &Run<'_>) -> bool {
    let has_all = find(&key.rule).is_some_and(|rule| rule.is_of_one_file()) || run.cluster.is_some();
    has_all && names.get(&key.file).copied().unwrap_or_default()
}

/// Whether the file does not exist any more.
fn is_lost(folder: &Path, key: &Key, names: &HashMap<String, bool>) -> bool {
    key.is_file() && !names.contains_key(&key.file) && !folder.join(&key.file).exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;

    const TEXT: &str = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: NAME }\nspec:\n  selector: { matchLabels: { app: a } }\n  template:\n    metadata: { labels: { app: a } }\n    spec:\n      nodeSelector: { SELECTOR }\n      containers: [{ name: a, image: 'a:1' }]\n";

    const OLD: &str = "beta.kubernetes.io/os: linux";
    const OLDER: &str = "beta.kubernetes.io/os: linux, beta.kubernetes.io/arch: amd64";

    fn run<'r>(name: &str, selector: &str) -> Run<'r> {
        let text = TEXT.replace("NAME", name).replace("SELECTOR", selector);
        let engine = Engine::default();
        Run::new(vec![engine.check("Cargo.toml".to_owned(), text.into_bytes())], &engine)
    }

    fn baseline(name: &str) -> Baseline {
        let path =
            std::env::temp_dir().join(format!("daemonset-lint-baseline-{name}-{}.json", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Baseline::read(&path, true).unwrap()
    }

    /// New findings, those of the baseline, and those that are gone.
    fn numbers(baseline: &Baseline, mut run: Run<'_>) -> (usize, usize, usize) {
        let gone = baseline.apply(&mut run);
        let summary = run.summary();
        let new = [summary.warnings, summary.errors, summary.infos].iter().sum();
        (new, summary.in_baseline, gone)
    }

    #[test]
    fn old_findings_are_counted_and_new_ones_stay() {
        let mut written = baseline("matches");
        assert_eq!(written.write(&run("a", OLD)), Ok(1));
        let read = Baseline::read(&written.path, false).unwrap();
        assert_eq!(numbers(&read, run("a", OLD)), (0, 1, 0));
        assert_eq!(numbers(&read, run("a", OLDER)), (1, 1, 0), "another field");
        assert_eq!(numbers(&read, run("b", OLD)), (1, 0, 1), "another object");
        assert_eq!(numbers(&read, run("a", "a: b")), (0, 0, 1));
        assert_eq!(written.write(&run("a", "a: b")), Ok(0));
        std::fs::remove_file(&written.path).unwrap();
        assert!(
            Baseline::read(&written.path, false).is_err_and(|message| message.contains("--write-baseline"))
        );
    }

    #[test]
    fn what_was_not_checked_stays() {
        let mut written = baseline("stays");
        let own = Key::of_more;
        let there = key::relative(&written.folder, "Cargo.toml");
        let kept = own(&key::relative(&written.folder, "src/lib.rs"), "api/warning");
        let of_cluster = own(&there, "lands-nowhere");
        let lost = own("no-such-file.yaml", "api/warning");
        for key in [&kept, &of_cluster, &lost, &own(&there, "api/warning"), &own(&there, "no-such-rule")] {
            written.findings.insert(key.clone(), 2);
        }
        assert_eq!(numbers(&written, run("a", "a: b")), (0, 0, 6));
        assert_eq!(written.write(&run("a", "a: b")), Ok(4));
        assert_eq!(written.findings.keys().collect::<Vec<_>>(), vec![&of_cluster, &kept]);
        std::fs::remove_file(&written.path).unwrap();
    }

    #[test]
    fn a_rejection_is_never_in_it() {
        let mut written = baseline("rejection");
        let rejected = || run("a", "a: [1]");
        assert!(rejected().summary().errors > 0);
        assert_eq!(written.write(&rejected()), Ok(0));
        assert_eq!(numbers(&written, rejected()).1, 0);
        std::fs::remove_file(&written.path).unwrap();
    }
}
