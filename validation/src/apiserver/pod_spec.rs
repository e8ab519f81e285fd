//! The pod spec, with its checks in the server's order.

use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::apiserver::affinity::validate_affinity;
use crate::apiserver::any_container::PodContext;
use crate::apiserver::container_list::{validate_containers, validate_ephemeral_containers};
use crate::apiserver::content::{
    inclusive_range_error, is_dns1123_label, name_is_dns_subdomain, report, validate_service_account_name,
};
use crate::apiserver::context::Context;
use crate::apiserver::dns_config::{validate_dns_policy, validate_pod_dns_config};
use crate::apiserver::error::Errors;
use crate::apiserver::file_key_ref::validate_file_key_ref_volumes;
use crate::apiserver::host_alias::validate_host_aliases;
use crate::apiserver::host_network::{
    validate_host_users, validate_pod_host_name, validate_pod_host_network_deps,
    validate_share_process_namespace,
};
use crate::apiserver::init_container::validate_init_containers;
use crate::apiserver::label_selector::validate_labels;
use crate::apiserver::pod_os::validate_os;
use crate::apiserver::pod_resources::{validate_overhead, validate_pod_resources};
use crate::apiserver::pod_security_context::validate_pod_spec_security_context;
use crate::apiserver::resource_claim::{gather_pod_resource_claim_names, validate_pod_resource_claims};
use crate::apiserver::scheduling::{
    validate_preemption_policy, validate_readiness_gates, validate_scheduling_gates,
    validate_scheduling_group,
};
use crate::apiserver::toleration::validate_tolerations;
use crate::apiserver::topology_spread::validate_topology_spread_constraints;
use crate::apiserver::volume::validate_volumes;
use crate::apiserver::windows_options::validate_windows_host_process_pod;
use crate::gates::Change;
use crate::path::Path;

/// Checks a pod spec. `imagePullSecrets` have only names, which the server does not check.
///
/// Upstream: `core/validation.ValidatePodSpec`, `core/validation.validateImagePullSecrets`.
pub(crate) fn validate_pod_spec(
    spec: &PodSpec,
    pod_meta: Option<&ObjectMeta>,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    validate_workload(spec, pod_meta, path, cx, errors);
    validate_isolation_and_scheduling(spec, path, cx, errors);
    validate_names_and_limits(spec, path, cx, errors);
    validate_os(spec, path, cx, errors);
    if let Some(group) = &spec.scheduling_group {
        let path = path.field("schedulingGroup");
        validate_scheduling_group(group, &path, errors);
        if spec.eviction_responders.as_ref().is_some_and(|responders| !responders.is_empty()) {
            errors.forbidden(&path, "may not be set when evictionResponders is set");
        }
    }
    validate_file_key_ref_volumes(spec, path, errors);
}

/// Checks volumes, resource claims, containers and pod-level resources.
fn validate_workload(
    spec: &PodSpec,
    pod_meta: Option<&ObjectMeta>,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    if spec.termination_grace_period_seconds.is_none() {
        errors.required(&path.field("terminationGracePeriodSeconds"), "");
    }
    let volumes = spec.volumes.as_deref().unwrap_or_default();
    let volumes = validate_volumes(volumes, pod_meta, &path.field("volumes"), cx, errors);
    let claims = spec.resource_claims.as_deref().unwrap_or_default();
    let claim_names = gather_pod_resource_claim_names(claims);
    validate_pod_resource_claims(claims, pod_meta, &path.field("resourceClaims"), errors);
    let pod = PodContext {
        pod_os: spec.os.as_ref(),
        volumes: &volumes,
        pod_claim_names: &claim_names,
        grace_period: spec.termination_grace_period_seconds.unwrap_or_default(),
        pod_restart_policy: spec.restart_policy.as_deref().unwrap_or_default(),
        host_users: spec.host_users != Some(false),
    };
    validate_containers(spec, &pod, &path.field("containers"), cx, errors);
    validate_init_containers(spec, &pod, &path.field("initContainers"), cx, errors);
    validate_ephemeral_containers(spec, &pod, &path.field("ephemeralContainers"), cx, errors);
    if cx.options.pod_level_resources_enabled {
        validate_pod_resources(spec, &claim_names, path, cx, errors);
    }
}

/// Checks host namespaces, DNS, the security context, and everything about scheduling.
fn validate_isolation_and_scheduling(spec: &PodSpec, path: &Path<'_>, cx: &Context<'_>, errors: &mut Errors) {
    let dns_policy = spec.dns_policy.as_deref().unwrap_or_default();
    let security_context = spec.security_context.as_ref();
    validate_pod_host_network_deps(spec, path, cx, errors);
    let restart_policy = spec.restart_policy.as_deref().unwrap_or_default();
    validate_restart_policy(restart_policy, &path.field("restartPolicy"), errors);
    validate_dns_policy(dns_policy, &path.field("dnsPolicy"), errors);
    validate_labels(spec.node_selector.as_ref(), &path.field("nodeSelector"), errors);
    validate_pod_spec_security_context(security_context, spec, &path.field("securityContext"), cx, errors);
    if cx.has(Change::HostFieldsOutsideSecurityContext) {
        validate_share_process_namespace(spec, path, errors);
    }
    validate_affinity(spec.affinity.as_ref(), &path.field("affinity"), cx, errors);
    validate_pod_dns_config(spec.dns_config.as_ref(), dns_policy, &path.field("dnsConfig"), cx, errors);
    let readiness_gates = spec.readiness_gates.as_deref().unwrap_or_default();
    validate_readiness_gates(readiness_gates, &path.field("readinessGates"), errors);
    let scheduling_gates = spec.scheduling_gates.as_deref().unwrap_or_default();
    validate_scheduling_gates(scheduling_gates, &path.field("schedulingGates"), errors);
    let constraints = spec.topology_spread_constraints.as_deref().unwrap_or_default();
    validate_topology_spread_constraints(constraints, &path.field("topologySpreadConstraints"), cx, errors);
    validate_windows_host_process_pod(spec, path, errors);
    validate_host_users(spec, path, cx, errors);
    validate_pod_host_name(spec, path, errors);
}

/// Checks names, tolerations, host aliases and numbers.
///
/// Upstream: `core/validation.ValidateServiceAccountName`, `core/validation.ValidateNodeName`,
/// `core/validation.ValidatePriorityClassName`, `core/validation.ValidateRuntimeClassName`.
fn validate_names_and_limits(spec: &PodSpec, path: &Path<'_>, cx: &Context<'_>, errors: &mut Errors) {
    if let Some(name) = non_empty(spec.service_account_name.as_deref()) {
        let messages = validate_service_account_name(name, false);
        report(messages, name, &path.field("serviceAccountName"), errors);
    }
    if let Some(name) = non_empty(spec.node_name.as_deref()) {
        report(name_is_dns_subdomain(name, false), name, &path.field("nodeName"), errors);
    }
    if let Some(seconds) = spec.active_deadline_seconds {
        let most = i64::from(i32::MAX);
        if !(1..=most).contains(&seconds) {
            errors.invalid(&path.field("activeDeadlineSeconds"), seconds, inclusive_range_error(1, most));
        }
    }
    if let Some(name) = non_empty(spec.hostname.as_deref()) {
        report(is_dns1123_label(name), name, &path.field("hostname"), errors);
    }
    if let Some(name) = non_empty(spec.subdomain.as_deref()) {
        report(is_dns1123_label(name), name, &path.field("subdomain"), errors);
    }
    let tolerations = spec.tolerations.as_deref().unwrap_or_default();
    validate_tolerations(tolerations, &path.field("tolerations"), cx, errors);
    let host_aliases = spec.host_aliases.as_deref().unwrap_or_default();
    validate_host_aliases(host_aliases, &path.field("hostAliases"), cx, errors);
    if let Some(name) = non_empty(spec.priority_class_name.as_deref()) {
        report(name_is_dns_subdomain(name, false), name, &path.field("priorityClassName"), errors);
    }
    // An empty runtime class name counts as set.
    if let Some(name) = spec.runtime_class_name.as_deref() {
        report(name_is_dns_subdomain(name, false), name, &path.field("runtimeClassName"), errors);
    }
    if let Some(policy) = spec.preemption_policy.as_deref() {
        validate_preemption_policy(policy, &path.field("preemptionPolicy"), errors);
    }
    if let Some(overhead) = &spec.overhead {
        validate_overhead(overhead, &path.field("overhead"), cx, errors);
    }
}

/// The text, if it is not empty. The server does not distinguish empty from absent here.
fn non_empty(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// `restartPolicy` is one of three values.
///
/// Upstream: `core/validation.validateRestartPolicy`.
fn validate_restart_policy(policy: &str, path: &Path<'_>, errors: &mut Errors) {
    match policy {
        "Always" | "OnFailure" | "Never" => {}
        "" => errors.required(path, ""),
        _ => errors.not_supported(path, policy, &["Always", "OnFailure", "Never"]),
    }
}
