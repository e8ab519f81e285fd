//! Resources of the node.

use std::borrow::Cow;

use k8s_openapi::api::core::v1::Container;

use crate::placement::cause::{Cause, Insufficient};
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::paths::{pod_path, requests_path};
use crate::placement::reason::{Missing, Reason};
use crate::placement::remedy::Remedy;
use crate::placement::site::Site;

/// The pod's requests must fit in what the other pods leave of the node.
///
/// Upstream: `scheduler/framework/plugins/noderesources.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    let requests = &cluster.context.pod.requests;
    let Some(allocatable) = &site.node.allocatable else {
        // Where no node has it, the nodes were written by hand, and a note says so once.
        if cluster.allocatable_known {
            let reason = Reason::new(Filter::NodeResourcesFit, Cause::NoAllocatable, pod_path(&[]));
            reasons.push(reason.missing(Missing::Allocatable));
        }
        return;
    };
    let used = &site.requested;
    let pods = i64::try_from(site.pods).unwrap_or(i64::MAX);
    if pods.saturating_add(1) > allocatable.pods {
        let numbers =
            Insufficient { name: "pods".into(), requested: 1, used: pods, allocatable: allocatable.pods };
        let room = pods.saturating_add(1).saturating_sub(allocatable.pods);
        let cause = Cause::Insufficient(Box::new(numbers));
        let reason = Reason::new(Filter::NodeResourcesFit, cause, pod_path(&[]));
        reasons.push(reason.remedy(Remedy::MakeRoom { pods: room }));
    }
    let fixed = [
        ("cpu", requests.milli_cpu, used.milli_cpu, allocatable.milli_cpu),
        ("memory", requests.memory, used.memory, allocatable.memory),
        (
            "ephemeral-storage",
            requests.ephemeral_storage,
            used.ephemeral_storage,
            allocatable.ephemeral_storage,
        ),
    ];
    for (name, requested, used, allocatable) in fixed {
        if requested > 0 && requested > allocatable.saturating_sub(used) {
            let name = Cow::Borrowed(name);
            reasons.push(insufficient(cluster, Insufficient { name, requested, used, allocatable }));
        }
    }
    for (name, requested) in &requests.scalar {
        let (used, allocatable) = (used.scalar(name), allocatable.scalar(name));
        if *requested > 0 && *requested > allocatable.saturating_sub(used) {
            let (name, requested) = (Cow::Owned(name.to_string()), *requested);
            reasons.push(insufficient(cluster, Insufficient { name, requested, used, allocatable }));
        }
    }
}

fn insufficient(cluster: &Cluster<'_>, numbers: Insufficient) -> Reason {
    let remedy = if numbers.free() > 0 {
        Remedy::LowerRequest { container: only_container(cluster, &numbers.name) }
    } else {
        Remedy::FreeResource
    };
    let path = requests_path(&cluster.context.pod.spec, &numbers.name);
    Reason::new(Filter::NodeResourcesFit, Cause::Insufficient(Box::new(numbers)), path).remedy(remedy)
}

/// The one container that requests the resource, where nothing else adds to it.
fn only_container(cluster: &Cluster<'_>, name: &str) -> Option<Box<str>> {
    let spec = &cluster.context.pod.spec;
    let asks = |container: &&Container| {
        let resources = container.resources.as_ref();
        let lists = resources.map(|resources| [&resources.requests, &resources.limits]);
        lists.into_iter().flatten().any(|list| list.as_ref().is_some_and(|list| list.contains_key(name)))
    };
    let mut asking = spec.init_containers.iter().flatten().chain(&spec.containers).filter(asks);
    let (one, other) = (asking.next(), asking.next());
    let alone = spec.resources.is_none() && spec.overhead.is_none() && other.is_none();
    one.filter(|_| alone).map(|container| container.name.as_str().into())
}
