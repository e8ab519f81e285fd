//! Devices that the pod claims.

use crate::gates::Gate;
use crate::placement::cause::Cause;
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::paths::pod_path;
use crate::placement::reason::{Missing, Reason};
use crate::placement::reasons::Reasons;

/// Claims of devices, and the devices that nodes have, are not part of a snapshot, so the answer is not known.
///
/// Upstream: `scheduler/framework/plugins/dynamicresources.PreFilter`.
pub(in crate::placement) fn pre_filter(cluster: &Cluster<'_>, reasons: &mut Reasons) {
    let claims = cluster.context.pod.spec.resource_claims.as_deref().unwrap_or_default();
    if claims.is_empty() || !cluster.context.server.enabled(Gate::DynamicResourceAllocation) {
        return;
    }
    for (place, claim) in claims.iter().enumerate() {
        let cause = Cause::ResourceClaim { name: claim.name.as_str().into() };
        let path = pod_path(&["resourceClaims"]).index(place);
        reasons.push(Reason::new(Filter::DynamicResources, cause, path).missing(Missing::ResourceClaims));
    }
}
