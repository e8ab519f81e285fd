//! The server's warnings, in its order. Each file has a group of related warnings.
//!
//! Upstream iterates over maps in random order; we iterate in the order of the keys.

mod affinity;
pub(super) mod annotations;
mod containers;
mod duplicates;
mod fraction;
mod list;
mod node_labels;
mod port_names;
mod ports;
mod virtual_paths;
mod volumes;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::apiserver::content;
use crate::apiserver::context::Context;
use crate::gates::Change;
use crate::path::Path;
use list::Warnings;

pub use list::Warning;

/// Returns the server's warnings about a valid pod template. Upstream also gets the stored template but ignores it, and does not
/// ask for warnings if an update leaves the template unchanged.
///
/// Upstream: `api/pod.GetWarningsForPodTemplate`, `api/pod.warningsForPodSpecAndMeta`.
pub(super) fn warnings_for_pod_template(
    template: &PodTemplateSpec,
    path: &Path<'_>,
    cx: &Context<'_>,
) -> Vec<Warning> {
    let Some(spec) = &template.spec else { return Vec::new() };
    let mut warnings = Warnings::default();
    let no_meta = ObjectMeta::default();
    let meta = template.metadata.as_ref().unwrap_or(&no_meta);
    let spec_path = path.field("spec");

    node_labels::warn_about_node_labels(spec, &spec_path, &mut warnings);
    annotations::warn_about_deprecated_annotations(meta, path, &mut warnings);
    volumes::warn_about_volumes(spec, &spec_path, cx, &mut warnings);
    virtual_paths::warn_about_overlaps(spec, &spec_path, &mut warnings);
    duplicates::warn_about_duplicates(spec, &spec_path, &mut warnings);
    for resource in ["memory", "ephemeral-storage"] {
        let overhead = spec_path.field("overhead");
        fraction::warn_about_fraction(spec.overhead.as_ref(), resource, &overhead, &mut warnings);
    }
    annotations::warn_about_pod_seccomp(spec, meta, path, &mut warnings);
    containers::warn_about_containers(spec, meta, path, &mut warnings);
    ports::warn_about_ports(spec, &spec_path, &mut warnings);
    port_names::warn_about_port_names(spec, &spec_path, &mut warnings);
    if spec.termination_grace_period_seconds.is_some_and(|seconds| seconds < 0) {
        let seconds = spec_path.field("terminationGracePeriodSeconds");
        let message = format_args!("must be >= 0; negative values are invalid and will be treated as 1");
        warnings.push(&seconds, message);
    }
    affinity::warn_about_null_selectors(spec, &spec_path, &mut warnings);

    let nameservers_path = spec_path.field("dnsConfig.nameservers");
    let nameservers = spec.dns_config.iter().flat_map(|config| &config.nameservers).flatten();
    for (index, address) in nameservers.enumerate() {
        warn_about_ip(address, &nameservers_path.index(index), cx, &mut warnings);
    }
    let aliases_path = spec_path.field("hostAliases");
    for (index, alias) in spec.host_aliases.iter().flatten().enumerate() {
        warn_about_ip(&alias.ip, &aliases_path.index(index).field("ip"), cx, &mut warnings);
    }
    warnings.into_vec()
}

fn warn_about_ip(address: &str, path: &Path<'_>, cx: &Context<'_>, warnings: &mut Warnings) {
    let invalid_already = cx.has(Change::NonStandardIpIsInvalid);
    if let Some(text) = content::get_warnings_for_ip(path, address, invalid_already) {
        warnings.push_unplaced(path, text);
    }
}
