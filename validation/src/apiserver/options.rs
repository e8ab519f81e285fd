//! The options of validation: one for each difference that depends on a gate or on the stored object.
//!
//! Upstream: `core/validation.PodValidationOptions` and `api/pod.GetValidationOptionsFromPodTemplate`.

use crate::gates::Gate;
use crate::server::Server;

/// The options of a validation, by their upstream names.
///
/// Options that only apply to a pod's `resize` or `status` subresource are left out (`AllowImageVolumeWithDigest`,
/// `InPlacePodLevelResourcesVerticalScalingEnabled`, `InPlacePodVerticalScalingMemoryBackedVolumesEnabled`), and so are those that
/// are on in every supported minor and gone in the newest (`AllowPodLifecycleSleepActionZeroValue`,
/// `AllowRelaxedDNSSearchValidation`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)]
pub(crate) struct Options {
    /// Upstream: `AllowInvalidPodDeletionCost`.
    pub(crate) allow_invalid_pod_deletion_cost: bool,
    /// Upstream: `AllowInvalidLabelValueInSelector`.
    pub(crate) allow_invalid_label_value_in_selector: bool,
    /// Upstream: `AllowIndivisibleHugePagesValues`.
    pub(crate) allow_indivisible_huge_pages_values: bool,
    /// Upstream: `AllowInvalidTopologySpreadConstraintLabelSelector`.
    pub(crate) allow_invalid_topology_spread_constraint_label_selector: bool,
    /// Upstream: `AllowNonLocalProjectedTokenPath`.
    pub(crate) allow_non_local_projected_token_path: bool,
    /// Upstream: `AllowNamespacedSysctlsForHostNetAndHostIPC`.
    pub(crate) allow_namespaced_sysctls_for_host_net_and_host_ipc: bool,
    /// Upstream: `ResourceIsPod`.
    pub(crate) resource_is_pod: bool,
    /// Upstream: `AllowRelaxedEnvironmentVariableValidation`.
    pub(crate) allow_relaxed_environment_variable_validation: bool,
    /// Upstream: `AllowOnlyRecursiveSELinuxChangePolicy`.
    pub(crate) allow_only_recursive_selinux_change_policy: bool,
    /// Upstream: `PodLevelResourcesEnabled`.
    pub(crate) pod_level_resources_enabled: bool,
    /// Upstream: `AllowSidecarResizePolicy`.
    pub(crate) allow_sidecar_resize_policy: bool,
    /// Upstream: `AllowInvalidLabelValueInRequiredNodeAffinity`.
    pub(crate) allow_invalid_label_value_in_required_node_affinity: bool,
    /// Upstream: `AllowMatchLabelKeysInPodTopologySpread`.
    pub(crate) allow_match_label_keys_in_pod_topology_spread: bool,
    /// Upstream: `AllowMatchLabelKeysInPodTopologySpreadSelectorMerge`.
    pub(crate) allow_match_label_keys_in_pod_topology_spread_selector_merge: bool,
    /// Upstream: `OldPodViolatesMatchLabelKeysValidation`.
    pub(crate) old_pod_violates_match_label_keys_validation: bool,
    /// Upstream: `OldPodViolatesLegacyMatchLabelKeysValidation`.
    pub(crate) old_pod_violates_legacy_match_label_keys_validation: bool,
    /// Upstream: `AllowEnvFilesValidation`.
    pub(crate) allow_env_files_validation: bool,
    /// Upstream: `AllowContainerRestartPolicyRules`.
    pub(crate) allow_container_restart_policy_rules: bool,
    /// Upstream: `AllowExistingRestartContainerForNonSidecarInitContainer`.
    pub(crate) allow_existing_restart_container_for_non_sidecar_init_container: bool,
    /// Upstream: `AllowUserNamespacesWithVolumeDevices`.
    pub(crate) allow_user_namespaces_with_volume_devices: bool,
    /// Upstream: `AllowTaintTolerationComparisonOperators`.
    pub(crate) allow_taint_toleration_comparison_operators: bool,
    /// Upstream: `AllowUserNamespacesHostNetworkSupport`.
    pub(crate) allow_user_namespaces_host_network_support: bool,
    /// Upstream: `AllowRestartAllContainers`.
    pub(crate) allow_restart_all_containers: bool,
    /// Upstream: `AllowEmptyImageVolumeReference`.
    pub(crate) allow_empty_image_volume_reference: bool,
    /// Upstream: `AllowSysAdminWhenPrivilegeEscalationFalse`.
    pub(crate) allow_sys_admin_when_privilege_escalation_false: bool,
}

impl Options {
    /// The options for a new object, which depend on the feature gates only.
    ///
    /// Upstream: `api/pod.GetValidationOptionsFromPodTemplate`, `api/pod.GetValidationOptionsFromPodSpecAndMeta`.
    pub(crate) fn for_create(server: &Server) -> Self {
        Self {
            allow_invalid_pod_deletion_cost: !server.enabled(Gate::PodDeletionCost),
            allow_relaxed_environment_variable_validation: server
                .enabled(Gate::RelaxedEnvironmentVariableValidation),
            allow_only_recursive_selinux_change_policy: !server.enabled(Gate::SELinuxMount),
            pod_level_resources_enabled: server.enabled(Gate::PodLevelResources),
            allow_sidecar_resize_policy: server.enabled(Gate::InPlacePodVerticalScaling),
            allow_match_label_keys_in_pod_topology_spread: server
                .enabled(Gate::MatchLabelKeysInPodTopologySpread),
            allow_match_label_keys_in_pod_topology_spread_selector_merge: server
                .enabled(Gate::MatchLabelKeysInPodTopologySpreadSelectorMerge),
            allow_env_files_validation: server.enabled(Gate::EnvFiles),
            allow_container_restart_policy_rules: server.enabled(Gate::ContainerRestartRules),
            allow_taint_toleration_comparison_operators: server
                .enabled(Gate::TaintTolerationComparisonOperators),
            allow_user_namespaces_host_network_support: server
                .enabled(Gate::UserNamespacesHostNetworkSupport),
            allow_restart_all_containers: server.enabled(Gate::RestartAllContainersOnContainerExits),
            ..Self::default()
        }
    }
}
