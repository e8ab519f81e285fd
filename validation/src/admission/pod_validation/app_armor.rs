//! AppArmor profiles from annotations.

use std::collections::BTreeMap;
use std::ops::Bound;

use k8s_openapi::api::core::v1::{AppArmorProfile, PodSpec, SecurityContext};

use crate::apiserver::for_pods::{
    APP_ARMOR_CONTAINER_PREFIX, Errors, app_armor_field_for_annotation, validate_app_armor_profile_field,
};
use crate::path::Path;

/// A container with an annotation and no field gets the field, unless it says what the pod's field says.
///
/// Upstream: `registry/core/pod.applyAppArmorVersionSkew`.
pub(super) fn fields_from_annotations(spec: &mut PodSpec, annotations: &BTreeMap<String, String>) {
    let from = (Bound::Included(APP_ARMOR_CONTAINER_PREFIX), Bound::Unbounded);
    let first = annotations.range::<str, _>(from).next();
    if first.is_none_or(|(key, _)| !key.starts_with(APP_ARMOR_CONTAINER_PREFIX))
        || spec.os.as_ref().is_some_and(|os| os.name == "windows")
    {
        return;
    }
    let of_pod = spec.security_context.as_ref().and_then(|context| context.app_armor_profile.clone());
    let set = |name: &str, context: &mut Option<SecurityContext>| {
        if context.as_ref().is_some_and(|context| context.app_armor_profile.is_some()) {
            return;
        }
        let annotation = annotations.get(&format!("{APP_ARMOR_CONTAINER_PREFIX}{name}"));
        let profile = annotation.and_then(|value| app_armor_field_for_annotation(value)).filter(is_valid);
        if profile.is_some() && profile != of_pod {
            context.get_or_insert_default().app_armor_profile = profile;
        }
    };
    for container in spec.containers.iter_mut().chain(spec.init_containers.iter_mut().flatten()) {
        set(&container.name, &mut container.security_context);
    }
    for container in spec.ephemeral_containers.iter_mut().flatten() {
        set(&container.name, &mut container.security_context);
    }
}

fn is_valid(profile: &AppArmorProfile) -> bool {
    let mut errors = Errors::new();
    validate_app_armor_profile_field(Some(profile), &Path::root("appArmorProfile"), &mut errors);
    errors.is_empty()
}
