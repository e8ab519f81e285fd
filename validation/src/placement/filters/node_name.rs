//! The pod names its node.

use super::{Cluster, pod_path};
use crate::placement::snapshot::Node;
use crate::placement::verdict::{Reason, Stage};

const NAME: &str = "NodeName";

/// A template with `nodeName` runs on that node only.
///
/// Upstream: `scheduler/framework/plugins/nodename.Fits`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, node: &Node) -> Option<Reason> {
    let wanted = cluster.pod()?.node_name.as_deref().filter(|name| !name.is_empty() && *name != node.name)?;
    Some(Reason {
        stage: Stage::Scheduler,
        filter: NAME,
        message: format!("the manifest names the one node `{wanted}`"),
        path: pod_path(&["nodeName"]),
        suggestion: Some("delete `nodeName` from the template".to_owned()),
    })
}
