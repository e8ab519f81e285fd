//! What validation is lenient about: every difference that a minor, a gate or the stored object makes has a name here.
//!
//! Upstream: `core/validation.PodValidationOptions` and `api/pod.GetValidationOptionsFromPodTemplate`.

use crate::gates::Gate;
use crate::server::Server;

/// The options of one validation. The names are upstream's.
///
/// Left out are the options that only a pod's resize or status is asked about (`AllowImageVolumeWithDigest`,
/// `InPlacePodLevelResourcesVerticalScalingEnabled`, `InPlacePodVerticalScalingMemoryBackedVolumesEnabled`) and those that are on in
/// every minor that we know and unknown to the newest (`AllowPodLifecycleSleepActionZeroValue`, `AllowRelaxedDNSSearchValidation`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)]
pub struct Options {
    /// Upstream: `AllowInvalidPodDeletionCost`.
    pub allow_invalid_pod_deletion_cost: bool,
    /// Upstream: `AllowInvalidLabelValueInSelector`.
    pub allow_invalid_label_value_in_selector: bool,
    /// Upstream: `AllowIndivisibleHugePagesValues`.
    pub allow_indivisible_huge_pages_values: bool,
    /// Upstream: `AllowInvalidTopologySpreadConstraintLabelSelector`.
    pub allow_invalid_topology_spread_constraint_label_selector: bool,
    /// Upstream: `AllowNonLocalProjectedTokenPath`.
    pub allow_non_local_projected_token_path: bool,
    /// Upstream: `AllowNamespacedSysctlsForHostNetAndHostIPC`.
    pub allow_namespaced_sysctls_for_host_net_and_host_ipc: bool,
    /// Upstream: `ResourceIsPod`.
    pub resource_is_pod: bool,
    /// Upstream: `AllowRelaxedEnvironmentVariableValidation`.
    pub allow_relaxed_environment_variable_validation: bool,
    /// Upstream: `AllowOnlyRecursiveSELinuxChangePolicy`.
    pub allow_only_recursive_selinux_change_policy: bool,
    /// Upstream: `PodLevelResourcesEnabled`.
    pub pod_level_resources_enabled: bool,
    /// Upstream: `AllowSidecarResizePolicy`.
    pub allow_sidecar_resize_policy: bool,
    /// Upstream: `AllowInvalidLabelValueInRequiredNodeAffinity`.
    pub allow_invalid_label_value_in_required_node_affinity: bool,
    /// Upstream: `AllowMatchLabelKeysInPodTopologySpread`.
    pub allow_match_label_keys_in_pod_topology_spread: bool,
    /// Upstream: `AllowMatchLabelKeysInPodTopologySpreadSelectorMerge`.
    pub allow_match_label_keys_in_pod_topology_spread_selector_merge: bool,
    /// Upstream: `OldPodViolatesMatchLabelKeysValidation`.
    pub old_pod_violates_match_label_keys_validation: bool,
    /// Upstream: `OldPodViolatesLegacyMatchLabelKeysValidation`.
    pub old_pod_violates_legacy_match_label_keys_validation: bool,
    /// Upstream: `AllowEnvFilesValidation`.
    pub allow_env_files_validation: bool,
    /// Upstream: `AllowContainerRestartPolicyRules`.
    pub allow_container_restart_policy_rules: bool,
    /// Upstream: `AllowExistingRestartContainerForNonSidecarInitContainer`.
    pub allow_existing_restart_container_for_non_sidecar_init_container: bool,
    /// Upstream: `AllowUserNamespacesWithVolumeDevices`.
    pub allow_user_namespaces_with_volume_devices: bool,
    /// Upstream: `AllowTaintTolerationComparisonOperators`.
    pub allow_taint_toleration_comparison_operators: bool,
    /// Upstream: `AllowUserNamespacesHostNetworkSupport`.
    pub allow_user_namespaces_host_network_support: bool,
    /// Upstream: `AllowRestartAllContainers`.
    pub allow_restart_all_containers: bool,
    /// Upstream: `AllowEmptyImageVolumeReference`.
    pub allow_empty_image_volume_reference: bool,
    /// Upstream: `AllowSysAdminWhenPrivilegeEscalationFalse`.
    pub allow_sys_admin_when_privilege_escalation_false: bool,
}

impl Options {
    /// The options for a new object: what the gates say.
    ///
    /// Upstream: `api/pod.GetValidationOptionsFromPodTemplate`, `api/pod.GetValidationOptionsFromPodSpecAndMeta`.
    pub fn for_create(server: &Server) -> Self {
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
