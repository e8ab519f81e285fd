//! Accounts with `kubernetes.io/enforce-mountable-secrets`: their pods refer only to secrets that the account names.

use std::collections::HashSet;

use k8s_openapi::api::core::v1::{Container, PodSpec};

use crate::admission::plugin::Plugin;
use crate::admission::refusal::{Detail, Refusal};
use crate::admission::surroundings::ServiceAccount;
use crate::path::FieldPath;

/// The first secret that the account does not allow: of volumes, of init containers, of containers, for images.
///
/// Upstream: `plugin/admission/serviceaccount.Plugin.limitSecretReferences`.
pub(super) fn validate(spec: &PodSpec, account: &ServiceAccount) -> Option<Refusal> {
    let secrets: HashSet<&str> = account.secrets.iter().map(String::as_str).collect();
    let rules = Rules { secrets, account };
    rules
        .volumes(spec)
        .or_else(|| {
            rules.containers(spec.init_containers.iter().flatten(), "initContainers", "init container")
        })
        .or_else(|| rules.containers(spec.containers.iter(), "containers", "container"))
        .or_else(|| rules.images(spec))
}

struct Rules<'a> {
    secrets: HashSet<&'a str>,
    account: &'a ServiceAccount,
}

impl Rules<'_> {
    fn volumes(&self, spec: &PodSpec) -> Option<Refusal> {
        spec.volumes.iter().flatten().enumerate().find_map(|(place, volume)| {
            let secret = volume.secret.as_ref()?.secret_name.as_deref().unwrap_or_default();
            if self.secrets.contains(secret) {
                return None;
            }
            let message = format!(
                "volume with secret.secretName=\"{secret}\" is not allowed because service account {} does not reference that secret",
                self.account.name
            );
            let path = pod_path("volumes").index(place).field("secret").field("secretName");
            Some(self.refusal(message, path, secret, false))
        })
    }

    fn containers<'c>(
        &self,
        mut containers: impl Iterator<Item = &'c Container>,
        field: &'static str,
        kind: &str,
    ) -> Option<Refusal> {
        let mut place = 0_usize;
        containers.find_map(|container| {
            let path = || pod_path(field).index(place);
            let found = self.env(container, kind, &path).or_else(|| self.env_from(container, kind, &path));
            place = place.saturating_add(1);
            found
        })
    }

    fn env(&self, container: &Container, kind: &str, path: &dyn Fn() -> FieldPath) -> Option<Refusal> {
        container.env.iter().flatten().enumerate().find_map(|(place, env)| {
            let secret = env.value_from.as_ref()?.secret_key_ref.as_ref()?.name.as_str();
            if self.secrets.contains(secret) {
                return None;
            }
            let message = format!(
                "{kind} {} with envVar {} referencing secret.secretName=\"{secret}\" is not allowed because service account {} does not reference that secret",
                container.name, env.name, self.account.name
            );
            let path = path().field("env").index(place).field("valueFrom").field("secretKeyRef").field("name");
            Some(self.refusal(message, path, secret, false))
        })
    }

    fn env_from(&self, container: &Container, kind: &str, path: &dyn Fn() -> FieldPath) -> Option<Refusal> {
        container.env_from.iter().flatten().enumerate().find_map(|(place, env)| {
            let secret = env.secret_ref.as_ref()?.name.as_str();
            if self.secrets.contains(secret) {
                return None;
            }
            let message = format!(
                "{kind} {} with envFrom referencing secret.secretName=\"{secret}\" is not allowed because service account {} does not reference that secret",
                container.name, self.account.name
            );
            let path = path().field("envFrom").index(place).field("secretRef").field("name");
            Some(self.refusal(message, path, secret, false))
        })
    }

    fn images(&self, spec: &PodSpec) -> Option<Refusal> {
        let known: HashSet<&str> = self.account.image_pull_secrets.iter().map(String::as_str).collect();
        let mut written = spec.image_pull_secrets.iter().flatten().enumerate();
        let (place, secret) = written.find(|(_, secret)| !known.contains(secret.name.as_str()))?;
        let secret = secret.name.as_str();
        let message = format!(
            "imagePullSecrets[{place}].name=\"{secret}\" is not allowed because service account {} does not reference that imagePullSecret",
            self.account.name
        );
        let path = pod_path("imagePullSecrets").index(place).field("name");
        Some(self.refusal(message, path, secret, true))
    }

    fn refusal(&self, message: String, path: FieldPath, secret: &str, for_images: bool) -> Refusal {
        let account = self.account.name.to_string();
        let detail = Detail::SecretNotAllowed { account, secret: secret.to_owned(), for_images };
        Refusal { plugin: Plugin::ServiceAccount, message, path, detail }
    }
}

fn pod_path(field: &'static str) -> FieldPath {
    FieldPath::of(&["spec", "template", "spec"]).field(field)
}
