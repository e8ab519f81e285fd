//! The Secret and the webhook configuration at an API server: reads, and writes that only succeed on what was read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use k8s_openapi::ByteString;
use k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Client, Error};
use serde_json::json;

use crate::keeping::{self, Change, Id};
use crate::rotation::Published;

/// No call to the API server takes longer than this: the next round asks again.
const CALL: Duration = Duration::from_secs(10);

/// The field manager of our writes.
pub(crate) const MANAGER: &str = "daemonset-webhook";

/// What failed, on what, and for which permission one would have to look.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) verb: &'static str,
    pub(crate) what: String,
    pub(crate) kind: FailureKind,
}

#[derive(Debug)]
pub(crate) enum FailureKind {
    /// Somebody else was first; look again.
    Conflict,
    /// 403.
    Forbidden(String),
    /// It does not exist.
    NotFound,
    /// Anything else, in words.
    Other(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Failure { verb, what, kind } = self;
        match kind {
            FailureKind::Conflict => write!(formatter, "cannot {verb} {what}: somebody else was first"),
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

/// Waits for an answer of the API server, but not for ever.
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

/// The Secret as it was read.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) version: Option<String>,
    pub(crate) data: BTreeMap<String, ByteString>,
}

/// The webhook configuration as it was read.
#[derive(Debug)]
pub(crate) struct Configuration {
    version: String,
    /// The webhooks by name, each with its bundle.
    webhooks: Vec<(String, BTreeMap<Id, i64>)>,
}

impl Configuration {
    pub(crate) fn published(&self) -> Published<Id> {
        let ids = |bundle: &BTreeMap<Id, i64>| bundle.keys().cloned().collect::<BTreeSet<Id>>();
        Published::Bundles(self.webhooks.iter().map(|(_, bundle)| ids(bundle)).collect())
    }

    /// All who are trusted by one of the webhooks.
    pub(crate) fn authorities(&self) -> BTreeMap<Id, i64> {
        self.webhooks.iter().flat_map(|(_, bundle)| bundle.clone()).collect()
    }

    /// Whether nothing has been written to it since `other` was read.
    pub(crate) fn same(&self, other: &Configuration) -> bool {
        self.version == other.version
    }
}

/// The objects that we read and write.
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

    /// The Secret's name with its kind, for messages.
    pub(crate) fn secret(&self) -> String {
        format!("Secret {}", self.secret)
    }

    /// Reads the Secret; one that does not exist is empty and has no version.
    pub(crate) async fn read_secret(&self) -> Result<Stored, Failure> {
        let found = call("get", &self.secret(), self.secrets.get_opt(&self.secret)).await?;
        Ok(found.map(stored).unwrap_or_default())
    }

    /// Changes the Secret that was read as `before`, or makes it.
    pub(crate) async fn write_secret(&self, before: &Stored, change: &Change) -> Result<Stored, Failure> {
        let what = self.secret();
        let Some(version) = &before.version else {
            let data = change.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
            let secret = Secret {
                metadata: ObjectMeta { name: Some(self.secret.clone()), ..ObjectMeta::default() },
                data: Some(data),
                ..Secret::default()
            };
            let parameters = PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() };
            return call("create", &what, self.secrets.create(&parameters, &secret)).await.map(stored);
        };
        let patch = json!({ "metadata": { "resourceVersion": version }, "data": change });
        let parameters = parameters();
        call("patch", &what, self.secrets.patch(&self.secret, &parameters, &Patch::Merge(patch)))
            .await
            .map(stored)
    }

    /// Reads the webhook configuration; `None` where there is none, or none is ours.
    pub(crate) async fn read_configuration(&self) -> Result<Option<Configuration>, Failure> {
        let Some(name) = &self.configuration else { return Ok(None) };
        let what = format!("ValidatingWebhookConfiguration {name}");
        let found = call("get", &what, self.configurations.get_opt(name)).await?;
        Ok(found.map(configuration))
    }

    /// Writes `bundle` into every webhook of the configuration that was read as `before`.
    pub(crate) async fn publish(
        &self,
        before: &Configuration,
        bundle: &BTreeMap<Id, i64>,
    ) -> Result<(), Failure> {
        let Some(name) = &self.configuration else { return Ok(()) };
        let what = format!("ValidatingWebhookConfiguration {name}");
        let text = ByteString(keeping::bundle(bundle).into_bytes());
        // Merged by the webhooks' names, so that what we do not know of stays as it is.
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
    Stored { version: secret.metadata.resource_version, data: secret.data.unwrap_or_default() }
}

fn configuration(found: ValidatingWebhookConfiguration) -> Configuration {
    let webhooks = found.webhooks.unwrap_or_default().into_iter().map(|webhook| {
        let bundle = webhook.client_config.ca_bundle.map(|bytes| bytes.0).unwrap_or_default();
        (webhook.name, keeping::authorities(&bundle))
    });
    Configuration {
        version: found.metadata.resource_version.unwrap_or_default(),
        webhooks: webhooks.collect(),
    }
}
