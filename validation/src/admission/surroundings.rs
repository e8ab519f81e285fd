//! What is known of the namespace and the cluster around a pod.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{self, LimitRange, ResourceQuota};
use k8s_openapi::api::node::v1::RuntimeClass;
use k8s_openapi::api::scheduling::v1::PriorityClass;

/// The answer to whether an object is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lookup<T> {
    /// The objects of this kind are not known.
    #[default]
    Unknown,
    /// They are known, and it is not among them.
    Absent,
    /// It is there.
    Found(T),
}

/// What is known of the namespace and the cluster around a pod. What is not known refuses and changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Surroundings<'s> {
    /// The pod's namespace.
    pub namespace: Lookup<&'s Namespace>,
    /// The limit ranges of the namespace, sorted by name; `None` where they are not known.
    pub limit_ranges: Option<Vec<&'s LimitRange>>,
    /// The quotas of the namespace, sorted by name; `None` where they are not known.
    pub quotas: Option<Vec<&'s ResourceQuota>>,
    /// The pod's service account, `default` where it names none.
    pub service_account: Lookup<&'s ServiceAccount>,
    /// All priority classes, sorted by name; `None` where they are not known. The two that every server has need not be among them.
    pub priority_classes: Option<Vec<&'s PriorityClass>>,
    /// The pod's runtime class.
    pub runtime_class: Lookup<&'s RuntimeClass>,
    /// What the server's own configuration says of pod security; upstream's default where nobody gave it.
    pub pod_security: PodSecurityDefaults,
}

/// A namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespace {
    /// Its name.
    pub name: Box<str>,
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// The annotations that may decide something about pods, such as `openshift.io/node-selector`.
    pub annotations: BTreeMap<String, String>,
    /// Whether it is being deleted.
    pub terminating: bool,
}

impl From<&v1::Namespace> for Namespace {
    fn from(namespace: &v1::Namespace) -> Self {
        let metadata = &namespace.metadata;
        let phase = namespace.status.as_ref().and_then(|status| status.phase.as_deref());
        Self {
            name: metadata.name.as_deref().unwrap_or_default().into(),
            labels: metadata.labels.clone().unwrap_or_default(),
            annotations: metadata.annotations.clone().unwrap_or_default(),
            terminating: phase == Some("Terminating"),
        }
    }
}

/// A service account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its namespace.
    pub namespace: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// The names of `imagePullSecrets`.
    pub image_pull_secrets: Vec<String>,
    /// The names of `secrets`, which only matter with `enforce_mountable_secrets`.
    pub secrets: Vec<String>,
    /// `automountServiceAccountToken`.
    pub automount_token: Option<bool>,
    /// The annotation `kubernetes.io/enforce-mountable-secrets`.
    pub enforce_mountable_secrets: bool,
}

/// The annotation of accounts whose pods refer only to the secrets that the account names.
const ENFORCE_MOUNTABLE_SECRETS: &str = "kubernetes.io/enforce-mountable-secrets";

impl From<&v1::ServiceAccount> for ServiceAccount {
    fn from(account: &v1::ServiceAccount) -> Self {
        let metadata = &account.metadata;
        let annotation = metadata.annotations.as_ref().and_then(|all| all.get(ENFORCE_MOUNTABLE_SECRETS));
        let secrets = account.secrets.iter().flatten();
        Self {
            namespace: metadata.namespace.as_deref().unwrap_or_default().into(),
            name: metadata.name.as_deref().unwrap_or_default().into(),
            image_pull_secrets: account
                .image_pull_secrets
                .iter()
                .flatten()
                .map(|secret| secret.name.clone())
                .collect(),
            secrets: secrets.map(|secret| secret.name.clone().unwrap_or_default()).collect(),
            automount_token: account.automount_service_account_token,
            enforce_mountable_secrets: annotation.is_some_and(|text| is_true(text)),
        }
    }
}

/// Upstream: `strconv.ParseBool`, which the plugin asks with its error ignored.
fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

/// The server's own configuration of the plugin `PodSecurity`, which no API shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodSecurityDefaults {
    /// The labels that a namespace without labels of its own has, by their names such as `enforce` and `enforce-version`.
    pub labels: BTreeMap<String, String>,
    /// The namespaces that are exempt.
    pub exempt_namespaces: Vec<String>,
    /// The runtime classes that are exempt.
    pub exempt_runtime_classes: Vec<String>,
    /// Whether what the DaemonSet controller makes is exempt, by the controller's name as a user.
    pub exempts_controller: bool,
}
