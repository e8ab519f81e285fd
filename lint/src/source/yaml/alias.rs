//! Anchors, and limits for the size of the document when its aliases are expanded.

use std::collections::HashMap;

use daemonset_validation::NodeId;

use super::problem::Problem;
use super::resolve::Resolved;

/// The maximum number of bytes that aliases may add to a document: 16 MiB. A larger document cannot be applied anyway, since the API
/// server refuses requests above 3 MiB.
const MAX_ADDED_BYTES: u64 = 16 << 20;

/// The work of decoding so far, counted as go-yaml counts it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    /// Decoded nodes. The nodes of an anchor count again for each alias.
    nodes: u64,
    /// The nodes among them that were decoded through an alias.
    through_aliases: u64,
    /// Bytes of scalars.
    bytes: u64,
    /// The bytes among them that aliases added.
    added_bytes: u64,
}

impl Cost {
    /// Counts a node.
    pub(super) fn node(&mut self) -> Result<(), Problem> {
        self.nodes = self.nodes.saturating_add(1);
        if self.through_aliases > 100 { self.check() } else { Ok(()) }
    }

    /// Counts a scalar's text.
    pub(super) fn text(&mut self, text: &str) {
        let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(length).saturating_add(3);
    }

    /// Counts the target of an alias once more.
    pub(super) fn alias(&mut self, target: Share) -> Result<(), Problem> {
        self.nodes = self.nodes.saturating_add(target.nodes);
        self.through_aliases = self.through_aliases.saturating_add(target.nodes);
        self.bytes = self.bytes.saturating_add(target.bytes);
        self.added_bytes = self.added_bytes.saturating_add(target.bytes);
        if self.added_bytes > MAX_ADDED_BYTES {
            return Err(Problem::TooLarge);
        }
        self.check()
    }

    /// The work since an earlier count.
    pub(super) const fn since(&self, earlier: &Self) -> Share {
        Share {
            nodes: self.nodes.saturating_sub(earlier.nodes),
            bytes: self.bytes.saturating_sub(earlier.bytes),
        }
    }

    /// The limit of go-yaml: of a small document, aliases may make 99 % of the nodes, and of a large one 10 %.
    #[expect(clippy::cast_precision_loss, reason = "upstream decides in floating point, too")]
    fn check(&self) -> Result<(), Problem> {
        const SMALL: u64 = 400_000;
        const LARGE: u64 = 4_000_000;
        if self.through_aliases <= 100 || self.nodes <= 1000 {
            return Ok(());
        }
        let allowed = match self.nodes {
            ..=SMALL => 0.99,
            LARGE.. => 0.10,
            nodes => 0.99 - 0.89 * (nodes.saturating_sub(SMALL) as f64 / LARGE.saturating_sub(SMALL) as f64),
        };
        if self.through_aliases as f64 / self.nodes as f64 > allowed {
            return Err(Problem::TooManyAliases);
        }
        Ok(())
    }
}

/// The nodes and bytes of an anchored node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Share {
    nodes: u64,
    bytes: u64,
}

/// An anchor and its target.
#[derive(Clone, Debug)]
pub(super) struct Anchor<'a> {
    pub(super) target: Target<'a>,
    pub(super) share: Share,
    /// The depth of the target, itself included.
    pub(super) height: usize,
}

/// The target of an anchor.
#[derive(Clone, Debug)]
pub(super) enum Target<'a> {
    /// A collection that has not ended yet.
    Open,
    Collection(NodeId),
    Scalar(NodeId, Resolved<'a>),
}

/// The anchors of a document, by the parser's numbers. Each definition has its own number, since a name may be defined again.
#[derive(Debug, Default)]
pub(super) struct Anchors<'a> {
    by_number: HashMap<usize, Anchor<'a>>,
}

impl<'a> Anchors<'a> {
    /// Sets the target of an anchor.
    pub(super) fn set(&mut self, number: usize, anchor: Anchor<'a>) {
        self.by_number.insert(number, anchor);
    }

    /// The anchor of an alias.
    pub(super) fn find(&self, number: usize) -> Option<&Anchor<'a>> {
        self.by_number.get(&number)
    }
}
