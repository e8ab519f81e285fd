//! The pod that the controller makes.

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::Toleration;

const NO_SCHEDULE: &str = "NoSchedule";
const NO_EXECUTE: &str = "NoExecute";

/// The taints that every daemon pod tolerates.
const ALWAYS: &[(&str, &str)] = &[
    ("node.kubernetes.io/not-ready", NO_EXECUTE),
    ("node.kubernetes.io/unreachable", NO_EXECUTE),
    ("node.kubernetes.io/disk-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/memory-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/pid-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/unschedulable", NO_SCHEDULE),
];

/// A pod that uses the node's own network must start before the cluster's network is there.
const WITH_HOST_NETWORK: (&str, &str) = ("node.kubernetes.io/network-unavailable", NO_SCHEDULE);

/// The template's tolerations and the ones that the controller adds to every daemon pod.
///
/// Upstream: `controller/daemon/util.AddOrUpdateDaemonPodTolerations`.
pub(super) fn tolerations(daemon_set: &DaemonSet) -> Vec<Toleration> {
    let pod = daemon_set.spec.template.spec.as_ref();
    let mut tolerations: Vec<Toleration> =
        pod.and_then(|pod| pod.tolerations.as_ref()).map(|list| list.to_vec()).unwrap_or_default();
    let host_network = pod.and_then(|pod| pod.host_network).unwrap_or(false);
    let added = ALWAYS.iter().chain(host_network.then_some(&WITH_HOST_NETWORK));
    tolerations.extend(added.map(|(key, effect)| Toleration {
        key: Some((*key).to_owned()),
        operator: Some("Exists".to_owned()),
        effect: Some((*effect).to_owned()),
        ..Toleration::default()
    }));
    tolerations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_unavailable_is_tolerated_only_with_host_network() {
        let mut daemon_set = DaemonSet::default();
        assert_eq!(tolerations(&daemon_set).len(), ALWAYS.len());
        daemon_set.spec.template.spec.get_or_insert_default().host_network = Some(true);
        assert_eq!(tolerations(&daemon_set).len(), ALWAYS.len() + 1);
    }
}
