//! The pod names its node.

use super::{Cluster, pod_path};
use crate::placement::snapshot::Node;
use crate::placement::verdict::{Reason, Stage};

const NAME: &str = "NodeName";

/// A template with `nodeName` runs on that node only.
///
/// Upstream: `scheduler/framework/plugins/nodename.Fits`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, node: &Node, reasons: &mut Vec<Reason>) {
    let named = cluster.pod().and_then(|pod| pod.node_name.as_deref());
    let Some(wanted) = named.filter(|name| !name.is_empty() && *name != node.name) else { return };
    reasons.push(Reason {
        stage: Stage::Scheduler,
        filter: NAME,
        message: format!("the manifest names the one node `{wanted}`"),
        path: pod_path(&["nodeName"]),
        suggestion: Some("delete `nodeName` from the template".to_owned()),
    });
}
