//! The self-test: sends a dry-run create through the API server and checks that the answer carries the webhook's warning. Only this proves
//! that the API server calls the webhook.

use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;

use crate::review::SELF_TEST;

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_secs(1);

/// The result of a dry run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The webhook reviewed it. Holds the warning, which names the version.
    Reviewed(String),
    /// The API server accepted it without calling the webhook.
    Passed,
    /// The API server refused it, with this message.
    Refused(String),
    /// The API server could not be reached.
    Unreachable(String),
}

impl Outcome {
    /// The result as a sentence.
    pub(crate) fn sentence(&self, namespace: &str) -> String {
        match self {
            Self::Reviewed(by) => format!("a dry run in namespace {namespace} was {by}"),
            Self::Passed => format!(
                "the API server accepted a DaemonSet (dry run) in namespace {namespace} without calling the webhook: is there a \
                 ValidatingWebhookConfiguration, does it exempt this namespace, is its caBundle set, and is a replica ready?"
            ),
            Self::Refused(why) => format!("the API server refused a dry run in namespace {namespace}: {why}"),
            Self::Unreachable(why) => format!("the API server could not be reached: {why}"),
        }
    }
}

/// Sends one dry run.
pub(crate) async fn once(client: &Client, namespace: &str) -> Outcome {
    let nonce = nonce();
    let object = serde_json::json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": { "name": "daemonset-webhook-self-test", "annotations": { (SELF_TEST): nonce } },
        "spec": {
            "selector": { "matchLabels": { "app.kubernetes.io/name": "daemonset-webhook-self-test" } },
            "template": {
                "metadata": { "labels": { "app.kubernetes.io/name": "daemonset-webhook-self-test" } },
                "spec": { "containers": [{ "name": "none", "image": "none.invalid/none" }] }
            }
        }
    });
    let path =
        format!("/apis/apps/v1/namespaces/{namespace}/daemonsets?dryRun=All&fieldManager=daemonset-webhook");
    let request = http::Request::post(path)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(Body::from(object.to_string().into_bytes()));
    let request = match request {
        Ok(request) => request,
        Err(error) => return Outcome::Unreachable(format!("namespace {namespace:?}: {error}")),
    };
    let response = match client.send(request).await {
        Ok(response) => response,
        Err(error) => return Outcome::Unreachable(error.to_string()),
    };
    let (parts, body) = response.into_parts();
    let mark = format!("self-test {nonce}: ");
    for warning in parts.headers.get_all(http::header::WARNING) {
        let Ok(text) = warning.to_str() else { continue };
        if let Some((_, by)) = text.split_once(&mark) {
            return Outcome::Reviewed(by.trim_end_matches('"').to_owned());
        }
    }
    if parts.status.is_success() {
        return Outcome::Passed;
    }
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let status: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let message = status.get("message").and_then(serde_json::Value::as_str);
    Outcome::Refused(message.map_or_else(|| parts.status.to_string(), str::to_owned))
}

/// Sends dry runs until the webhook reviews one, or the timeout ends.
pub(crate) async fn until(client: &Client, namespace: &str, timeout: Duration) -> Outcome {
    let started = Instant::now();
    loop {
        let outcome = once(client, namespace).await;
        if matches!(outcome, Outcome::Reviewed(_)) || started.elapsed() >= timeout {
            return outcome;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// A random word, so that the answer to another dry run is not taken for this one's.
fn nonce() -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("{:016x}", RandomState::new().hash_one(std::process::id()))
}
