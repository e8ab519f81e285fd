//! Reads and writes the Secret and the ValidatingWebhookConfiguration. A write only succeeds if the object has not changed since it was
//! read (optimistic concurrency by `resourceVersion`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use k8s_openapi::ByteString;
use k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Client, Error};
use serde_json::json;

use crate::rotation::Published;
use crate::secret::{self, Change, Data, Id};
use crate::validity::Validity;

/// Timeout of a call to the API server. The next round tries again.
const CALL: Duration = Duration::from_secs(10);

/// The field manager of the webhook's writes.
pub(crate) const MANAGER: &str = "daemonset-webhook";

/// A failed call: the verb, the object, and why. Verb and object also name the RBAC permission.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) verb: &'static str,
    pub(crate) what: String,
    pub(crate) kind: FailureKind,
}

#[derive(Debug)]
pub(crate) enum FailureKind {
    /// 409: the object has changed since it was read.
    Conflict,
    /// 403: the permission is missing.
    Forbidden(String),
    /// 404: the object does not exist.
    NotFound,
    /// Anything else, as a message.
    Other(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Failure { verb, what, kind } = self;
        match kind {
            FailureKind::Conflict => {
                write!(formatter, "cannot {verb} {what}: it was changed by another client")
            }
            FailureKind::Forbidden(message) => {
                write!(
                    formatter,
                    "may not {verb} {what}: {message}. Give the service account this permission"
                )
            }
            FailureKind::NotFound => write!(formatter, "cannot {verb} {what}: it does not exist"),
            FailureKind::Other(message) => write!(formatter, "cannot {verb} {what}: {message}"),
        }
    }
}

/// Waits for an answer of the API server, for at most [`CALL`].
///
/// # Errors
///
/// [`Failure`] if the API server answers with an error or not in time.
pub(crate) async fn call<T>(
    verb: &'static str,
    what: &str,
    request: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failure> {
    let kind = match tokio::time::timeout(CALL, request).await {
        Ok(Ok(answer)) => return Ok(answer),
        Ok(Err(Error::Api(status))) => match status.code {
            403 => FailureKind::Forbidden(status.message.clone()),
            404 => FailureKind::NotFound,
            409 => FailureKind::Conflict,
            code => FailureKind::Other(format!("{} ({code})", status.message)),
        },
        Ok(Err(error)) => FailureKind::Other(error.to_string()),
        Err(_) => FailureKind::Other(format!("no answer within {} s", CALL.as_secs())),
    };
    Err(Failure { verb, what: what.to_owned(), kind })
}

/// The Secret as it was read. `version` is its `resourceVersion`; `None` if the Secret does not exist.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) version: Option<String>,
    pub(crate) data: Data<String>,
}

/// The ValidatingWebhookConfiguration as it was read.
#[derive(Debug)]
pub(crate) struct Configuration {
    version: String,
    /// The webhooks: their names and CA bundles.
    webhooks: Vec<(String, BTreeMap<Id, Validity>)>,
}

impl Configuration {
    pub(crate) fn published(&self) -> Published<Id> {
        let ids = |bundle: &BTreeMap<Id, Validity>| bundle.keys().cloned().collect::<BTreeSet<Id>>();
        Published::Bundles(self.webhooks.iter().map(|(_, bundle)| ids(bundle)).collect())
    }

    /// The CAs that are in the bundle of at least one of the webhooks.
    pub(crate) fn authorities(&self) -> BTreeMap<Id, Validity> {
        self.webhooks.iter().flat_map(|(_, bundle)| bundle.clone()).collect()
    }

    /// Whether both have the same `resourceVersion`.
    pub(crate) fn same(&self, other: &Configuration) -> bool {
        self.version == other.version
    }
}

/// Access to the Secret and the webhook configuration.
pub(crate) struct Cluster {
    secrets: Api<Secret>,
    secret: String,
    configurations: Api<ValidatingWebhookConfiguration>,
    configuration: Option<String>,
}

impl Cluster {
    pub(crate) fn new(
        client: &Client,
        namespace: &str,
        secret: &str,
        configuration: Option<&str>,
    ) -> Cluster {
        Cluster {
            secrets: Api::namespaced(client.clone(), namespace),
            secret: secret.to_owned(),
            configurations: Api::all(client.clone()),
            configuration: configuration.map(str::to_owned),
        }
    }

    /// The kind and name of the Secret, for messages.
    pub(crate) fn secret(&self) -> String {
        format!("Secret {}", self.secret)
    }

    /// Reads the Secret. A Secret that does not exist is read as empty, without a version.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the call fails.
    pub(crate) async fn read_secret(&self) -> Result<Stored, Failure> {
        let found = call("get", &self.secret(), self.secrets.get_opt(&self.secret)).await?;
        Ok(found.map(stored).unwrap_or_default())
    }

    /// Changes the Secret that was read as `before`, or creates it.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the call fails; [`FailureKind::Conflict`] if the Secret has changed since.
    pub(crate) async fn write_secret(&self, before: &Stored, change: &Change) -> Result<Stored, Failure> {
        let what = self.secret();
        let Some(version) = &before.version else {
            let data = change.0.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
            let secret = Secret {
                metadata: ObjectMeta { name: Some(self.secret.clone()), ..ObjectMeta::default() },
                data: Some(data),
                ..Secret::default()
            };
            let parameters = PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() };
            return call("create", &what, self.secrets.create(&parameters, &secret)).await.map(stored);
        };
        let patch = json!({ "metadata": { "resourceVersion": version }, "data": change.0 });
        let parameters = parameters();
        call("patch", &what, self.secrets.patch(&self.secret, &parameters, &Patch::Merge(patch)))
            .await
            .map(stored)
    }

    /// Reads the webhook configuration. Returns `None` if it does not exist or none is configured.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the call fails.
    pub(crate) async fn read_configuration(&self) -> Result<Option<Configuration>, Failure> {
        let Some(name) = &self.configuration else { return Ok(None) };
        let what = format!("ValidatingWebhookConfiguration {name}");
        let found = call("get", &what, self.configurations.get_opt(name)).await?;
        Ok(found.map(configuration))
    }

    /// Writes `bundle` into every webhook of the configuration that was read as `before`.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the call fails; [`FailureKind::Conflict`] if the configuration has changed since.
    pub(crate) async fn publish(
        &self,
        before: &Configuration,
        bundle: &BTreeMap<Id, Validity>,
    ) -> Result<(), Failure> {
        let Some(name) = &self.configuration else { return Ok(()) };
        let what = format!("ValidatingWebhookConfiguration {name}");
        let text = ByteString(secret::bundle(bundle).into_bytes());
        // A strategic merge patch merges the webhooks by name, so all other fields stay as they are.
        let webhooks: Vec<_> = before
            .webhooks
            .iter()
            .map(|(name, _)| json!({ "name": name, "clientConfig": { "caBundle": text } }))
            .collect();
        let patch = json!({ "metadata": { "resourceVersion": before.version }, "webhooks": webhooks });
        call("patch", &what, self.configurations.patch(name, &parameters(), &Patch::Strategic(patch)))
            .await?;
        Ok(())
    }
}

fn parameters() -> PatchParams {
    PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() }
}

fn stored(secret: Secret) -> Stored {
    Stored { version: secret.metadata.resource_version, data: Data(secret.data.unwrap_or_default()) }
}

fn configuration(found: ValidatingWebhookConfiguration) -> Configuration {
    let webhooks = found.webhooks.unwrap_or_default().into_iter().map(|webhook| {
        let bundle = webhook.client_config.ca_bundle.map(|bytes| bytes.0).unwrap_or_default();
        (webhook.name, secret::authorities(&bundle))
    });
    Configuration {
        version: found.metadata.resource_version.unwrap_or_default(),
        webhooks: webhooks.collect(),
    }
}
