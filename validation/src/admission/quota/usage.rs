//! What quotas charge for a pod.

use std::borrow::Cow;
use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use super::resources::REQUESTS;
use crate::admission::pod::Pod;
use crate::admission::pod_defaults::pod_level;
use crate::apiserver::for_pods::{
    Amounts, add, aggregate_container_resources, is_extended_resource_name, is_huge_page_resource_name,
};
use crate::quantity::{Quantity, QuantityFormat};

/// What quotas charge for a pod, by resource.
pub(super) type Usage<'p> = BTreeMap<Cow<'p, str>, Quantity>;

/// What the pod uses of the resources that a quota can limit.
///
/// Upstream: `quota/v1/evaluator/core.PodUsageFunc`, `quota/v1/evaluator/core.podComputeUsageHelper`.
pub(super) fn of_pod(pod: &Pod) -> Usage<'_> {
    let one = || Quantity::new(1, QuantityFormat::DecimalSi);
    let mut usage = Usage::from([(Cow::Borrowed("count/pods"), one()), (Cow::Borrowed("pods"), one())]);
    for (name, amount) in requests(&pod.spec) {
        let in_quota = match name {
            "cpu" => Cow::Borrowed("requests.cpu"),
            "memory" => Cow::Borrowed("requests.memory"),
            "ephemeral-storage" => Cow::Borrowed("requests.ephemeral-storage"),
            _ if is_huge_page_resource_name(name) => Cow::Owned(format!("{REQUESTS}{name}")),
            _ if is_extended_or_of_device_class(name) => {
                usage.insert(Cow::Owned(format!("{REQUESTS}{name}")), amount);
                continue;
            }
            _ => continue,
        };
        usage.insert(in_quota, amount.clone());
        usage.insert(Cow::Borrowed(name), amount);
    }
    for (name, amount) in limits(&pod.spec) {
        let in_quota = match name {
            "cpu" => "limits.cpu",
            "memory" => "limits.memory",
            "ephemeral-storage" => "limits.ephemeral-storage",
            _ => continue,
        };
        usage.insert(Cow::Borrowed(in_quota), amount);
    }
    usage
}

/// Upstream: `scheduler/util.IsDRAExtendedResourceName`.
fn is_extended_or_of_device_class(name: &str) -> bool {
    is_extended_resource_name(name) || name.starts_with("deviceclass.resource.kubernetes.io/")
}

/// Upstream: `component-helpers/resource.PodRequests`.
fn requests(spec: &PodSpec) -> Amounts<'_> {
    let mut sum = aggregate_container_resources(spec, |resources| resources.requests.as_ref());
    replace(&mut sum, spec.resources.as_ref().and_then(|resources| resources.requests.as_ref()));
    for (name, amount) in spec.overhead.iter().flatten() {
        add(&mut sum, name, Quantity::of(amount));
    }
    sum
}

/// The overhead is added to what is limited.
///
/// Upstream: `component-helpers/resource.PodLimits`.
fn limits(spec: &PodSpec) -> Amounts<'_> {
    let mut sum = aggregate_container_resources(spec, |resources| resources.limits.as_ref());
    replace(&mut sum, spec.resources.as_ref().and_then(|resources| resources.limits.as_ref()));
    for (name, amount) in spec.overhead.iter().flatten() {
        if let Some(limit) = sum.get_mut(name.as_str()).filter(|limit| !limit.is_zero()) {
            limit.add(&Quantity::of(amount));
        }
    }
    sum
}

/// What the pod as a whole has replaces the sum of its containers.
///
/// Upstream: `component-helpers/resource.applyPodLevelResources`.
fn replace<'s>(sum: &mut Amounts<'s>, own: Option<&'s BTreeMap<String, Written>>) {
    for (name, amount) in own.into_iter().flatten().filter(|(name, _)| pod_level::is_supported(name)) {
        sum.insert(name, Quantity::of(amount));
    }
}
