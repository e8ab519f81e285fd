//! Which findings are made in full, and which are only counted.
//!
//! An object of some megabytes may have hundreds of thousands of findings, and nobody reads them. A check with [`Bounds`] makes the first ones in
//! full and counts the others by rule. An update is judged by what it introduces, so the fingerprints of all findings can be kept and
//! compared: 8 bytes stand for the rule, the field and the message of one.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::finding::Finding;
use crate::meter::Meter;

/// How many findings there are of each rule.
pub type Counts = BTreeMap<&'static str, usize>;

/// Makes fingerprints of findings. Two findings have the same fingerprint if they have the same rule, field and message. The function is
/// a random one, so that no author of an object can choose two findings with one fingerprint.
#[derive(Clone, Debug, Default)]
pub struct Fingerprints(RandomState);

impl Fingerprints {
    /// The fingerprint of a finding.
    pub fn of(&self, finding: &Finding) -> u64 {
        self.of_parts(finding.rule, &finding.field, &finding.message)
    }

    fn of_parts(&self, rule: &str, field: &str, message: &str) -> u64 {
        let mut hasher = self.0.build_hasher();
        for part in [rule, field, message] {
            hasher.write(part.as_bytes());
            // In UTF-8 no text has this byte.
            hasher.write_u8(0xff);
        }
        hasher.finish()
    }
}

/// Fingerprints, each as often as it occurs.
#[derive(Clone, Debug, Default)]
pub struct Multiset(HashMap<u64, u32>);

impl Multiset {
    /// Adds a fingerprint.
    pub fn insert(&mut self, print: u64) {
        let count = self.0.entry(print).or_default();
        *count = count.saturating_add(1);
    }

    /// Takes one occurrence out; returns whether there was one.
    pub fn take(&mut self, print: u64) -> bool {
        match self.0.get_mut(&print) {
            Some(count) if *count > 0 => {
                *count = count.saturating_sub(1);
                true
            }
            _ => false,
        }
    }
}

/// How many findings a check makes in full, and what it keeps of the others.
#[derive(Clone, Debug)]
pub struct Bounds {
    in_full: usize,
    prints: Option<Fingerprints>,
    known: Option<Multiset>,
    memory: usize,
}

impl Bounds {
    /// All findings are made in full.
    pub const fn all() -> Self {
        Self::first(usize::MAX)
    }

    /// The first `in_full` findings of each rule are made in full.
    pub const fn first(in_full: usize) -> Self {
        Self { in_full, prints: None, known: None, memory: usize::MAX }
    }

    /// No finding is made in full; the fingerprints of all are kept.
    pub const fn fingerprints(prints: Fingerprints) -> Self {
        Self { in_full: 0, prints: Some(prints), known: None, memory: usize::MAX }
    }

    /// Of the findings whose fingerprints are not known, the first `in_full` of each rule are made in full.
    pub const fn introduced(in_full: usize, prints: Fingerprints, known: Multiset) -> Self {
        Self { in_full, prints: Some(prints), known: Some(known), memory: usize::MAX }
    }

    /// Neither object, the new one and the stored one, may take more memory than this, in bytes. That of its document is not counted.
    #[must_use]
    pub fn memory(self, bytes: usize) -> Self {
        Self { memory: bytes, ..self }
    }

    /// The meter of one object.
    pub(crate) const fn meter(&self) -> Meter {
        Meter::new(self.memory)
    }
}

/// The findings that were not made in full.
#[derive(Clone, Debug, Default)]
pub struct Rest {
    /// How many there are of each rule, without those that are known.
    pub counts: Counts,
    /// How many there are whose fingerprint is known.
    pub known: Counts,
    /// Their fingerprints, if they are kept; without those that are known.
    pub prints: Multiset,
}

impl Rest {
    /// Whether all findings were made in full.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.known.is_empty()
    }
}

/// Decides about one finding after the other.
#[derive(Debug)]
pub(crate) struct Ledger {
    in_full: usize,
    /// How many findings of each rule are made in full.
    full: Vec<(&'static str, usize)>,
    prints: Option<Fingerprints>,
    known: Option<Multiset>,
    rest: Rest,
}

impl Ledger {
    /// A ledger with these bounds.
    pub(crate) fn new(bounds: Bounds) -> Self {
        let Bounds { in_full, prints, known, .. } = bounds;
        Self { in_full, full: Vec::new(), prints, known, rest: Rest::default() }
    }

    /// Takes down a finding of the rule if it is made in full, whatever it is; returns whether it is.
    pub(crate) fn takes(&mut self, rule: &'static str) -> bool {
        self.known.is_none() && self.has_room(rule)
    }

    fn has_room(&mut self, rule: &'static str) -> bool {
        if self.in_full == usize::MAX {
            return true;
        }
        let position = self.full.iter().position(|(known, _)| *known == rule);
        let position = position.unwrap_or_else(|| {
            self.full.push((rule, 0));
            self.full.len().saturating_sub(1)
        });
        match self.full.get_mut(position) {
            Some((_, count)) if *count < self.in_full => {
                *count = count.saturating_add(1);
                true
            }
            _ => false,
        }
    }

    /// Takes down a finding; returns whether it is made in full.
    pub(crate) fn admits(&mut self, rule: &'static str, field: &str, message: &str) -> bool {
        self.takes(rule) || self.is_new_and_has_room(rule, field, message)
    }

    /// The same for a finding which [`Self::takes`] does not take.
    pub(crate) fn is_new_and_has_room(&mut self, rule: &'static str, field: &str, message: &str) -> bool {
        let print = self.prints.as_ref().map(|prints| prints.of_parts(rule, field, message));
        if let (Some(known), Some(print)) = (&mut self.known, print) {
            if known.take(print) {
                let count = self.rest.known.entry(rule).or_default();
                *count = count.saturating_add(1);
                return false;
            }
            if self.has_room(rule) {
                return true;
            }
        }
        let count = self.rest.counts.entry(rule).or_default();
        *count = count.saturating_add(1);
        if let Some(print) = print {
            self.rest.prints.insert(print);
        }
        false
    }

    /// Whether there is a finding that is not made in full.
    pub(crate) fn has_rest(&self) -> bool {
        !self.rest.is_empty()
    }

    /// What was not made in full.
    pub(crate) fn into_rest(self) -> Rest {
        self.rest
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new(Bounds::all())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_beyond_the_bound_are_counted() {
        let mut ledger = Ledger::new(Bounds::first(1));
        assert!(ledger.admits("a", "spec", "x"));
        assert!(!ledger.admits("a", "spec", "y") && ledger.admits("b", "spec", "y"));
        assert_eq!(ledger.into_rest().counts, Counts::from([("a", 1)]));
    }

    #[test]
    fn what_is_known_is_not_made_as_often_as_it_was() {
        let prints = Fingerprints::default();
        let mut old = Ledger::new(Bounds::fingerprints(prints.clone()));
        assert!(!old.admits("a", "spec", "x"));
        let known = old.into_rest().prints;
        let mut new = Ledger::new(Bounds::introduced(1, prints, known));
        assert!(!new.admits("a", "spec", "x"), "it was there before");
        assert!(new.admits("a", "spec", "x"), "now it is there twice");
        assert!(!new.admits("a", "spec", "y"), "beyond the bound");
        let rest = new.into_rest();
        assert_eq!((rest.counts, rest.known), (Counts::from([("a", 1)]), Counts::from([("a", 1)])));
    }
}
