//! AppArmor profiles, in fields and in the older annotations, are the default one or one of the node's.
//!
//! Upstream: `pod-security-admission/policy.CheckAppArmorProfile`.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::AppArmorProfile;

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};
use crate::admission::pod_security::words::{containers, join_quoted, plural};
use crate::content::quote;

const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::AppArmorProfile,
    level: PodSecurityLevel::Baseline,
    versions: &[CheckVersion { since: 0, run: since_0, overrides: None }],
};

/// The type of a profile, if it is forbidden.
fn forbidden_type(profile: Option<&AppArmorProfile>) -> Option<&str> {
    profile
        .map(|profile| profile.type_.as_str())
        .filter(|name| !matches!(*name, "RuntimeDefault" | "Localhost"))
}

fn is_allowed_annotation(value: &str) -> bool {
    value.is_empty() || value == "runtime/default" || value.starts_with("localhost/")
}

fn since_0(pod: Subject<'_>) -> Option<Forbidden> {
    let (mut setters, mut names, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    let mut types = BTreeSet::new();
    let of_pod = pod.security().and_then(|security| forbidden_type(security.app_armor_profile.as_ref()));
    if let Some(name) = of_pod {
        setters.push("pod".to_owned());
        types.insert(name);
        changes
            .push(change(Subject::path().field("securityContext").field("appArmorProfile"), Wanted::Absent));
    }
    for part in pod.containers() {
        let profile = part.security.and_then(|security| security.app_armor_profile.as_ref());
        if let Some(name) = forbidden_type(profile) {
            names.push(part.name);
            types.insert(name);
            changes.push(change(part.security_path().field("appArmorProfile"), Wanted::Absent));
        }
    }
    if !names.is_empty() {
        setters.push(containers(&names));
    }
    let mut annotations = Vec::new();
    for (key, value) in pod.annotations.into_iter().flatten() {
        if key.starts_with(ANNOTATION) && !is_allowed_annotation(value) {
            annotations.push(format!("{key}={}", quote(value)));
            changes.push(change(Subject::annotation_path(key), Wanted::Absent));
        }
    }
    if !annotations.is_empty() {
        // A key that begins another one may stand behind it once the values follow.
        annotations.sort();
        setters.push(plural(annotations.len(), "annotation", "annotations").to_owned());
    }
    if setters.is_empty() {
        return None;
    }
    let values = types.iter().copied().chain(annotations.iter().map(String::as_str));
    let count = types.len().saturating_add(annotations.len());
    Some(Forbidden {
        reason: plural(count, "forbidden AppArmor profile", "forbidden AppArmor profiles"),
        detail: format!(
            "{} must not set AppArmor profile type to {}",
            setters.join(" and "),
            join_quoted(values)
        ),
        changes,
    })
}
