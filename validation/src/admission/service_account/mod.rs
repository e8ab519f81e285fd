//! The pod's service account.

mod mountable;
mod token;

use k8s_openapi::api::core::v1::LocalObjectReference;

use super::plugin::Plugin;
use super::pod::Pod;
use super::refusal::{Detail, Refusal};
use super::surroundings::{Lookup, ServiceAccount};
use crate::path::FieldPath;

/// The account of pods that name none.
const DEFAULT: &str = "default";

/// Names the account, and adds its token and its `imagePullSecrets`. An account that is not known adds nothing.
///
/// # Errors
///
/// The refusal, where the account is absent or does not allow a secret.
///
/// Upstream: `plugin/admission/serviceaccount.Plugin.Admit`.
pub(super) fn admit(pod: &mut Pod, account: Lookup<&ServiceAccount>) -> Result<(), Refusal> {
    let spec = &mut pod.spec;
    let named = spec.service_account_name.as_deref().filter(|name| !name.is_empty());
    let name = named.unwrap_or(DEFAULT).to_owned();
    spec.service_account_name = Some(name.clone());
    // The old name of the field has the same value in every pod that is stored.
    spec.service_account = Some(name);
    let account = match account {
        Lookup::Unknown => return Ok(()),
        Lookup::Absent => return Err(absent(pod)),
        Lookup::Found(account) => account,
    };
    if spec.automount_service_account_token.or(account.automount_token).unwrap_or(true) {
        token::mount(spec);
    }
    if spec.image_pull_secrets.as_ref().is_none_or(Vec::is_empty) {
        let names = account.image_pull_secrets.iter().cloned();
        let secrets: Vec<_> = names.map(|name| LocalObjectReference { name }).collect();
        spec.image_pull_secrets = (!secrets.is_empty()).then_some(secrets);
    }
    validate(pod, Lookup::Found(account)).map_or(Ok(()), Err)
}

/// What the account does not allow.
///
/// Upstream: `plugin/admission/serviceaccount.Plugin.Validate`.
pub(super) fn validate(pod: &Pod, account: Lookup<&ServiceAccount>) -> Option<Refusal> {
    match account {
        Lookup::Unknown => None,
        Lookup::Absent => Some(absent(pod)),
        Lookup::Found(account) if account.enforce_mountable_secrets => {
            mountable::validate(&pod.spec, account)
        }
        Lookup::Found(_) => None,
    }
}

fn absent(pod: &Pod) -> Refusal {
    let namespace = &pod.namespace;
    let name = pod.spec.service_account_name.as_deref().unwrap_or(DEFAULT);
    Refusal {
        plugin: Plugin::ServiceAccount,
        message: format!(
            "error looking up service account {namespace}/{name}: serviceaccount \"{name}\" not found"
        ),
        path: FieldPath::of(&["spec", "template", "spec", "serviceAccountName"]),
        detail: Detail::ServiceAccountAbsent { namespace: namespace.clone(), name: name.to_owned() },
    }
}
