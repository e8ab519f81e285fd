//! Seccomp and AppArmor profiles.

use k8s_openapi::api::core::v1::{AppArmorProfile, SeccompProfile};

use crate::apiserver::content::{local_descending_path, report};
use crate::apiserver::error::{BadValue, Errors};
use crate::path::Path;

const TYPES: [&str; 3] = ["Localhost", "RuntimeDefault", "Unconfined"];

/// The maximum length of a profile path in bytes: Linux' limit without the final NUL.
const LOCALHOST_PROFILE_MAX_LENGTH: usize = 4095;

/// The type is one of three values. `localhostProfile` is required for `Localhost`, and forbidden otherwise.
///
/// Upstream: `core/validation.validateSeccompProfileField`, `core/validation.validateSeccompProfileType`.
pub(super) fn validate_seccomp_profile_field(
    profile: Option<&SeccompProfile>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let Some(profile) = profile else { return };
    match profile.type_.as_str() {
        "" => errors.required(&path.field("type"), "type is required when seccompProfile is set"),
        kind if TYPES.contains(&kind) => {}
        kind => errors.not_supported(&path.field("type"), kind, &TYPES),
    }
    let localhost = path.field("localhostProfile");
    match (profile.type_.as_str(), profile.localhost_profile.as_deref()) {
        ("Localhost", None) => errors.required(&localhost, "must be set when seccomp type is Localhost"),
        ("Localhost", Some(file)) => report(local_descending_path(file), file, &localhost, errors),
        (_, Some(_)) => {
            errors.invalid(&localhost, BadValue::Omitted, "can only be set when seccomp type is Localhost");
        }
        (_, None) => {}
    }
}

/// The type is one of three values. `localhostProfile` is required for `Localhost`, and forbidden otherwise.
///
/// Upstream: `core/validation.ValidateAppArmorProfileField`.
pub(crate) fn validate_app_armor_profile_field(
    profile: Option<&AppArmorProfile>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let Some(profile) = profile else { return };
    let localhost = path.field("localhostProfile");
    match profile.type_.as_str() {
        "Localhost" => validate_localhost_profile(profile.localhost_profile.as_deref(), &localhost, errors),
        "RuntimeDefault" | "Unconfined" => {
            if let Some(name) = profile.localhost_profile.as_deref() {
                errors.invalid(&localhost, name, "can only be set when AppArmor type is Localhost");
            }
        }
        "" => errors.required(&path.field("type"), "type is required when appArmorProfile is set"),
        kind => errors.not_supported(&path.field("type"), kind, &TYPES),
    }
}

fn validate_localhost_profile(name: Option<&str>, path: &Path<'_>, errors: &mut Errors) {
    const MISSING: &str = "must be set when AppArmor type is Localhost";
    let Some(name) = name else {
        errors.required(path, MISSING);
        return;
    };
    if name.trim() != name {
        errors.invalid(path, name, "must not be padded with whitespace");
    } else if name.is_empty() {
        errors.required(path, MISSING);
    }
    if name.len() > LOCALHOST_PROFILE_MAX_LENGTH {
        errors.too_long(path, LOCALHOST_PROFILE_MAX_LENGTH);
    }
}
