//! Devices that the pod claims.

use super::{Cluster, Site, pod_path};
use crate::gates::Gate;
use crate::path::PathSegment;
use crate::placement::verdict::Reason;

const NAME: &str = "DynamicResources";

/// Claims of devices, and the devices that nodes have, are not part of a snapshot, so the answer is not known.
///
/// Upstream: `scheduler/framework/plugins/dynamicresources.PreFilter`.
pub(in crate::placement) fn pre_filter(cluster: &Cluster<'_>, _: &Site<'_>, reasons: &mut Vec<Reason>) {
    let claims = cluster.pod.spec.resource_claims.as_deref().unwrap_or_default();
    if claims.is_empty() || !cluster.server.enabled(Gate::DynamicResourceAllocation) {
        return;
    }
    for (place, claim) in claims.iter().enumerate() {
        let message = format!("resource claim `{}` is needed, and resource claims are not read", claim.name);
        let path = pod_path(&["resourceClaims"]).join(PathSegment::Index(place));
        reasons.push(Reason::new(NAME, message, path).lacking("resourceclaims"));
    }
}
