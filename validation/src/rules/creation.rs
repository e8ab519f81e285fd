//! What the API server says when a DaemonSet is stored in its namespace, and, where no nodes are known, of its pods.

use std::borrow::Cow;

use k8s_openapi::api::apps::v1::DaemonSet;

use super::levels::Levels;
use super::placement::pods_refused;
use crate::admission::{Detail, admit, namespace_refusal, pod_security_warning};
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

/// The id of the rule about namespaces.
const NAMESPACE: &str = "api/namespace";

/// What the server answers to the DaemonSet: that its namespace takes no objects, and its warning about the pods. Where no nodes are
/// known, also why its pods would be refused.
pub fn check_creation(creation: &Creation<'_>, levels: &Levels) -> Vec<Finding> {
    let Creation { daemon_set, snapshot, server, .. } = creation;
    let Some(template) = &daemon_set.spec.template.spec else { return Vec::new() };
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
        let refused = RefusedPod { namespace: namespace.into(), refusal };
        let path = FieldPath::of(&["metadata", "namespace"]);
        let finding = Finding::new(NAMESPACE, Severity::Error, path, message);
        push(
            NAMESPACE,
            match advice_in_one(&refused) {
                Some(help) => finding.help(help),
                None => finding,
            },
        );
        return found;
    }
    if let Some(warning) = pod_security_warning(daemon_set, &surroundings, server) {
        let path = FieldPath::of(&["spec", "template", "spec"]);
        push("api/warning", Finding::new("api/warning", Severity::Warning, path, warning));
    }
    if !creation.has_nodes
        && let Err(refusal) = admit(daemon_set, &surroundings, server)
    {
        let refused = RefusedPod { namespace: namespace.into(), refusal };
        push(pods_refused::RULE.id, pods_refused::without_nodes(&refused));
    }
    found
}
