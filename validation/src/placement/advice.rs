//! Takes back advice that cannot help on a node.

use super::cause::Cause;
use super::node_kind::VirtualNode;
use super::passing;
use super::reason::Reason;
use super::remedy::Remedy;
use super::snapshot::Node;

/// Whether the controller makes a pod for the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pod {
    /// It makes one, which may be pending.
    Made,
    /// It makes none.
    NotMade,
}

/// On a node that is no machine the one advice is to leave it out. A taint that passes is not to be tolerated.
pub(super) fn adapt(reasons: &mut [Reason], node: &Node, pod: Pod) {
    if reasons.is_empty() {
        return;
    }
    if let Some(kind) = VirtualNode::of(node) {
        let mut advice = Some(Remedy::LeaveOut { node: kind, done: pod == Pod::NotMade });
        for reason in reasons {
            reason.remedy = advice.take();
        }
        return;
    }
    for reason in reasons {
        if matches!(reason.cause, Cause::Taints(_)) && passing::is_passing(reason) {
            reason.remedy = Some(Remedy::Wait);
        }
    }
}
