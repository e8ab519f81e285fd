//! What would happen to a DaemonSet on a cluster.

use super::note::Note;
use super::rollout::Rollout;
use super::verdict::NodeVerdict;

/// What would happen to one DaemonSet on a cluster.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// A verdict for each node of the snapshot, in its order.
    pub verdicts: Vec<NodeVerdict>,
    /// How its pods would be made or replaced; `None` where no pods were read.
    pub rollout: Option<Rollout>,
    /// What holds for the DaemonSet as a whole.
    pub notes: Vec<Note>,
}
