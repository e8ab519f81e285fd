//! The pod that the controller makes.

use std::borrow::Cow;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::{PodSpec, Toleration};

use super::host_port::{self, TemplatePort};
use super::requests;
use super::resource::ResourceTotals;
use super::runtime_class;
use super::snapshot::Snapshot;
use super::volume::PodVolume;
use crate::matching::Labels;
use crate::server::Server;

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

/// The labels that the controller adds to the template's: the template's revision and the DaemonSet's generation.
const ADDED_LABELS: [&str; 2] = ["controller-revision-hash", "pod-template-generation"];

/// The pod that the controller makes for a node, as far as it is the same for all nodes.
#[derive(Debug)]
pub(super) struct DaemonPod<'d> {
    /// The template's spec as the controller reads it.
    pub(super) template: &'d PodSpec,
    /// The template's spec, and what admission adds to it.
    pub(super) spec: Cow<'d, PodSpec>,
    /// The DaemonSet's namespace.
    pub(super) namespace: &'d str,
    /// The DaemonSet's name.
    pub(super) name: &'d str,
    /// The template's labels and the controller's. The values of the latter are not known beforehand, and no other
    /// DaemonSet's pods have them.
    pub(super) labels: Labels,
    /// The template's tolerations and the controller's.
    pub(super) tolerations: Vec<Toleration>,
    /// The tolerations that the controller sees, where admission adds some.
    seen_by_controller: Option<Vec<Toleration>>,
    /// What it requests.
    pub(super) requests: ResourceTotals,
    /// The host's ports that it needs.
    pub(super) ports: Vec<TemplatePort>,
    /// Volumes that decide where it can run, each with its place in `volumes`.
    pub(super) volumes: Vec<(usize, PodVolume)>,
}

impl<'d> DaemonPod<'d> {
    /// The pod of a DaemonSet; `None` where its template has no spec, which no server stores.
    ///
    /// Upstream: `controller/daemon/util.CreatePodTemplate`.
    pub(super) fn new(daemon_set: &'d DaemonSet, snapshot: &Snapshot, server: &Server) -> Option<Self> {
        let template = daemon_set.spec.template.spec.as_ref()?;
        let spec = runtime_class::admit(template, snapshot);
        let written = daemon_set.spec.template.metadata.as_ref().and_then(|metadata| metadata.labels.clone());
        let mut labels = written.unwrap_or_default();
        for added in ADDED_LABELS {
            labels.insert(added.to_owned(), "new".to_owned());
        }
        let volumes = spec.volumes.iter().flatten().enumerate();
        Some(Self {
            template,
            namespace: daemon_set.metadata.namespace.as_deref().unwrap_or("default"),
            name: daemon_set.metadata.name.as_deref().unwrap_or_default(),
            labels,
            tolerations: tolerations(&spec),
            seen_by_controller: matches!(spec, Cow::Owned(_)).then(|| tolerations(template)),
            requests: requests::of_template(&spec, server),
            ports: host_port::of_template(&spec),
            volumes: volumes
                .filter_map(|(place, volume)| PodVolume::of_template(volume).map(|volume| (place, volume)))
                .collect(),
            spec,
        })
    }

    /// Whether admission leaves the pod as the controller saw it. What the controller asked need not be asked again then.
    pub(super) const fn is_as_the_controller_saw_it(&self) -> bool {
        matches!(self.spec, Cow::Borrowed(_))
    }

    /// The template's tolerations and the controller's, without what admission adds.
    pub(super) fn template_tolerations(&self) -> &[Toleration] {
        self.seen_by_controller.as_deref().unwrap_or(&self.tolerations)
    }
}

/// The template's tolerations and the ones that the controller adds to every daemon pod.
///
/// Upstream: `controller/daemon/util.AddOrUpdateDaemonPodTolerations`.
fn tolerations(pod: &PodSpec) -> Vec<Toleration> {
    let mut tolerations: Vec<Toleration> = pod.tolerations.clone().unwrap_or_default();
    let host_network = pod.host_network.unwrap_or(false);
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
        let mut pod = PodSpec::default();
        assert_eq!(tolerations(&pod).len(), ALWAYS.len());
        pod.host_network = Some(true);
        assert_eq!(tolerations(&pod).len(), ALWAYS.len() + 1);
    }
}
