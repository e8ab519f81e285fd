//! Seccomp is not turned off: by annotations at first, by fields since there are some.
//!
//! Upstream: `pod-security-admission/policy.CheckSeccompBaseline`.

use std::collections::BTreeMap;

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::seccomp::forbidden_types;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};
use crate::admission::pod_security::words::plural;
use crate::content::quote;

const POD_ANNOTATION: &str = "seccomp.security.alpha.kubernetes.io/pod";
const CONTAINER_ANNOTATION: &str = "container.seccomp.security.alpha.kubernetes.io/";

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::SeccompProfileBaseline,
    level: PodSecurityLevel::Baseline,
    versions: &[
        CheckVersion { since: 0, run: since_0, overrides: None },
        CheckVersion { since: 19, run: since_19, overrides: None },
    ],
};

fn is_allowed_annotation(value: &str) -> bool {
    value == "runtime/default" || value == "docker/default" || value.starts_with("localhost/")
}

fn since_0(pod: Subject<'_>) -> Option<Forbidden> {
    let annotations = pod.annotations.filter(|annotations| !annotations.is_empty())?;
    let of_containers = pod.containers().map(|part| format!("{CONTAINER_ANNOTATION}{}", part.name));
    // By what the server prints, each once.
    let mut forbidden = BTreeMap::new();
    for key in std::iter::once(POD_ANNOTATION.to_owned()).chain(of_containers) {
        if let Some(value) = annotations.get(&key).filter(|value| !is_allowed_annotation(value)) {
            forbidden.insert(format!("{key}={}", quote(value)), key);
        }
    }
    if forbidden.is_empty() {
        return None;
    }
    let word = plural(forbidden.len(), "annotation", "annotations");
    let texts: Vec<&str> = forbidden.keys().map(String::as_str).collect();
    Some(Forbidden {
        reason: "seccompProfile",
        detail: format!("forbidden {word} {}", texts.join(", ")),
        changes: forbidden
            .values()
            .map(|key| change(Subject::annotation_path(key), Wanted::Absent))
            .collect(),
    })
}

fn since_19(pod: Subject<'_>) -> Option<Forbidden> {
    let found = forbidden_types(pod);
    let detail = found.detail()?;
    let mut changes = Vec::new();
    if found.of_pod {
        changes
            .push(change(Subject::path().field("securityContext").field("seccompProfile"), Wanted::Absent));
    }
    changes.extend(
        found.parts.iter().map(|part| change(part.security_path().field("seccompProfile"), Wanted::Absent)),
    );
    Some(Forbidden { reason: "seccompProfile", detail, changes })
}
