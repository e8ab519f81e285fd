//! The SELinux type is one for containers; user and role are not set.
//!
//! Upstream: `pod-security-admission/policy.CheckSELinuxOptions`.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::SELinuxOptions;

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{FieldChange, Forbidden, Wanted, change};
use crate::admission::pod_security::words::{join_quoted, plural, setters};
use crate::path::FieldPath;

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::SeLinuxOptions,
    level: PodSecurityLevel::Baseline,
    versions: &[
        CheckVersion { since: 0, run: since_0, overrides: None },
        CheckVersion { since: 31, run: since_31, overrides: None },
    ],
};

fn since_0(pod: Subject<'_>) -> Option<Forbidden> {
    with_types(&["", "container_t", "container_init_t", "container_kvm_t"], pod)
}

fn since_31(pod: Subject<'_>) -> Option<Forbidden> {
    with_types(&["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"], pod)
}

/// What is found in all options of a pod.
#[derive(Default)]
struct Found<'s> {
    types: BTreeSet<&'s str>,
    user: bool,
    role: bool,
    changes: Vec<FieldChange>,
}

impl<'s> Found<'s> {
    /// Reads options, which are at this place; whether they are forbidden.
    fn read(
        &mut self,
        allowed: &[&str],
        options: Option<&'s SELinuxOptions>,
        path: impl Fn() -> FieldPath,
    ) -> bool {
        let Some(options) = options else { return false };
        let before = self.changes.len();
        let kind = options.type_.as_deref().unwrap_or_default();
        if !allowed.contains(&kind) {
            self.types.insert(kind);
            self.remove(path().field("seLinuxOptions").field("type"));
        }
        if options.user.as_deref().is_some_and(|user| !user.is_empty()) {
            self.user = true;
            self.remove(path().field("seLinuxOptions").field("user"));
        }
        if options.role.as_deref().is_some_and(|role| !role.is_empty()) {
            self.role = true;
            self.remove(path().field("seLinuxOptions").field("role"));
        }
        self.changes.len() > before
    }

    fn remove(&mut self, path: FieldPath) {
        self.changes.push(change(path, Wanted::Absent));
    }
}

fn with_types(allowed: &[&str], pod: Subject<'_>) -> Option<Forbidden> {
    let (mut found, mut names) = (Found::default(), Vec::new());
    let of_pod = pod.security().and_then(|security| security.se_linux_options.as_ref());
    let of_pod = found.read(allowed, of_pod, || Subject::path().field("securityContext"));
    for part in pod.containers() {
        let options = part.security.and_then(|security| security.se_linux_options.as_ref());
        if found.read(allowed, options, || part.security_path()) {
            names.push(part.name);
        }
    }
    if found.changes.is_empty() {
        return None;
    }
    let mut data = Vec::new();
    if !found.types.is_empty() {
        let word = plural(found.types.len(), "type", "types");
        data.push(format!("{word} {}", join_quoted(found.types)));
    }
    if found.user {
        data.push("user may not be set".to_owned());
    }
    if found.role {
        data.push("role may not be set".to_owned());
    }
    Some(Forbidden {
        reason: "seLinuxOptions",
        detail: format!(
            "{} set forbidden securityContext.seLinuxOptions: {}",
            setters(of_pod, &names),
            data.join("; ")
        ),
        changes: found.changes,
    })
}
