//! The options of an update: it may keep whatever the stored object already violates.

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::{Container, PodAffinityTerm, PodSpec, SecurityContext};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::apiserver::affinity::validate_match_label_keys_and_mismatch_label_keys;
use crate::apiserver::container_visit::{ContainerView, containers};
use crate::apiserver::content::{is_valid_label_value, local_non_reserved_path};
use crate::apiserver::error::Errors;
use crate::apiserver::label_selector::{label_selector_has_invalid_label_value, validate_label_selector};
use crate::apiserver::options::Options;
use crate::apiserver::pod_annotations::has_invalid_deletion_cost;
use crate::apiserver::pod_security_context::shared_namespace;
use crate::apiserver::resource_name::is_huge_page_resource_name;
use crate::apiserver::resources::is_indivisible_huge_pages_value;
use crate::path::Path;
use crate::quantity::Quantity;
use crate::server::Server;

/// Returns the options for an update, which depend on the feature gates and the stored object.
///
/// Upstream: `api/pod.GetValidationOptionsFromPodTemplate`, `api/pod.GetValidationOptionsFromPodSpecAndMeta`,
/// `registry/apps/daemonset.daemonSetStrategy.ValidateUpdate`.
pub(super) fn options_for_update(old: &DaemonSet, server: &Server) -> Options {
    let mut options = Options::for_create(server);
    if let Some(spec) = &old.spec.template.spec {
        allow_what_is_stored(&mut options, spec);
    }
    let metadata = old.spec.template.metadata.as_ref();
    if let Some(annotations) = metadata.and_then(|metadata| metadata.annotations.as_ref()) {
        options.allow_invalid_pod_deletion_cost |= has_invalid_deletion_cost(annotations);
    }
    options.allow_invalid_label_value_in_selector |=
        label_selector_has_invalid_label_value(&old.spec.selector);
    options
}

/// Upstream also looks for relaxed environment variable names, `fileKeyRef`, resize policies of sidecars, restart rules and merged
/// `matchLabelKeys` in the stored object. Their gates are on in every supported minor, so the answer does not matter.
///
/// Upstream: `api/pod.useAllowUserNamespacesHostNetworkSupport`, `api/pod.useOnlyRecursiveSELinuxChangePolicy`,
/// `api/pod.allowTaintTolerationComparisonOperators`, `api/pod.useRelaxedEnvironmentVariableValidation`,
/// `api/pod.useAllowEnvFilesValidation`, `api/pod.hasEnvFileKeyRef`, `api/pod.gatherPodEnvVarNames`, `api/pod.relaxedEnvVarUsed`,
/// `api/pod.hasDotOrUnderscore`, `api/pod.hasRestartableInitContainerResizePolicy`,
/// `api/pod.containerRestartRulesInUse`, `api/pod.hasLegacyInvalidTopologySpreadConstrainMatchLabelKeys`,
/// `api/pod.useRelaxedDNSSearchValidation`, `api/pod.podLifecycleSleepActionZeroValueInUse`.
fn allow_what_is_stored(options: &mut Options, spec: &PodSpec) {
    options.allow_existing_restart_container_for_non_sidecar_init_container =
        has_restart_container_for_non_sidecar_init_container(spec);
    options.allow_user_namespaces_host_network_support |= has_user_namespaces_with_host_network(spec);
    options.allow_only_recursive_selinux_change_policy &= !selinux_change_policy_in_use(spec);
    options.allow_taint_toleration_comparison_operators |= taint_toleration_comparison_operators_in_use(spec);
    options.allow_indivisible_huge_pages_values = uses_indivisible_huge_pages_values(spec);
    options.allow_invalid_label_value_in_selector = has_invalid_label_value_in_affinity_selector(spec);
    options.allow_invalid_label_value_in_required_node_affinity =
        has_invalid_label_value_in_required_node_affinity(spec);
    options.allow_invalid_topology_spread_constraint_label_selector =
        has_invalid_topology_spread_constraint_label_selector(spec);
    options.old_pod_violates_match_label_keys_validation =
        has_invalid_topology_spread_constraint_match_label_keys(spec);
    options.allow_non_local_projected_token_path = has_non_local_projected_token_path(spec);
    options.allow_namespaced_sysctls_for_host_net_and_host_ipc = has_host_sysctl(spec);
    options.allow_restart_all_containers |= restart_all_containers_action_in_use(spec);
    options.allow_user_namespaces_with_volume_devices = has_user_namespaces_with_volume_devices(spec);
    options.allow_empty_image_volume_reference = has_empty_image_volume_reference(spec);
    options.allow_sys_admin_when_privilege_escalation_false =
        has_sys_admin_and_privilege_escalation_false(spec);
}

/// Whether a check reports an error.
fn finds_fault(check: impl FnOnce(&Path<'_>, &mut Errors)) -> bool {
    let mut errors = Errors::new();
    check(&Path::root(""), &mut errors);
    !errors.is_empty()
}

fn is_invalid(selector: Option<&LabelSelector>) -> bool {
    selector.is_some() && finds_fault(|path, errors| validate_label_selector(selector, false, path, errors))
}

/// Upstream: `api/pod.usesIndivisibleHugePagesValues`, `api/pod.checkContainerUseIndivisibleHugePagesValues`.
fn uses_indivisible_huge_pages_values(spec: &PodSpec) -> bool {
    let of_containers = containers(spec)
        .filter_map(|view| view.resources)
        .flat_map(|resources| [resources.limits.as_ref(), resources.requests.as_ref()]);
    let mut amounts = of_containers.chain([spec.overhead.as_ref()]).flatten().flatten();
    amounts.any(|(name, amount)| {
        is_huge_page_resource_name(name) && is_indivisible_huge_pages_value(name, &Quantity::of(amount))
    })
}

/// Upstream: `api/pod.hasInvalidLabelValueInAffinitySelector`.
fn has_invalid_label_value_in_affinity_selector(spec: &PodSpec) -> bool {
    let is_invalid = |term: &PodAffinityTerm| {
        is_invalid(term.label_selector.as_ref()) || is_invalid(term.namespace_selector.as_ref())
    };
    let Some(affinity) = &spec.affinity else { return false };
    let near = affinity.pod_affinity.as_ref();
    let far = affinity.pod_anti_affinity.as_ref();
    let required = [
        near.and_then(|near| near.required_during_scheduling_ignored_during_execution.as_ref()),
        far.and_then(|far| far.required_during_scheduling_ignored_during_execution.as_ref()),
    ];
    let preferred = [
        near.and_then(|near| near.preferred_during_scheduling_ignored_during_execution.as_ref()),
        far.and_then(|far| far.preferred_during_scheduling_ignored_during_execution.as_ref()),
    ];
    required.into_iter().flatten().flatten().any(is_invalid)
        || preferred.into_iter().flatten().flatten().any(|term| is_invalid(&term.pod_affinity_term))
}

/// Upstream: `api/pod.hasInvalidLabelValueInRequiredNodeAffinity`, `core/helper.HasInvalidLabelValueInNodeSelectorTerms`.
fn has_invalid_label_value_in_required_node_affinity(spec: &PodSpec) -> bool {
    let affinity = spec.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    let required =
        affinity.and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_ref());
    let terms = required.into_iter().flat_map(|required| &required.node_selector_terms);
    let expressions = terms.flat_map(|term| term.match_expressions.iter().flatten());
    let mut values = expressions.flat_map(|expression| expression.values.iter().flatten());
    values.any(|value| !is_valid_label_value(value).is_empty())
}

/// Upstream: `api/pod.hasInvalidTopologySpreadConstraintLabelSelector`.
fn has_invalid_topology_spread_constraint_label_selector(spec: &PodSpec) -> bool {
    let mut constraints = spec.topology_spread_constraints.iter().flatten();
    constraints.any(|constraint| is_invalid(constraint.label_selector.as_ref()))
}

/// Upstream: `api/pod.hasInvalidTopologySpreadConstrainMatchLabelKeys`.
fn has_invalid_topology_spread_constraint_match_label_keys(spec: &PodSpec) -> bool {
    let mut constraints = spec.topology_spread_constraints.iter().flatten();
    constraints.any(|constraint| {
        let keys = constraint.match_label_keys.as_deref().unwrap_or_default();
        let selector = constraint.label_selector.as_ref();
        finds_fault(|path, errors| {
            validate_match_label_keys_and_mismatch_label_keys(keys, &[], selector, path, errors);
        })
    })
}

/// Upstream: `api/pod.hasNonLocalProjectedTokenPath`.
fn has_non_local_projected_token_path(spec: &PodSpec) -> bool {
    let projected = spec.volumes.iter().flatten().filter_map(|volume| volume.projected.as_ref());
    let sources = projected.flat_map(|projected| projected.sources.iter().flatten());
    let mut tokens = sources.filter_map(|source| source.service_account_token.as_ref());
    tokens.any(|token| !local_non_reserved_path(&token.path).is_empty())
}

/// Whether a sysctl of a host namespace is set.
fn has_host_sysctl(spec: &PodSpec) -> bool {
    let mut sysctls = spec.security_context.iter().flat_map(|context| context.sysctls.iter().flatten());
    sysctls.any(|sysctl| shared_namespace(&sysctl.name, spec).is_some())
}

/// Upstream: `api/pod.seLinuxChangePolicyInUse`.
fn selinux_change_policy_in_use(spec: &PodSpec) -> bool {
    spec.security_context.as_ref().is_some_and(|context| context.se_linux_change_policy.is_some())
}

/// Upstream: `api/pod.taintTolerationComparisonOperatorsInUse`.
fn taint_toleration_comparison_operators_in_use(spec: &PodSpec) -> bool {
    let mut tolerations = spec.tolerations.iter().flatten();
    tolerations.any(|toleration| matches!(toleration.operator.as_deref(), Some("Lt" | "Gt")))
}

/// Whether the pod has `hostUsers: false` and `hostNetwork: true`.
fn has_user_namespaces_with_host_network(spec: &PodSpec) -> bool {
    spec.host_users == Some(false) && spec.host_network == Some(true)
}

/// Upstream: `api/pod.hasUserNamespacesWithVolumeDevices`.
fn has_user_namespaces_with_volume_devices(spec: &PodSpec) -> bool {
    spec.host_users == Some(false) && containers(spec).any(|view| !view.volume_devices.is_empty())
}

/// Upstream: `api/pod.IsRestartableInitContainer`.
fn is_restartable(container: &Container) -> bool {
    container.restart_policy.as_deref() == Some("Always")
}

/// Upstream: `api/pod.restartAllContainersActionInUse`.
fn restart_all_containers_action_in_use(spec: &PodSpec) -> bool {
    let init_containers = spec.init_containers.iter().flatten();
    let restarts_all = |container: &Container| {
        let mut rules = container.restart_policy_rules.iter().flatten();
        rules.any(|rule| rule.action == "RestartAllContainers")
    };
    let has_rules = |container: &Container| container.restart_policy_rules.iter().flatten().next().is_some();
    spec.containers.iter().any(restarts_all)
        || init_containers
            .into_iter()
            .any(|container| restarts_all(container) || is_restartable(container) && has_rules(container))
}

/// Upstream: `api/pod.hasRestartContainerForNonSidecarInitContainer`.
fn has_restart_container_for_non_sidecar_init_container(spec: &PodSpec) -> bool {
    let ordinary = spec.init_containers.iter().flatten().filter(|container| !is_restartable(container));
    let mut policies = ordinary.flat_map(|container| container.resize_policy.iter().flatten());
    policies.any(|policy| policy.restart_policy == "RestartContainer")
}

/// Upstream: `api/pod.hasEmptyImageVolumeReference`.
fn has_empty_image_volume_reference(spec: &PodSpec) -> bool {
    let mut images = spec.volumes.iter().flatten().filter_map(|volume| volume.image.as_ref());
    images.any(|image| image.reference.as_deref().unwrap_or_default().is_empty())
}

/// Upstream: `api/pod.useAllowSysAdminWhenPrivilegeEscalationFalse`, `api/pod.hasSysAdminAndPrivilegeEscalationFalse`.
fn has_sys_admin_and_privilege_escalation_false(spec: &PodSpec) -> bool {
    let is_admin = |context: &SecurityContext| {
        let mut added =
            context.capabilities.iter().flat_map(|capabilities| capabilities.add.iter().flatten());
        context.allow_privilege_escalation != Some(true)
            && added.any(|capability| capability == "CAP_SYS_ADMIN")
    };
    containers(spec).any(|view: ContainerView<'_>| view.security_context.is_some_and(is_admin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gates::Gate;

    #[test]
    fn gates_that_ignore_the_stored_object_are_on() {
        for minor in Server::supported() {
            let server = Server::of_version(minor).unwrap();
            for gate in [
                Gate::ContainerRestartRules,
                Gate::EnvFiles,
                Gate::InPlacePodVerticalScaling,
                Gate::MatchLabelKeysInPodTopologySpread,
                Gate::MatchLabelKeysInPodTopologySpreadSelectorMerge,
                Gate::PodDeletionCost,
                Gate::PodLifecycleSleepActionAllowZero,
                Gate::RelaxedDNSSearchValidation,
                Gate::RelaxedEnvironmentVariableValidation,
            ] {
                assert!(server.enabled(gate), "{gate} in {minor}: check the stored object as upstream does");
            }
        }
    }
}
