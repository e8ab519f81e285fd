//! What would happen to a DaemonSet on a cluster.

use super::rollout::Rollout;
use super::verdict::NodeVerdict;
use crate::admission::Priority;

/// What would happen to one DaemonSet on a cluster.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// A verdict for each node of the snapshot, in its order.
    pub verdicts: Vec<NodeVerdict>,
    /// The priority of its pods; `None` where their priority class is not in the snapshot.
    pub priority: Option<Priority>,
    /// How its pods would be made or replaced; `None` where no pods were read.
    pub rollout: Option<Rollout>,
}
