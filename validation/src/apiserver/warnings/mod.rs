//! What the server only warns about: one file a family of warnings, in the server's order.
//!
//! Upstream's walk over a map is in no order; ours is in the order of the keys.

mod affinity;
mod annotations;
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

/// What the server has to say of a pod template that it accepts. Upstream is shown the stored template too and does not look at it:
/// an update that leaves the template alone is never asked for its warnings.
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

    node_labels::warn_of_node_labels(spec, &spec_path, &mut warnings);
    annotations::warn_of_deprecated_annotations(meta, path, &mut warnings);
    volumes::warn_of_volumes(spec, &spec_path, cx, &mut warnings);
    virtual_paths::warn_of_overlaps(spec, &spec_path, &mut warnings);
    duplicates::warn_of_duplicates(spec, &spec_path, &mut warnings);
    for resource in ["memory", "ephemeral-storage"] {
        let overhead = spec_path.field("overhead");
        fraction::warn_of_fraction(spec.overhead.as_ref(), resource, &overhead, &mut warnings);
    }
    annotations::warn_of_pod_seccomp(spec, meta, path, &mut warnings);
    containers::warn_of_containers(spec, meta, path, &mut warnings);
    ports::warn_of_ports(spec, &spec_path, &mut warnings);
    port_names::warn_of_port_names(spec, &spec_path, &mut warnings);
    if spec.termination_grace_period_seconds.is_some_and(|seconds| seconds < 0) {
        let seconds = spec_path.field("terminationGracePeriodSeconds");
        let message = format_args!("must be >= 0; negative values are invalid and will be treated as 1");
        warnings.push(&seconds, message);
    }
    affinity::warn_of_null_selectors(spec, &spec_path, &mut warnings);

    let nameservers_path = spec_path.field("dnsConfig.nameservers");
    let nameservers = spec.dns_config.iter().flat_map(|config| &config.nameservers).flatten();
    for (index, address) in nameservers.enumerate() {
        warn_of_ip(address, &nameservers_path.index(index), cx, &mut warnings);
    }
    let aliases_path = spec_path.field("hostAliases");
    for (index, alias) in spec.host_aliases.iter().flatten().enumerate() {
        warn_of_ip(&alias.ip, &aliases_path.index(index).field("ip"), cx, &mut warnings);
    }
    warnings.into_vec()
}

fn warn_of_ip(address: &str, path: &Path<'_>, cx: &Context<'_>, warnings: &mut Warnings) {
    let invalid_already = cx.has(Change::NonStandardIpIsInvalid);
    if let Some(text) = content::get_warnings_for_ip(path, address, invalid_already) {
        warnings.push_unplaced(path, text);
    }
}
