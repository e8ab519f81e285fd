//! A change that may resolve a finding, and what to say of it.

use std::borrow::Cow;

use crate::edit::{Edit, Fix};
use crate::finding::{Anchor, Finding};
use crate::path::FieldPath;

/// How plausible a change is; the first is the most plausible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// A name or word that is spelt nearly like this.
    Spelling,
    /// The change that the finding has already.
    Own,
    /// The value as another type, or at a place near by.
    Near,
    /// At a place far away.
    Far,
    /// Something that is made up.
    Sample,
    /// Without it.
    Removal,
}

/// A change that may resolve a finding.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The changes, in order.
    pub(super) edits: Vec<Edit>,
    /// How plausible they are.
    pub(super) rank: Rank,
    /// What to say of the place; `None` keeps what the finding says.
    label: Option<Cow<'static, str>>,
    /// What to do; `None` keeps what the finding says.
    help: Option<Cow<'static, str>>,
    /// What people read; `None` keeps what the finding says.
    headline: Option<String>,
    /// The place to change, if it is not the finding's.
    place: Option<(FieldPath, Anchor)>,
}

impl Candidate {
    /// The change that the finding has already.
    pub(super) const fn own(edits: Vec<Edit>) -> Self {
        Self { edits, rank: Rank::Own, label: None, help: None, headline: None, place: None }
    }

    /// Sets how plausible it is.
    pub(super) const fn ranked(mut self, rank: Rank) -> Self {
        self.rank = rank;
        self
    }

    /// A change with what to say of it.
    pub(super) fn new(rank: Rank, edits: Vec<Edit>, help: impl Into<Cow<'static, str>>) -> Self {
        Self { edits, rank, label: None, help: Some(help.into()), headline: None, place: None }
    }

    /// Sets what to say of the place.
    pub(super) fn label(mut self, label: impl Into<Cow<'static, str>>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Sets what people read.
    pub(super) fn headline(mut self, headline: impl Into<String>) -> Self {
        self.headline = Some(headline.into());
        self
    }

    /// Sets the place to change.
    pub(super) fn at(mut self, path: FieldPath, anchor: Anchor) -> Self {
        self.place = Some((path, anchor));
        self
    }

    /// Makes the change the finding's own.
    pub(super) fn adopt(self, finding: &mut Finding) {
        if self.help.is_some() {
            finding.help = self.help;
            finding.label = self.label.or_else(|| finding.label.take());
        }
        if self.headline.is_some() {
            finding.headline = self.headline;
        }
        if let Some((path, anchor)) = self.place {
            (finding.path, finding.anchor) = (path, anchor);
        } else if matches!(self.edits.first(), Some(Edit::Move { path, .. }) if *path == finding.path) {
            // What is at the wrong place is found by its key.
            finding.anchor = Anchor::Key;
        }
        let safe = finding.fix.as_ref().is_some_and(|fix| fix.safe && fix.edits == self.edits);
        finding.fix = Some(Fix { safe, edits: self.edits });
    }
}
