//! What the API server says when a DaemonSet is stored in its namespace, and, where no nodes are known, of its pods.

use std::borrow::Cow;

use k8s_openapi::api::apps::v1::DaemonSet;

use super::levels::Levels;
use super::placement::pods_refused;
use crate::admission::{Detail, Refusal, admit, namespace_refusal, pod_security_warning};
use crate::finding::{Finding, Severity};
use crate::path::FieldPath;
use crate::placement::{RefusedPod, Snapshot};
use crate::server::Server;
use crate::words::refused::advice_in_one;

/// A DaemonSet that is about to be stored, and what is known around it.
#[derive(Debug)]
pub struct Creation<'c> {
    /// The DaemonSet as the server would store it.
    pub daemon_set: &'c DaemonSet,
    /// Whether it is there already.
    pub is_update: bool,
    /// Whether a preview on nodes says what becomes of the pods.
    pub has_nodes: bool,
    /// What is known of the cluster.
    pub snapshot: &'c Snapshot,
    /// The server.
    pub server: &'c Server,
}

/// What the server answers.
#[derive(Debug, Default)]
pub struct Created {
    /// Whether it stores the DaemonSet.
    pub is_stored: bool,
    /// What there is to say.
    pub findings: Vec<Finding>,
}

/// The id of the rule about namespaces.
const NAMESPACE: &str = "api/namespace";

/// The id of the rule about the server's warnings.
const WARNING: &str = "api/warning";

/// What the server answers to the DaemonSet: that its namespace takes no objects, and its warning about the pods. Where no nodes are
/// known, also why its pods would be refused.
pub fn check_creation(creation: &Creation<'_>, levels: &Levels) -> Created {
    let Creation { daemon_set, snapshot, server, .. } = creation;
    let Some(template) = &daemon_set.spec.template.spec else {
        return Created { is_stored: true, ..Created::default() };
    };
    let namespace = daemon_set.metadata.namespace.as_deref().unwrap_or("default");
    let surroundings = snapshot.surroundings(namespace, template);
    let mut found = Vec::new();
    let mut push = |id: &'static str, finding: Finding| {
        if let Some(severity) = levels.of(id).severity() {
            found.push(Finding { severity, ..finding });
        }
    };
    // An update is let through, whatever becomes of the namespace.
    if let Some(refusal) = namespace_refusal(namespace, &surroundings).filter(|_| !creation.is_update) {
        let message: Cow<'static, str> = match refusal.detail {
            Detail::NamespaceTerminating(_) => {
                let name = daemon_set.metadata.name.as_deref().unwrap_or_default();
                format!("daemonsets.apps \"{name}\" is forbidden: {}", refusal.message).into()
            }
            _ => refusal.message.clone().into(),
        };
        let refused = RefusedPod::new(refusal, namespace);
        let path = FieldPath::of(&["metadata", "namespace"]);
        let finding = Finding::new(NAMESPACE, Severity::Error, path, message);
        push(
            NAMESPACE,
            match advice_in_one(&refused) {
                Some(help) => finding.help(help),
                None => finding,
            },
        );
        return Created { is_stored: false, findings: found };
    }
    let warning = pod_security_warning(daemon_set, &surroundings, server);
    // The preview asks by itself.
    let refusal = (warning.is_some() || !creation.has_nodes)
        .then(|| admit(daemon_set, &surroundings, server).err())
        .flatten();
    if let Some(warning) = warning {
        let path = FieldPath::of(&["spec", "template", "spec"]);
        let mut finding = Finding::new(WARNING, Severity::Warning, path, warning.sentence);
        if let Some(Refusal { detail: Detail::PodSecurity(refused), path, .. }) = &refusal
            && (refused.level, refused.version) == (warning.level, warning.version)
        {
            finding.consequence_of = Some(path.to_string());
        }
        push(WARNING, finding);
    }
    if let Some(refusal) = refusal.filter(|_| !creation.has_nodes) {
        let refused = RefusedPod::new(refusal, namespace);
        push(pods_refused::RULE.id, pods_refused::without_nodes(&refused));
    }
    Created { is_stored: true, findings: found }
}

/// Of a warning about pods that are refused for the same, people are shown the refusal only. The warning is shown where the refusal is not
/// among the findings: where no pod is wanted, and where the rule is off.
pub fn warn_once(findings: &mut [Finding]) {
    let refused: Vec<String> = findings
        .iter()
        .filter(|finding| finding.rule == pods_refused::RULE.id)
        .map(|finding| finding.field.clone())
        .collect();
    for finding in findings.iter_mut().filter(|finding| finding.rule == WARNING) {
        if finding.consequence_of.as_ref().is_some_and(|field| !refused.contains(field)) {
            finding.consequence_of = None;
        }
    }
}
