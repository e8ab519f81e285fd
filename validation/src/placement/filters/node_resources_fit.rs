//! What is left of the node.

use k8s_openapi::api::core::v1::Container;

use super::{Cluster, Site, pod_path};
use crate::path::FieldPath;
use crate::placement::amount;
use crate::placement::verdict::{Insufficient, Reason};

const NAME: &str = "NodeResourcesFit";

/// The pod's requests must fit in what the other pods leave of the node.
///
/// Upstream: `scheduler/framework/plugins/noderesources.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    let requests = &cluster.pod.requests;
    let Some(allocatable) = &site.node.allocatable else {
        // Where no node says what it has, the list was written by hand; that is said once, not for each node.
        if cluster.allocatable_known {
            let message = "the node does not say what it has (no `status.allocatable`)".to_owned();
            reasons.push(Reason::new(NAME, message, pod_path(&[])).lacking("status.allocatable"));
        }
        return;
    };
    let used = &site.requested;
    let pods = i64::try_from(site.pods).unwrap_or(i64::MAX);
    if pods.saturating_add(1) > allocatable.pods {
        let message = if allocatable.pods == 0 {
            "the node takes no pods (allocatable pods: 0)".to_owned()
        } else {
            format!("the node has {pods} of at most {} pods", allocatable.pods)
        };
        let numbers =
            Insufficient { name: "pods".into(), requested: 1, used: pods, allocatable: allocatable.pods };
        let room = pods.saturating_add(1).saturating_sub(allocatable.pods);
        let suggestion = format!("make room for {room} more on {}", site.node.name);
        reasons.push(Reason::new(NAME, message, pod_path(&[])).suggest(suggestion).about(numbers));
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
    let scalar = requests
        .scalar
        .iter()
        .map(|(name, amount)| (&**name, *amount, used.scalar(name), allocatable.scalar(name)));
    for (name, requested, used, allocatable) in fixed.into_iter().chain(scalar) {
        if requested > 0 && requested > allocatable.saturating_sub(used) {
            reasons.push(insufficient(cluster, name, requested, used, allocatable));
        }
    }
}

fn insufficient(cluster: &Cluster<'_>, name: &str, requested: i64, used: i64, allocatable: i64) -> Reason {
    let shown = |amount: i64| amount::shown(name, amount);
    let free = allocatable.saturating_sub(used).max(0);
    let message = if allocatable == 0 {
        format!("the node has no {name}, the pod requests {}", shown(requested))
    } else {
        format!(
            "the pod requests {} {name}, of {} there are {} free",
            shown(requested),
            shown(allocatable),
            shown(free)
        )
    };
    let suggestion = if free > 0 {
        lower(cluster, name, requested, free)
    } else {
        format!("free {} {name} on the node, or request none", shown(requested))
    };
    let numbers = Insufficient { name: name.into(), requested, used, allocatable };
    Reason::new(NAME, message, path(cluster, name)).suggest(suggestion).about(numbers)
}

/// How much less must be requested: by the one container that does, where there is one and nothing else adds to it.
fn lower(cluster: &Cluster<'_>, name: &str, requested: i64, free: i64) -> String {
    let spec = &cluster.pod.spec;
    let asks = |container: &&Container| {
        let resources = container.resources.as_ref();
        let lists = resources.map(|resources| [&resources.requests, &resources.limits]);
        lists.into_iter().flatten().any(|list| list.as_ref().is_some_and(|list| list.contains_key(name)))
    };
    let mut asking = spec.init_containers.iter().flatten().chain(&spec.containers).filter(asks);
    let (one, other) = (asking.next(), asking.next());
    let alone = spec.resources.is_none() && spec.overhead.is_none() && other.is_none();
    let shown = |amount: i64| amount::shown(name, amount);
    match one.filter(|_| alone) {
        Some(one) => format!(
            "lower `requests.{name}` of container `{}` from {} to {} or less",
            one.name,
            shown(requested),
            shown(free)
        ),
        None => format!("request {} {name} or less in all", shown(free)),
    }
}

/// Where the most of the resource is requested.
fn path(cluster: &Cluster<'_>, name: &str) -> FieldPath {
    super::requests_path(&cluster.pod.spec, name)
}
