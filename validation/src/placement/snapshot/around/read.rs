//! From an object of the API to what is kept of it.

use k8s_openapi::api::core::v1::{self, LimitRange, ResourceQuota};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Deserializer};

use super::decider::{Binding, Decider, Scope};
use super::keys::Data;
use super::one::{Kept, One};
use super::which::Name;
use crate::admission::{Namespace, ServiceAccount};
use crate::placement::kind::Kind;
use crate::placement::snapshot::read::{annotation, or_default};

/// The annotations of namespaces that may decide something about pods.
const OF_NAMESPACES: [&str; 4] = [
    "openshift.io/node-selector",
    "scheduler.alpha.kubernetes.io/node-selector",
    "scheduler.alpha.kubernetes.io/defaultTolerations",
    "scheduler.alpha.kubernetes.io/tolerationsWhitelist",
];

const ENFORCE_MOUNTABLE_SECRETS: &str = "kubernetes.io/enforce-mountable-secrets";

/// A namespace.
pub(in crate::placement::snapshot) fn namespace(namespace: v1::Namespace) -> Namespace {
    let v1::Namespace { metadata, status, .. } = namespace;
    let mut annotations = metadata.annotations.unwrap_or_default();
    annotations.retain(|key, _| OF_NAMESPACES.contains(&key.as_str()));
    let phase = status.and_then(|status| status.phase);
    Namespace {
        name: metadata.name.unwrap_or_default().into_boxed_str(),
        labels: metadata.labels.unwrap_or_default(),
        annotations,
        // The server sets both at once; a saved snapshot of an older version has only the one.
        terminating: phase.as_deref() == Some("Terminating") || metadata.deletion_timestamp.is_some(),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    metadata: Name,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Webhooks {
    metadata: Name,
    webhooks: Option<Vec<Decider>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Policy {
    metadata: Name,
    spec: PolicySpec,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PolicySpec {
    #[serde(flatten)]
    decider: Decider,
    match_constraints: Option<Scope>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PolicyBinding {
    metadata: Name,
    spec: Binding,
}

/// Reads an object of one of these kinds. Of another kind, which has a reader of its own, only the name is read.
pub(in crate::placement::snapshot) fn of<'de, D: Deserializer<'de>>(
    kind: Kind,
    object: D,
) -> Result<One, D::Error> {
    let (name, kept) = match kind {
        Kind::LimitRange => {
            let mut range = LimitRange::deserialize(object)?;
            range.metadata = bare(range.metadata);
            (of_metadata(&range.metadata), Kept::LimitRange(Box::new(range)))
        }
        Kind::ResourceQuota => {
            let mut quota = ResourceQuota::deserialize(object)?;
            quota.metadata = bare(quota.metadata);
            (of_metadata(&quota.metadata), Kept::ResourceQuota(Box::new(quota)))
        }
        Kind::ServiceAccount => {
            let account = v1::ServiceAccount::deserialize(object)?;
            (of_metadata(&account.metadata), Kept::ServiceAccount(Box::new(service_account(account))))
        }
        Kind::ConfigMap => {
            let data = Data::deserialize(object)?;
            let (metadata, keys) = data.keys();
            (metadata, Kept::ConfigMap(keys))
        }
        Kind::Secret => {
            let data = Data::deserialize(object)?;
            let (metadata, keys) = data.keys();
            (metadata, Kept::Secret(keys))
        }
        Kind::MutatingWebhookConfiguration => {
            let Webhooks { metadata, webhooks } = Webhooks::deserialize(object)?;
            (metadata, Kept::Mutating(webhooks.unwrap_or_default()))
        }
        Kind::ValidatingWebhookConfiguration => {
            let Webhooks { metadata, webhooks } = Webhooks::deserialize(object)?;
            (metadata, Kept::Validating(webhooks.unwrap_or_default()))
        }
        Kind::ValidatingAdmissionPolicy | Kind::MutatingAdmissionPolicy => {
            let Policy { metadata, spec } = Policy::deserialize(object)?;
            let mut policy = spec.decider;
            policy.scope = spec.match_constraints.unwrap_or_default();
            let policy = Box::new(policy);
            let mutates = kind == Kind::MutatingAdmissionPolicy;
            (metadata, if mutates { Kept::MutatingPolicy(policy) } else { Kept::Policy(policy) })
        }
        Kind::ValidatingAdmissionPolicyBinding | Kind::MutatingAdmissionPolicyBinding => {
            let PolicyBinding { metadata, spec } = PolicyBinding::deserialize(object)?;
            let binding = Box::new(spec);
            let mutates = kind == Kind::MutatingAdmissionPolicyBinding;
            (metadata, if mutates { Kept::MutatingBinding(binding) } else { Kept::Binding(binding) })
        }
        _ => (Named::deserialize(object)?.metadata, Kept::NameOnly),
    };
    let namespace = if kind.is_namespaced() {
        Box::from(or_default(name.namespace.as_deref().unwrap_or_default()))
    } else {
        Box::default()
    };
    Ok(One { kind, namespace, name: name.name.unwrap_or_default().into_boxed_str(), kept })
}

fn of_metadata(metadata: &ObjectMeta) -> Name {
    Name { namespace: metadata.namespace.clone(), name: metadata.name.clone() }
}

/// Only which object it is.
fn bare(metadata: ObjectMeta) -> ObjectMeta {
    ObjectMeta { name: metadata.name, namespace: metadata.namespace, ..ObjectMeta::default() }
}

fn service_account(account: v1::ServiceAccount) -> ServiceAccount {
    let v1::ServiceAccount { metadata, image_pull_secrets, secrets, automount_service_account_token } =
        account;
    let pulls = image_pull_secrets.into_iter().flatten().map(|secret| secret.name);
    let secrets = secrets.into_iter().flatten().filter_map(|secret| secret.name);
    let enforce = annotation(&metadata, ENFORCE_MOUNTABLE_SECRETS);
    ServiceAccount {
        image_pull_secrets: pulls.collect(),
        secrets: secrets.collect(),
        automount_token: automount_service_account_token,
        enforce_mountable_secrets: enforce.is_some_and(is_true),
        namespace: Box::from(or_default(metadata.namespace.as_deref().unwrap_or_default())),
        name: metadata.name.unwrap_or_default().into_boxed_str(),
    }
}

/// Upstream: `strconv.ParseBool`, of which the plugin ignores the error.
fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
}
