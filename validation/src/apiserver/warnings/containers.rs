//! Warnings about containers.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{EnvVar, PodSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::list::Warnings;
use super::{annotations, fraction};
use crate::apiserver::container_visit::containers;
use crate::apiserver::content::quote;
use crate::path::Path;

/// Warns about annotations, amounts and environment variables of each container.
pub(super) fn warn_about_containers(
    spec: &PodSpec,
    meta: &ObjectMeta,
    template: &Path<'_>,
    warnings: &mut Warnings,
) {
    let pod_profile = spec.security_context.as_ref().and_then(|context| context.app_armor_profile.as_ref());
    let spec_path = template.field("spec");
    for container in containers(spec) {
        if let Some(annotations) = &meta.annotations {
            annotations::warn_about_container_profiles(
                &container,
                pod_profile,
                annotations,
                template,
                warnings,
            );
        }
        let list = spec_path.field(container.list);
        let path = list.index(container.index);
        if let Some(resources) = container.resources {
            let (limits, requests) = (path.field("resources.limits"), path.field("resources.requests"));
            for resource in ["memory", "ephemeral-storage"] {
                fraction::warn_about_fraction(resources.limits.as_ref(), resource, &limits, warnings);
                fraction::warn_about_fraction(resources.requests.as_ref(), resource, &requests, warnings);
            }
        }
        warn_about_replaced_variables(container.env, &path.field("env"), warnings);
    }
}

/// Warns about variables that are defined more than once, unless the later one refers to the earlier value.
fn warn_about_replaced_variables(variables: &[EnvVar], path: &Path<'_>, warnings: &mut Warnings) {
    if variables.len() < 2 {
        return;
    }
    let mut seen = BTreeSet::new();
    for (index, variable) in variables.iter().enumerate() {
        if !seen.insert(variable.name.as_str()) && replaces_earlier_value(variable) {
            let name = quote(&variable.name);
            let message =
                format_args!("hides previous definition of {name}, which may be dropped when using apply");
            warnings.push(&path.index(index), message);
        }
    }
}

/// Whether the variable replaces the earlier value of the same name. A value with `$(NAME)` extends it.
fn replaces_earlier_value(variable: &EnvVar) -> bool {
    let value = variable.value.as_deref().unwrap_or_default();
    let reference = format!("$({})", variable.name);
    variable.value_from.is_some() || value == reference || !value.contains(&reference)
}
