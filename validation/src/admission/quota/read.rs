//! What a quota says.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceQuota;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use super::{resources, scopes};
use crate::admission::pod::Pod;
use crate::server::Server;

/// Amounts as a quota has them.
type Amounts = BTreeMap<String, Written>;

/// Whether the quota is about a pod: it has a resource that pods use, and the pod is in its scopes.
///
/// Upstream: `apiserver/quota/v1/generic.Matches`.
pub(super) fn matches(quota: &ResourceQuota, pod: &Pod, server: &Server) -> bool {
    !resources::matching(hard(quota).keys()).is_empty() && scopes::match_all(quota, pod, server)
}

/// Whether the controller of quotas has written what it limits.
pub(super) fn has_status(quota: &ResourceQuota) -> bool {
    let hard = quota.status.as_ref().and_then(|status| status.hard.as_ref());
    hard.is_some_and(|hard| !hard.is_empty())
}

/// The limits that the server goes by: those of the status, which the controller copies from the spec.
pub(super) fn hard(quota: &ResourceQuota) -> &Amounts {
    static NONE: Amounts = Amounts::new();
    let of_spec = || quota.spec.as_ref().and_then(|spec| spec.hard.as_ref());
    let of_status = quota.status.as_ref().and_then(|status| status.hard.as_ref());
    of_status.filter(|hard| !hard.is_empty()).or_else(of_spec).unwrap_or(&NONE)
}

/// Its name.
pub(super) fn name(quota: &ResourceQuota) -> &str {
    quota.metadata.name.as_deref().unwrap_or_default()
}

/// Whether it is known how much is used of these resources.
///
/// Upstream: `apiserver/admission/plugin/resourcequota.hasUsageStats`.
pub(super) fn has_usage(quota: &ResourceQuota, restricted: &[&str]) -> bool {
    let used = quota.status.as_ref().and_then(|status| status.used.as_ref());
    restricted.iter().all(|name| used.is_some_and(|used| used.contains_key(*name)))
}
