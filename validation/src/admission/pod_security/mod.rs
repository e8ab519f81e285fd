//! The Pod Security Standards, by the labels of a namespace.
//!
//! Upstream: `plugin/pkg/admission/security/podsecurity.Plugin` and the module `k8s.io/pod-security-admission`.

mod added_capabilities;
mod check;
mod checks;
mod evaluate;
mod level;
mod policy;
mod seccomp;
mod subject;
mod version;
mod violation;
mod words;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::PodSpec;

pub use check::PodSecurityCheck;
pub use level::PodSecurityLevel;
pub use version::PodSecurityVersion;
pub use violation::{FieldChange, PodSecurityRefusal, PodSecurityViolation, Wanted};

use super::plugin::Plugin;
use super::pod::Pod;
use super::refusal::{Detail, Refusal};
use super::surroundings::{Lookup, Surroundings};
use crate::server::Server;
use evaluate::{evaluate, sentence};
use policy::{LevelVersion, Policy};
use subject::Subject;

/// Whether the plugin refuses a pod; `None` as well where the namespace is not known or not there.
///
/// Upstream: `pod-security-admission/admission.Admission.ValidatePod`.
pub fn validate(pod: &Pod, surroundings: &Surroundings<'_>, server: &Server) -> Option<Refusal> {
    let at = policy(&pod.spec, surroundings)?.enforce;
    let subject = Subject { annotations: Some(&pod.annotations), spec: &pod.spec };
    let found = evaluate(at, subject, server);
    if found.is_empty() {
        return None;
    }
    let message = format!("violates PodSecurity \"{at}\": {}", sentence(&found));
    let takes = |level| evaluate(LevelVersion { level, ..at }, subject, server).is_empty();
    let is_for_baseline = at.level > PodSecurityLevel::Baseline && takes(PodSecurityLevel::Baseline);
    let violations: Vec<PodSecurityViolation> = found
        .into_iter()
        .map(|(check, forbidden)| PodSecurityViolation { check, changes: forbidden.changes })
        .collect();
    let first = violations.iter().flat_map(|violation| &violation.changes).next();
    Some(Refusal {
        plugin: Plugin::PodSecurity,
        message,
        path: first.map_or_else(Subject::path, |change| change.path.clone()),
        detail: Detail::PodSecurity(PodSecurityRefusal {
            level: at.level,
            version: at.version,
            sufficient: if is_for_baseline {
                PodSecurityLevel::Baseline
            } else {
                PodSecurityLevel::Privileged
            },
            violations,
        }),
    })
}

/// The warning that the server gives with a DaemonSet which it stores, without a prefix. What the namespace enforces is no reason to
/// refuse the DaemonSet, but is warned of as well, unless the namespace says itself what to warn of.
///
/// Upstream: `pod-security-admission/admission.Admission.ValidatePodController`.
pub fn pod_security_warning(
    daemon_set: &DaemonSet,
    surroundings: &Surroundings<'_>,
    server: &Server,
) -> Option<String> {
    let template = &daemon_set.spec.template;
    let spec = template.spec.as_ref()?;
    let at = policy(spec, surroundings)?.warn;
    let annotations = template.metadata.as_ref().and_then(|metadata| metadata.annotations.as_ref());
    let found = evaluate(at, Subject { annotations, spec }, server);
    (!found.is_empty()).then(|| format!("would violate PodSecurity \"{at}\": {}", sentence(&found)))
}

/// What is asked of such a pod; `None` where it is exempt or nothing is known.
///
/// Upstream: `exemptNamespace`, `exemptRuntimeClass` and `PolicyToEvaluate` of `pod-security-admission/admission.Admission`.
fn policy(spec: &PodSpec, surroundings: &Surroundings<'_>) -> Option<Policy> {
    let Lookup::Found(found) = surroundings.namespace else { return None };
    let server = &surroundings.pod_security;
    let among = |exempt: &[String], name: &str| !name.is_empty() && exempt.iter().any(|other| other == name);
    let class = spec.runtime_class_name.as_deref().unwrap_or_default();
    if among(&server.exempt_namespaces, &found.name) || among(&server.exempt_runtime_classes, class) {
        return None;
    }
    Some(Policy::of_namespace(&found.labels, Policy::of_defaults(&server.labels)))
}
