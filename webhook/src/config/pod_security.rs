//! What the API server's own configuration says of pod security. No API shows it.

use std::collections::BTreeMap;

use daemonset_validation::admission::PodSecurityDefaults;
use serde::Deserialize;

/// What the API server's own configuration says of pod security, in its words: `--admission-control-config-file` of kube-apiserver.
///
/// Upstream: `pod-security-admission/admission/api.PodSecurityConfiguration`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PodSecurityConfig {
    /// The levels of namespaces that have no label of their own, by keys such as `enforce` and `enforce-version`.
    pub defaults: BTreeMap<String, String>,
    /// Whose pods are not judged.
    pub exemptions: PodSecurityExemptions,
}

/// Whose pods are not judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PodSecurityExemptions {
    /// Those in these namespaces.
    pub namespaces: Vec<String>,
    /// Those with these runtime classes.
    pub runtime_classes: Vec<String>,
}

impl PodSecurityConfig {
    /// The same for the engine.
    pub(crate) fn engine(&self) -> PodSecurityDefaults {
        PodSecurityDefaults {
            labels: self.defaults.clone(),
            exempt_namespaces: self.exemptions.namespaces.clone(),
            exempt_runtime_classes: self.exemptions.runtime_classes.clone(),
            exempts_controller: false,
        }
    }
}
