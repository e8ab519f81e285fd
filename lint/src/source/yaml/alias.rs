//! Anchors, and what their aliases would cost if they were written out.

use std::collections::HashMap;

use daemonset_validation::NodeId;

use super::problem::Problem;
use super::resolve::Resolved;

/// How many bytes aliases may add to a document. The API server takes no request above three.
const MAX_ADDED_BYTES: u64 = 16 << 20;

/// How much decoding took so far, counted as go-yaml counts it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    /// Nodes that were decoded, those behind aliases each time.
    nodes: u64,
    /// The part of them that stood behind aliases.
    behind_aliases: u64,
    /// Bytes of scalars.
    bytes: u64,
    /// The part of them that aliases added.
    added_bytes: u64,
}

impl Cost {
    /// Counts a node.
    pub(super) fn node(&mut self) -> Result<(), Problem> {
        self.nodes = self.nodes.saturating_add(1);
        if self.behind_aliases > 100 { self.check() } else { Ok(()) }
    }

    /// Counts a scalar's text.
    pub(super) fn text(&mut self, text: &str) {
        let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(length).saturating_add(3);
    }

    /// Counts what an alias stands for, once more.
    pub(super) fn alias(&mut self, target: Share) -> Result<(), Problem> {
        self.nodes = self.nodes.saturating_add(target.nodes);
        self.behind_aliases = self.behind_aliases.saturating_add(target.nodes);
        self.bytes = self.bytes.saturating_add(target.bytes);
        self.added_bytes = self.added_bytes.saturating_add(target.bytes);
        if self.added_bytes > MAX_ADDED_BYTES {
            return Err(Problem::TooLarge);
        }
        self.check()
    }

    /// What was counted since an earlier moment.
    pub(super) const fn since(&self, earlier: &Self) -> Share {
        Share {
            nodes: self.nodes.saturating_sub(earlier.nodes),
            bytes: self.bytes.saturating_sub(earlier.bytes),
        }
    }

    /// A document may owe 99 % of its nodes to aliases while it is small, and 10 % when it is large.
    #[expect(clippy::cast_precision_loss, reason = "upstream decides in floating point, too")]
    fn check(&self) -> Result<(), Problem> {
        const SMALL: u64 = 400_000;
        const LARGE: u64 = 4_000_000;
        if self.behind_aliases <= 100 || self.nodes <= 1000 {
            return Ok(());
        }
        let allowed = match self.nodes {
            ..=SMALL => 0.99,
            LARGE.. => 0.10,
            nodes => 0.99 - 0.89 * (nodes.saturating_sub(SMALL) as f64 / LARGE.saturating_sub(SMALL) as f64),
        };
        if self.behind_aliases as f64 / self.nodes as f64 > allowed {
            return Err(Problem::TooManyAliases);
        }
        Ok(())
    }
}

/// What one anchored node costs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Share {
    nodes: u64,
    bytes: u64,
}

/// An anchor and what it stands for.
#[derive(Clone, Debug)]
pub(super) struct Anchor<'a> {
    pub(super) target: Target<'a>,
    pub(super) share: Share,
    /// How many levels lie below it, itself included.
    pub(super) height: usize,
}

/// What an anchor stands for.
#[derive(Clone, Debug)]
pub(super) enum Target<'a> {
    /// A collection that has not ended yet.
    Open,
    Collection(NodeId),
    Scalar(NodeId, Resolved<'a>),
}

/// The anchors of a document, by the parser's numbers: each definition has its own, so a name may be given again.
#[derive(Debug, Default)]
pub(super) struct Anchors<'a> {
    by_number: HashMap<usize, Anchor<'a>>,
}

impl<'a> Anchors<'a> {
    /// Notes what an anchor stands for.
    pub(super) fn set(&mut self, number: usize, anchor: Anchor<'a>) {
        self.by_number.insert(number, anchor);
    }

    /// What an alias means.
    pub(super) fn find(&self, number: usize) -> Option<&Anchor<'a>> {
        self.by_number.get(&number)
    }
}
