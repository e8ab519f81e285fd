//! The nodes of a preview by what becomes of the pod there: sets, which two versions of a DaemonSet are compared by.

use crate::facts::NodeSet;
use crate::placement::{Outcome, Preview};

/// The nodes of a preview by what becomes of the pod there.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// The pod does not run there.
    pub(super) absent: NodeSet,
    /// The pod is made, and does not run there.
    pub(super) pending: NodeSet,
    /// The controller makes the pod, and the API server does not store it.
    pub(super) refused: NodeSet,
    /// The answer is not known.
    pub(super) unknown: NodeSet,
    /// No pod is made, and one that is there already is ended.
    pub(super) ended: NodeSet,
}

impl Standing {
    /// The nodes of a preview.
    pub(super) fn of(preview: &Preview) -> Self {
        let mut standing = Self::default();
        for (node, verdict) in (0_u32..).zip(&preview.verdicts) {
            match verdict.outcome {
                Outcome::Runs => continue,
                Outcome::Unknown(_) => standing.unknown.insert(node),
                Outcome::Pending(_) => {
                    standing.absent.insert(node);
                    standing.pending.insert(node);
                }
                Outcome::Refused(_) => {
                    standing.absent.insert(node);
                    standing.refused.insert(node);
                }
                Outcome::NotWanted(_) => standing.absent.insert(node),
            }
            if !verdict.keeps_running {
                standing.ended.insert(node);
            }
        }
        standing
    }

    /// The nodes on which the pod does not run for all that is known.
    pub(super) fn may_be_absent(&self) -> NodeSet {
        self.absent.or(&self.unknown)
    }

    /// The nodes for which a pod is made, or may be.
    pub(super) fn may_be_wanted(&self, nodes: &NodeSet) -> NodeSet {
        nodes.without(&self.absent).or(&nodes.and(&self.pending))
    }
}
