//! Resources of the node.

use std::borrow::Cow;

use crate::placement::cause::{Cause, Insufficient};
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::paths::pod_path;
use crate::placement::reason::{Missing, Reason};
use crate::placement::reasons::Reasons;
use crate::placement::remedy::Remedy;
use crate::placement::requested_by::RequestedBy;
use crate::placement::resource::ResourceTotals;
use crate::placement::site::Site;

/// The pod's requests must fit in what the other pods leave of the node.
///
/// Upstream: `scheduler/framework/plugins/noderesources.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
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
    scalars(cluster, (used, allocatable), reasons);
}

/// Extended resources, huge pages and attachable volumes. A pod may request thousands that no node has.
fn scalars(
    cluster: &Cluster<'_>,
    (used, allocatable): (&ResourceTotals, &ResourceTotals),
    reasons: &mut Reasons,
) {
    let requests = &cluster.context.pod.requests;
    if requests.scalar.is_empty() || cluster.context.budget.spend_for(allocatable.scalar.len()).is_err() {
        return;
    }
    // Of what the node does not have there is always too little.
    let fits = |name: &str, there: i64| {
        let requested = requests.scalar(name);
        requested > 0 && requested <= there.saturating_sub(used.scalar(name))
    };
    let fitting: Vec<&str> = allocatable
        .scalar
        .iter()
        .filter(|(name, there)| fits(name, *there))
        .map(|(name, _)| &**name)
        .collect();
    let short = requests
        .scalar
        .iter()
        .filter(|(name, requested)| *requested > 0 && fitting.binary_search(&&**name).is_err());
    let room = reasons.room();
    let mut kept = 0_usize;
    for (name, requested) in short.take(room) {
        let (used, allocatable) = (used.scalar(name), allocatable.scalar(name));
        let (name, requested) = (Cow::Owned(name.to_string()), *requested);
        reasons.push(insufficient(cluster, Insufficient { name, requested, used, allocatable }));
        kept = kept.saturating_add(1);
    }
    let count = cluster.requested_scalars.saturating_sub(fitting.len());
    if count > kept {
        reasons.omit(count.saturating_sub(kept));
    }
}

fn insufficient(cluster: &Cluster<'_>, numbers: Insufficient) -> Reason {
    let RequestedBy { path, container, is_default } = cluster.requested_by(&numbers.name);
    let remedy = match container {
        _ if numbers.free() <= 0 => Remedy::FreeResource,
        Some(container) if is_default => Remedy::RequestLess { container },
        container => Remedy::LowerRequest { container },
    };
    Reason::new(Filter::NodeResourcesFit, Cause::Insufficient(Box::new(numbers)), path).remedy(remedy)
}
