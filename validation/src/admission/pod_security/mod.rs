//! The Pod Security Standards, by the labels of a namespace.
//!
//! Upstream: `plugin/pkg/admission/security/podsecurity.Plugin` and the module `k8s.io/pod-security-admission`.

mod added_capabilities;
mod check;
mod check_id;
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

pub use check_id::PodSecurityCheck;
pub(super) use checks::is_safe_sysctl;
pub use level::PodSecurityLevel;
pub use version::PodSecurityVersion;
pub use violation::{FieldChange, PodSecurityRefusal, PodSecurityViolation, PodSecurityWarning, Wanted};

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
    if surroundings.pod_security.exempts_controller {
        return None;
    }
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
) -> Option<PodSecurityWarning> {
    let template = &daemon_set.spec.template;
    let spec = template.spec.as_ref()?;
    let at = policy(spec, surroundings)?.warn;
    let annotations = template.metadata.as_ref().and_then(|metadata| metadata.annotations.as_ref());
    let found = evaluate(at, Subject { annotations, spec }, server);
    (!found.is_empty()).then(|| PodSecurityWarning {
        level: at.level,
        version: at.version,
        sentence: format!("would violate PodSecurity \"{at}\": {}", sentence(&found)),
    })
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

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{Container, SecurityContext};

    use super::*;
    use crate::admission::surroundings::Namespace;

    fn on_the_host() -> PodSpec {
        let security = SecurityContext { privileged: Some(true), ..SecurityContext::default() };
        let main =
            Container { name: "main".to_owned(), security_context: Some(security), ..Container::default() };
        PodSpec {
            host_network: Some(true),
            host_pid: Some(true),
            runtime_class_name: Some("kata".to_owned()),
            containers: vec![main],
            ..PodSpec::default()
        }
    }

    fn namespace(label: &str, level: &str) -> Namespace {
        let labels = [(format!("pod-security.kubernetes.io/{label}"), level.to_owned())];
        Namespace { name: "agents".into(), labels: labels.into(), ..Namespace::default() }
    }

    const SENTENCE: &str = "violate PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true, hostPID=true), privileged \
         (container \"main\" must not set securityContext.privileged=true)";

    #[test]
    fn what_is_enforced_is_warned_of_when_the_daemon_set_comes() {
        let mut daemon_set = DaemonSet::default();
        daemon_set.spec.template.spec = Some(on_the_host());
        let pod = Pod { spec: on_the_host(), ..Pod::default() };
        for (label, is_refused, is_warned_of) in
            [("enforce", true, true), ("warn", false, true), ("audit", false, false)]
        {
            let namespace = namespace(label, "baseline");
            let surroundings =
                Surroundings { namespace: Lookup::Found(&namespace), ..Surroundings::default() };
            let refusal = validate(&pod, &surroundings, &Server::newest());
            let refused = SENTENCE.replacen("violate", "violates", 1);
            let message = refusal.as_ref().map(|refusal| refusal.message.as_str());
            assert_eq!(message, is_refused.then_some(refused.as_str()), "{label}");
            let warning = pod_security_warning(&daemon_set, &surroundings, &Server::newest());
            assert_eq!(
                warning.map(|warning| warning.sentence),
                is_warned_of.then(|| format!("would {SENTENCE}")),
                "{label}"
            );
            let path = refusal.map(|refusal| refusal.path.to_string());
            assert_eq!(path.as_deref(), is_refused.then_some("spec.template.spec.hostNetwork"), "{label}");
        }
    }

    #[test]
    fn what_the_servers_administrator_exempts_is_not_looked_at() {
        let namespace = namespace("enforce", "baseline");
        let pod = Pod { spec: on_the_host(), ..Pod::default() };
        let mut surroundings =
            Surroundings { namespace: Lookup::Found(&namespace), ..Surroundings::default() };
        for (namespaces, classes, is_refused) in [
            (&["agents", "kube-system"][..], &[][..], false),
            (&[], &["kata"], false),
            (&["kata", ""], &["agents", ""], true),
        ] {
            let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            surroundings.pod_security.exempt_namespaces = owned(namespaces);
            surroundings.pod_security.exempt_runtime_classes = owned(classes);
            let refusal = validate(&pod, &surroundings, &Server::newest());
            assert_eq!(refusal.is_some(), is_refused, "{namespaces:?} {classes:?}");
        }
    }
}
