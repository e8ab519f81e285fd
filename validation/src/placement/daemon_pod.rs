//! The pod that the controller makes.

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::{PodSpec, Toleration};

use super::host_port;
use super::requests;
use super::resource::ResourceTotals;
use super::volume::PodVolume;
use super::wanted_ports::WantedPorts;
use crate::admission::{TOLERATED_ALWAYS, TOLERATED_WITH_HOST_NETWORK, added_labels};
use crate::gates::Gate;
use crate::matching::Labels;
use crate::matching::toleration::Tolerations;
use crate::server::Server;

/// The pod that the controller makes for a node, as far as it is the same for all nodes.
#[derive(Debug)]
pub(super) struct DaemonPod<'d> {
    /// The template's spec as the controller reads it.
    pub(super) template: &'d PodSpec,
    /// The template's spec, and what admission adds to it.
    pub(super) spec: &'d PodSpec,
    /// The DaemonSet's namespace.
    pub(super) namespace: &'d str,
    /// The DaemonSet's name.
    pub(super) name: &'d str,
    /// The template's labels and the controller's. The hash of the template is not known beforehand, and no other pods have it.
    pub(super) labels: Labels,
    /// The template's tolerations and the controller's.
    pub(super) tolerations: Tolerations<'d>,
    /// The tolerations that the controller sees, where admission adds some.
    seen_by_controller: Option<Tolerations<'d>>,
    /// What it requests.
    pub(super) requests: ResourceTotals,
    /// The host's ports that it needs.
    pub(super) ports: WantedPorts,
    /// Volumes that decide where it can run, each with its place in `volumes`.
    pub(super) volumes: &'d [(usize, PodVolume)],
}

impl<'d> DaemonPod<'d> {
    /// The pod of a DaemonSet with this template and what admission makes of it.
    ///
    /// Upstream: `controller/daemon/util.CreatePodTemplate`.
    pub(super) fn new(
        daemon_set: &'d DaemonSet,
        (template, spec): (&'d PodSpec, &'d PodSpec),
        volumes: &'d [(usize, PodVolume)],
        server: &Server,
    ) -> Self {
        let written = daemon_set.spec.template.metadata.as_ref().and_then(|metadata| metadata.labels.clone());
        let mut labels = written.unwrap_or_default();
        // Admission has merged the values into selectors, where `matchLabelKeys` asks for it.
        labels.extend(added_labels(daemon_set));
        Self {
            template,
            namespace: daemon_set.metadata.namespace.as_deref().unwrap_or("default"),
            name: daemon_set.metadata.name.as_deref().unwrap_or_default(),
            labels,
            tolerations: tolerations(spec, server),
            seen_by_controller: changes_selection(template, spec).then(|| tolerations(template, server)),
            requests: requests::of_template(spec, server),
            ports: WantedPorts::new(host_port::of_template(spec)),
            volumes,
            spec,
        }
    }

    /// Whether admission leaves the pod as the controller saw it. What the controller asked need not be asked again then.
    pub(super) const fn is_as_the_controller_saw_it(&self) -> bool {
        self.seen_by_controller.is_none()
    }

    /// The template's tolerations and the controller's, without what admission adds.
    pub(super) fn template_tolerations(&self) -> &Tolerations<'d> {
        self.seen_by_controller.as_ref().unwrap_or(&self.tolerations)
    }
}

/// Whether admission changes by which nodes the pod is selected, or what it tolerates. The controller's own tolerations, which the pod has by
/// then, are no change.
fn changes_selection(template: &PodSpec, spec: &PodSpec) -> bool {
    let selector = |pod: &'_ PodSpec| pod.node_selector.clone().unwrap_or_default();
    let written = template.tolerations.as_deref().unwrap_or_default();
    let stored = spec.tolerations.as_deref().unwrap_or_default();
    let is_ours = |one: &Toleration| {
        let mut ours = TOLERATED_ALWAYS.iter().chain(std::iter::once(&TOLERATED_WITH_HOST_NETWORK));
        ours.any(|(key, effect)| {
            one.key.as_deref() == Some(*key)
                && one.effect.as_deref() == Some(*effect)
                && one.operator.as_deref() == Some("Exists")
        })
    };
    let added = stored.strip_prefix(written);
    selector(template) != selector(spec) || added.is_none_or(|added| !added.iter().all(is_ours))
}

/// The volumes of a pod that decide where it can run, each with its place in `volumes`.
pub(super) fn volumes(spec: &PodSpec) -> Vec<(usize, PodVolume)> {
    let volumes = spec.volumes.iter().flatten().enumerate();
    volumes
        .filter_map(|(place, volume)| PodVolume::of_template(volume).map(|volume| (place, volume)))
        .collect()
}

/// The template's tolerations and the ones that the controller adds to every daemon pod.
///
/// Upstream: `controller/daemon/util.AddOrUpdateDaemonPodTolerations`.
fn tolerations<'d>(pod: &'d PodSpec, server: &Server) -> Tolerations<'d> {
    let mut tolerations = Tolerations::new(server.enabled(Gate::TaintTolerationComparisonOperators));
    tolerations.add_all(pod.tolerations.as_deref().unwrap_or_default());
    let host_network = pod.host_network.unwrap_or(false);
    for (key, effect) in TOLERATED_ALWAYS.iter().chain(host_network.then_some(&TOLERATED_WITH_HOST_NETWORK)) {
        tolerations.add(key, effect);
    }
    tolerations
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Taint;

    use super::*;

    #[test]
    fn network_unavailable_is_tolerated_only_with_host_network() {
        let (key, effect) = TOLERATED_WITH_HOST_NETWORK;
        let taint = Taint { key: key.to_owned(), effect: effect.to_owned(), ..Taint::default() };
        let mut pod = PodSpec::default();
        assert!(!tolerations(&pod, &Server::newest()).tolerate(&taint));
        pod.host_network = Some(true);
        assert!(tolerations(&pod, &Server::newest()).tolerate(&taint));
    }
}
