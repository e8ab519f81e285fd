//! The node that the pod names.

use crate::placement::cause::Cause;
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::paths::pod_path;
use crate::placement::reason::Reason;
use crate::placement::reasons::Reasons;
use crate::placement::remedy::Remedy;
use crate::placement::site::Site;

/// A template with `nodeName` runs on that node only.
///
/// Upstream: `scheduler/framework/plugins/nodename.Fits`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    let named = cluster.context.pod.spec.node_name.as_deref();
    let Some(wanted) = named.filter(|name| !name.is_empty() && **name != *site.node.name) else { return };
    let cause = Cause::NodeName { wanted: wanted.into() };
    let reason = Reason::new(Filter::NodeName, cause, pod_path(&["nodeName"]));
    reasons.push(reason.remedy(Remedy::DeleteNodeName));
}
