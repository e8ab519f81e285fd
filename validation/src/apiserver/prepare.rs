//! Drops and sets fields before validation.

mod containers;
mod volumes;

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::{PodSpec, PodTemplateSpec};

use crate::apiserver::defaults::INIT_CONTAINER_ANNOTATIONS;
use crate::apiserver::internal::{InternalDaemonSet, InternalFields};
use crate::apiserver::semantic;
use crate::gates::{Change, Gate};
use crate::server::Server;

/// Removes a field from the whole pod spec, and returns whether it was set.
type Clear = fn(&mut PodSpec) -> bool;

/// The fields whose gate is off in at least one supported minor.
///
/// Upstream drops more fields, but their gates are on in all supported minors: `hostUsers`, `supplementalGroupsPolicy`, pod-level
/// `resources`, `procMount`, the node inclusion policies and `matchLabelKeys` of topology spread constraints and pod affinity,
/// resource claims, resize policies, sidecars, restart rules, `recursiveReadOnly`, `hostnameOverride`, `fileKeyRef`, image volumes,
/// `seLinuxChangePolicy` and `sleep`. A test compares this list with the gates.
///
/// Upstream: `api/pod.hostUsersInUse`, `api/pod.supplementalGroupsPolicyInUse`, `api/pod.dropDisabledPodLevelResources`,
/// `api/pod.podLevelResourcesInUse`, `api/pod.dropDisabledProcMountField`, `api/pod.procMountInUse`,
/// `api/pod.dropDisabledNodeInclusionPolicyFields`, `api/pod.nodeTaintsPolicyInUse`, `api/pod.nodeAffinityPolicyInUse`,
/// `api/pod.dropDisabledMatchLabelKeysFieldInTopologySpread`, `api/pod.matchLabelKeysInTopologySpreadInUse`,
/// `api/pod.dropDisabledMatchLabelKeysFieldInPodAffinity`, `api/pod.matchLabelKeysFieldInPodAffinityInUse`,
/// `api/pod.dropMatchLabelKeysFieldInPodAffnityTerm`, `api/pod.dropMatchLabelKeysFieldInWeightedPodAffnityTerm`,
/// `api/pod.dropDisabledDynamicResourceAllocationFields`, `api/pod.dynamicResourceAllocationInUse`,
/// `api/pod.dropResourceClaimRequests`, `api/pod.dropEphemeralResourceClaimRequests`, `api/pod.inPlacePodVerticalScalingInUse`,
/// `api/pod.restartableInitContainersInUse`, `api/pod.dropContainerRestartRules`, `api/pod.rroInUse`,
/// `api/pod.setHostnameOverrideInUse`, `api/pod.dropFileKeyRefInUse`, `api/pod.podFileKeyRefInUse`, `api/pod.dropImageVolumes`,
/// `api/pod.imageVolumesInUse`, `api/pod.dropSELinuxChangePolicy`, `api/pod.dropPodLifecycleSleepAction`,
/// `api/pod.podLifecycleSleepActionInUse`.
const GATED: [(Gate, Clear); 10] = [
    (Gate::ClusterTrustBundleProjection, volumes::clear_cluster_trust_bundles),
    (Gate::PodCertificateRequest, volumes::clear_pod_certificates),
    (Gate::AtomicWriteVolumeUserFields, volumes::clear_users),
    (Gate::GenericWorkload, clear_scheduling_group),
    (Gate::GRPCContainerProbeTLS, containers::clear_grpc_modes),
    (Gate::EvictionRequestAPI, clear_eviction_responders),
    (Gate::EmptyDirVolumeMode, volumes::clear_empty_dir_modes),
    (Gate::VolumeBindMountOptions, containers::clear_bind_mount_options),
    (Gate::ContainerStopSignals, containers::clear_stop_signals),
    (Gate::H2CContainerProbe, containers::clear_http_protocols),
];

/// A new object has no status, and its generations start at 1.
///
/// Upstream: `registry/apps/daemonset.daemonSetStrategy.PrepareForCreate`.
pub(super) fn prepare_for_create(daemon_set: &mut DaemonSet, internal: &mut InternalFields, server: &Server) {
    daemon_set.status = None;
    daemon_set.metadata.generation = Some(1);
    internal.template_generation = internal.template_generation.max(1);
    drop_disabled_template_fields(&mut daemon_set.spec.template, None, server);
}

/// An update keeps the status and the generations. A change of the template increments both generations, any other change of the
/// spec only that of the object.
///
/// Upstream: `registry/apps/daemonset.daemonSetStrategy.PrepareForUpdate`.
pub(super) fn prepare_for_update(new: &mut InternalDaemonSet, old: &InternalDaemonSet, server: &Server) {
    let (set, old_set) = (&mut new.daemon_set, &old.daemon_set);
    drop_disabled_template_fields(&mut set.spec.template, Some(&old_set.spec.template), server);
    set.status.clone_from(&old_set.status);
    new.internal.template_generation = old.internal.template_generation;
    let generation = old_set.metadata.generation.unwrap_or_default();
    set.metadata.generation = Some(generation);
    let same_template = semantic::same_template(&set.spec.template, &old_set.spec.template);
    if !same_template {
        new.internal.template_generation = old.internal.template_generation.wrapping_add(1);
    }
    if !same_template || !semantic::same_spec((&set.spec, new.internal), (&old_set.spec, old.internal)) {
        set.metadata.generation = Some(generation.wrapping_add(1));
    }
}

/// Drops fields whose gate is off, unless the stored object uses them. Returns whether a field was dropped.
///
/// Upstream: `api/pod.DropDisabledTemplateFields`, `api/pod.dropDisabledFields`, `api/pod.DropInitContainerAnnotations`.
pub(super) fn drop_disabled_template_fields(
    template: &mut PodTemplateSpec,
    old: Option<&PodTemplateSpec>,
    server: &Server,
) -> bool {
    let mut dropped = false;
    if let Some(spec) = &mut template.spec {
        dropped = drop_disabled_fields(spec, old.and_then(|old| old.spec.as_ref()), server);
    }
    let annotations = template.metadata.as_mut().and_then(|metadata| metadata.annotations.as_mut());
    if let Some(annotations) = annotations.filter(|_| server.has(Change::KeepsInitContainerAnnotations)) {
        drop_init_container_annotations(annotations);
    }
    dropped
}

/// The same for the spec of a template or of a pod.
pub(crate) fn drop_disabled_fields(spec: &mut PodSpec, old: Option<&PodSpec>, server: &Server) -> bool {
    let mut dropped = false;
    // A field that is cleared in this copy was in use.
    let mut old = old.cloned();
    for (gate, clear) in GATED {
        if !server.enabled(gate) && !old.as_mut().is_some_and(clear) {
            dropped |= clear(spec);
        }
    }
    dropped
}

/// Removes the annotations for init containers from before they were fields.
pub(crate) fn drop_init_container_annotations(annotations: &mut BTreeMap<String, String>) {
    for key in INIT_CONTAINER_ANNOTATIONS {
        annotations.remove(key);
    }
}

/// Upstream: `api/pod.dropDisabledSchedulingGroup`, `api/pod.schedulingGroupInUse`.
fn clear_scheduling_group(spec: &mut PodSpec) -> bool {
    spec.scheduling_group.take().is_some()
}

/// Upstream: `api/pod.dropDisabledEvictionResponders`, `api/pod.evictionRespondersInUse`.
fn clear_eviction_responders(spec: &mut PodSpec) -> bool {
    spec.eviction_responders.take().is_some_and(|responders| !responders.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_of_fields_that_are_not_dropped_are_on() {
        let always_on = [
            Gate::UserNamespacesSupport,
            Gate::SupplementalGroupsPolicy,
            Gate::PodLevelResources,
            Gate::ProcMountType,
            Gate::NodeInclusionPolicyInPodTopologySpread,
            Gate::MatchLabelKeysInPodTopologySpread,
            Gate::MatchLabelKeysInPodAffinity,
            Gate::DynamicResourceAllocation,
            Gate::InPlacePodVerticalScaling,
            Gate::SidecarContainers,
            Gate::ContainerRestartRules,
            Gate::RecursiveReadOnlyMounts,
            Gate::HostnameOverride,
            Gate::EnvFiles,
            Gate::ImageVolume,
            Gate::SELinuxChangePolicy,
            Gate::PodLifecycleSleepAction,
        ];
        for minor in Server::supported() {
            let server = Server::of_version(minor).unwrap();
            for gate in always_on {
                assert!(server.enabled(gate), "{gate} in {minor}: add its fields to GATED");
            }
        }
    }
}
