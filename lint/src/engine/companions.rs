//! Objects of the files that are no DaemonSets, as facts for the rules about what stands together. They are collected while the files are
//! parsed.

use daemonset_validation::together::{Companion, What};
use daemonset_validation::{Subject, Tree, subjects};

use super::applied::{Applied, applied, is_applied, may_hold_some};
use super::context::Engine;
use super::namespace::in_namespace;
use super::role::Role;
use crate::source::letters::kinds_in;
use crate::source::{self, Content, LineIndex};

/// What stands in a file in which no DaemonSet can stand.
#[derive(Debug, Default)]
pub(super) struct OtherFile {
    /// What decides something about pods.
    pub(super) applied: Vec<Applied>,
    /// What may mean something to a DaemonSet.
    pub(super) companions: Vec<Companion>,
}

/// Larger files without a DaemonSet are not parsed for what else they hold, in bytes: what matters is small, and dashboards are large.
const LARGEST: usize = 64 * 1024;

/// The object, if it may mean something to a DaemonSet.
pub(super) fn companion(
    tree: &Tree<'_>,
    subject: &Subject,
    lines: &LineIndex,
    role: Role,
    engine: &Engine<'_>,
) -> Option<Companion> {
    if !is_applied(role) {
        return None;
    }
    let mut found = Companion::of(tree, subject)?;
    found.line = lines.line(tree.node(subject.node).span.start as usize);
    if let (What::Config { print, changed, .. }, Some(stored)) = (&mut found.what, engine.stored) {
        let before = stored.config(&found.namespace, &found.name);
        *changed = before.is_some_and(|before| before != *print);
    }
    Some(found)
}

/// What stands in a file in which no DaemonSet can stand. Only files with the words for one of the kinds are parsed.
pub(super) fn of_other_file(bytes: &[u8], role: Role, engine: &Engine<'_>) -> OtherFile {
    let may_hold = || may_hold_some(bytes, engine.cluster.is_some()) || may_hold_companion(bytes);
    if !is_applied(role) || !may_hold() {
        return OtherFile::default();
    }
    let Ok(text) = source::decode(bytes.to_vec()) else { return OtherFile::default() };
    let lines = LineIndex::new(&text);
    let mut found = OtherFile::default();
    for document in source::documents(&text) {
        let Content::Tree(tree) = document.content else { continue };
        for mut subject in subjects(&tree) {
            if in_namespace(&mut subject, &tree, engine.namespace).is_ok() {
                found.applied.extend(applied(&tree, &subject, role, engine));
                found.companions.extend(companion(&tree, &subject, &lines, role, engine));
            }
        }
    }
    found
}

fn may_hold_companion(bytes: &[u8]) -> bool {
    bytes.len() <= LARGEST
        && kinds_in(bytes).any(|letters| Companion::KINDS.iter().any(|kind| kind.as_bytes() == letters))
}
