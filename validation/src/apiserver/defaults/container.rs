//! Defaults of containers.

use k8s_openapi::api::core::v1::{
    Container, ContainerPort, EnvVar, EphemeralContainer, Lifecycle, LifecycleHandler, Probe,
};

use super::fill::{absent_or, text_or};
use super::image_name::is_latest;
use super::probe::{set_http_get_action, set_probe};
use super::resource_list;

/// Sets the defaults of a regular or init container.
///
/// Upstream: `core/v1.SetDefaults_Container`.
pub(super) fn set_container(container: &mut Container) {
    set_image_pull_policy(&mut container.image_pull_policy, container.image.as_deref());
    set_termination_message(
        &mut container.termination_message_path,
        &mut container.termination_message_policy,
    );
    set_ports(container.ports.as_mut());
    set_env(container.env.as_mut());
    if let Some(resources) = &mut container.resources {
        resource_list::set_resource_requirements(resources);
    }
    set_probes([
        container.liveness_probe.as_mut(),
        container.readiness_probe.as_mut(),
        container.startup_probe.as_mut(),
    ]);
    set_lifecycle(container.lifecycle.as_mut());
}

/// Sets the defaults of an ephemeral container, which are the same.
///
/// Upstream: `core/v1.SetDefaults_EphemeralContainer`.
pub(super) fn set_ephemeral_container(container: &mut EphemeralContainer) {
    set_image_pull_policy(&mut container.image_pull_policy, container.image.as_deref());
    set_termination_message(
        &mut container.termination_message_path,
        &mut container.termination_message_policy,
    );
    set_ports(container.ports.as_mut());
    set_env(container.env.as_mut());
    if let Some(resources) = &mut container.resources {
        resource_list::set_resource_requirements(resources);
    }
    set_probes([
        container.liveness_probe.as_mut(),
        container.readiness_probe.as_mut(),
        container.startup_probe.as_mut(),
    ]);
    set_lifecycle(container.lifecycle.as_mut());
}

/// The pull policy is `Always` for the tag `latest` (given or implied), otherwise `IfNotPresent`.
pub(super) fn set_image_pull_policy(policy: &mut Option<String>, image: Option<&str>) {
    if policy.as_deref().is_none_or(str::is_empty) {
        let default = if is_latest(image.unwrap_or_default()) { "Always" } else { "IfNotPresent" };
        *policy = Some(default.to_owned());
    }
}

fn set_termination_message(path: &mut Option<String>, policy: &mut Option<String>) {
    text_or(path, "/dev/termination-log");
    text_or(policy, "File");
}

fn set_ports(ports: Option<&mut Vec<ContainerPort>>) {
    for port in ports.into_iter().flatten() {
        text_or(&mut port.protocol, "TCP");
    }
}

/// Upstream: `core/v1.SetDefaults_ObjectFieldSelector`.
fn set_env(variables: Option<&mut Vec<EnvVar>>) {
    for source in variables.into_iter().flatten().filter_map(|variable| variable.value_from.as_mut()) {
        if let Some(field) = &mut source.field_ref {
            text_or(&mut field.api_version, "v1");
        }
        if let Some(key) = &mut source.file_key_ref {
            key.optional.get_or_insert(false);
        }
    }
}

fn set_probes(probes: [Option<&mut Probe>; 3]) {
    for probe in probes.into_iter().flatten() {
        set_probe(probe);
        if let Some(action) = &mut probe.http_get {
            set_http_get_action(action);
        }
        if let Some(action) = &mut probe.grpc {
            absent_or(&mut action.service, "");
        }
    }
}

fn set_lifecycle(lifecycle: Option<&mut Lifecycle>) {
    let Some(lifecycle) = lifecycle else { return };
    for LifecycleHandler { http_get, .. } in
        [&mut lifecycle.post_start, &mut lifecycle.pre_stop].into_iter().flatten()
    {
        if let Some(action) = http_get {
            set_http_get_action(action);
        }
    }
}
