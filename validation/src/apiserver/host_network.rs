//! Host namespaces and the pod's hostname.

use k8s_openapi::api::core::v1::PodSpec;

use crate::apiserver::container_visit::visit_containers_with_path;
use crate::apiserver::content::{is_dns1123_subdomain, report};
use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::path::Path;

/// Upstream: the limit in `core/validation.validatePodHostName`.
const MAX_HOSTNAME_LENGTH: usize = 64;

/// With `hostNetwork: true`, a host port equals its container port. In a template it may be left out.
///
/// Upstream: `core/validation.validatePodHostNetworkDeps`.
pub(super) fn validate_pod_host_network_deps(
    spec: &PodSpec,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    if spec.host_network != Some(true) {
        return;
    }
    let containers = path.field("containers");
    for (index, container) in spec.containers.iter().enumerate() {
        let path = containers.index(index);
        let ports = path.field("ports");
        for (index, port) in container.ports.iter().flatten().enumerate() {
            let host_port = port.host_port.unwrap_or_default();
            if (cx.options.resource_is_pod || host_port != 0) && host_port != port.container_port {
                let path = ports.index(index);
                let detail = "must match `containerPort` when `hostNetwork` is true";
                errors.invalid(&path.field("hostPort"), host_port, detail);
            }
        }
    }
}

/// With `hostUsers: false`, a pod must not use other host namespaces, nor raw block devices where these are not allowed yet.
///
/// Upstream: `core/validation.validateHostUsers`.
pub(super) fn validate_host_users(spec: &PodSpec, path: &Path<'_>, cx: &Context<'_>, errors: &mut Errors) {
    const DETAIL: &str = "when `hostUsers` is false";
    if spec.host_users != Some(false) {
        return;
    }
    if !cx.options.allow_user_namespaces_host_network_support && spec.host_network == Some(true) {
        errors.forbidden(&path.field("hostNetwork"), DETAIL);
    }
    // The server prints these two names in Go's spelling.
    if spec.host_pid == Some(true) {
        errors.forbidden(&path.field("HostPID"), DETAIL);
    }
    if spec.host_ipc == Some(true) {
        errors.forbidden(&path.field("HostIPC"), DETAIL);
    }
    if !cx.options.allow_user_namespaces_with_volume_devices {
        visit_containers_with_path(spec, path, |container, path| {
            if !container.volume_devices.is_empty() {
                errors.forbidden(&path.field("volumeDevices"), DETAIL);
            }
        });
    }
}

/// `hostPID` and `shareProcessNamespace` exclude each other.
///
/// Upstream: `core/validation.validateShareProcessNamespace`.
pub(super) fn validate_share_process_namespace(spec: &PodSpec, path: &Path<'_>, errors: &mut Errors) {
    if spec.share_process_namespace == Some(true) && spec.host_pid == Some(true) {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        errors.invalid(&path.field("shareProcessNamespace"), true, detail);
    }
}

/// `hostnameOverride` is a DNS subdomain of at most 64 bytes, and excludes `hostNetwork` and `setHostnameAsFQDN`.
///
/// Upstream: `core/validation.validatePodHostName`.
pub(super) fn validate_pod_host_name(spec: &PodSpec, path: &Path<'_>, errors: &mut Errors) {
    let Some(name) = spec.hostname_override.as_deref() else { return };
    let path = path.field("hostnameOverride");
    if spec.set_hostname_as_fqdn == Some(true) {
        errors.forbidden(&path, "may not be specified when setHostnameAsFQDN is true");
    }
    if spec.host_network == Some(true) {
        errors.forbidden(&path, "may not be specified when hostNetwork is true");
    }
    if name.len() > MAX_HOSTNAME_LENGTH {
        errors.too_long(&path, MAX_HOSTNAME_LENGTH);
    }
    report(is_dns1123_subdomain(name), name, &path, errors);
}
