//! The part that both checks of seccomp profiles have.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::SeccompProfile;

use super::subject::{Part, Subject};
use super::words::{join_quoted, setters};

/// What sets a seccomp profile of a type that turns seccomp off.
#[derive(Debug)]
pub(super) struct ForbiddenTypes<'s> {
    /// Whether the pod does.
    pub(super) of_pod: bool,
    /// The containers that do.
    pub(super) parts: Vec<Part<'s>>,
    types: BTreeSet<&'s str>,
}

impl ForbiddenTypes<'_> {
    /// What the server says of it; `None` where nothing does.
    pub(super) fn detail(&self) -> Option<String> {
        let names: Vec<&str> = self.parts.iter().map(|part| part.name).collect();
        (self.of_pod || !names.is_empty()).then(|| {
            format!(
                "{} must not set securityContext.seccompProfile.type to {}",
                setters(self.of_pod, &names),
                join_quoted(self.types.iter().copied())
            )
        })
    }
}

/// The type of a profile, if it turns seccomp off.
fn forbidden_type(profile: Option<&SeccompProfile>) -> Option<&str> {
    profile
        .map(|profile| profile.type_.as_str())
        .filter(|name| !matches!(*name, "RuntimeDefault" | "Localhost"))
}

/// What sets a profile of a forbidden type.
pub(super) fn forbidden_types(pod: Subject<'_>) -> ForbiddenTypes<'_> {
    let of_pod = pod.security().and_then(|security| forbidden_type(security.seccomp_profile.as_ref()));
    let mut found =
        ForbiddenTypes { of_pod: of_pod.is_some(), parts: Vec::new(), types: of_pod.into_iter().collect() };
    for part in pod.containers() {
        let profile = part.security.and_then(|security| security.seccomp_profile.as_ref());
        if let Some(name) = forbidden_type(profile) {
            found.parts.push(part);
            found.types.insert(name);
        }
    }
    found
}
