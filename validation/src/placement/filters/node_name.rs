//! The pod names its site.node.

use super::{Cluster, Site, pod_path};
use crate::placement::verdict::Reason;

const NAME: &str = "NodeName";

/// A template with `nodeName` runs on that node only.
///
/// Upstream: `scheduler/framework/plugins/nodename.Fits`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    let named = cluster.pod.spec.node_name.as_deref();
    let Some(wanted) = named.filter(|name| !name.is_empty() && **name != *site.node.name) else { return };
    let message = format!("the manifest names the one node `{wanted}`");
    let suggestion = "delete `nodeName` from the template".to_owned();
    reasons.push(Reason::new(NAME, message, pod_path(&["nodeName"])).suggest(suggestion));
}
