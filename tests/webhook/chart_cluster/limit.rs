//! The webhook's account may patch its configuration, and a ValidatingAdmissionPolicy limits the patch to the caBundle.

use serde_json::{Value, json};

use crate::{ACCOUNT, CONFIGURATION, Checked, Cluster, base64, must, until};

/// The policy refuses with these words.
const REFUSED: &str = "the webhook's account may change only the caBundle";

/// A patch of the only webhook.
fn of_the_webhook(fields: &Value) -> Value {
    let mut webhook = json!({ "name": format!("{CONFIGURATION}.svc") });
    if let (Some(webhook), Some(fields)) = (webhook.as_object_mut(), fields.as_object()) {
        webhook.extend(fields.clone());
    }
    json!({ "webhooks": [webhook] })
}

/// Patches as the webhook's account, without leaving a trace.
fn patch(cluster: &Cluster, patch: &Value, more: &[&str]) -> Result<String, String> {
    let patch = patch.to_string();
    let words = ["patch", "validatingwebhookconfiguration", CONFIGURATION, "--dry-run=server", "-p", &patch];
    cluster.kubectl(&[&words[..], more].concat())
}

/// With the policy, the account changes the caBundle and nothing else.
pub fn holds(cluster: &Cluster) -> Checked {
    let who = ["--as", ACCOUNT];
    let forbidden = [
        ("failurePolicy", of_the_webhook(&json!({ "failurePolicy": "Ignore", "timeoutSeconds": 9 }))),
        (
            "rules",
            of_the_webhook(
                &json!({ "rules": [{ "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                "resources": ["secrets"], "scope": "*" }] }),
            ),
        ),
        (
            "url",
            of_the_webhook(&json!({ "clientConfig": { "url": "https://example.com/", "service": null } })),
        ),
        ("service", of_the_webhook(&json!({ "clientConfig": { "service": { "namespace": "default" } } }))),
        ("namespaceSelector", of_the_webhook(&json!({ "namespaceSelector": { "matchExpressions": null } }))),
        ("objectSelector", of_the_webhook(&json!({ "objectSelector": { "matchLabels": { "a": "b" } } }))),
        (
            "matchConditions",
            of_the_webhook(&json!({ "matchConditions": [{ "name": "never", "expression": "false" }] })),
        ),
        ("matchPolicy", of_the_webhook(&json!({ "matchPolicy": "Exact" }))),
        ("sideEffects", of_the_webhook(&json!({ "sideEffects": "NoneOnDryRun" }))),
        (
            "another webhook",
            json!({ "webhooks": [{ "name": "another.example.com", "admissionReviewVersions": ["v1"],
                "sideEffects": "None", "clientConfig": { "url": "https://example.com/" }, "failurePolicy": "Ignore" }] }),
        ),
        ("no webhook", json!({ "webhooks": [{ "$patch": "replace" }] })),
        (
            "annotations",
            json!({ "metadata": { "annotations": { "cert-manager.io/inject-ca-from": "a/b" } } }),
        ),
        ("labels", json!({ "metadata": { "labels": { "app.kubernetes.io/instance": "another" } } })),
        ("finalizers", json!({ "metadata": { "finalizers": ["example.com/hold"] } })),
    ];
    // An API server enforces a policy a moment after it was made.
    until("the policy is enforced", || {
        let answer = patch(cluster, &forbidden[0].1, &who);
        Ok(answer.is_err_and(|error| error.contains(REFUSED)))
    })?;
    for (what, change) in &forbidden {
        let answer = patch(cluster, change, &who);
        must(matches!(&answer, Err(error) if error.contains(REFUSED)), what, &answer)?;
        // The administrator may.
        let answer = patch(cluster, change, &[]);
        must(answer.is_ok(), "someone else may change it", &(what, answer))?;
    }
    let bundle = std::fs::read(cluster.plane.certificate()).map_err(|error| error.to_string())?;
    let twice = [bundle.clone(), bundle.clone()].concat();
    for bundle in [&bundle, &twice] {
        let change = of_the_webhook(&json!({ "clientConfig": { "caBundle": base64(bundle) } }));
        let answer = patch(cluster, &change, &who);
        must(answer.is_ok(), "the caBundle", &answer)?;
    }
    Ok(())
}

/// Without the policy it may change all of it: the check above can fail.
pub fn is_needed(cluster: &Cluster) -> Checked {
    let change = of_the_webhook(&json!({ "failurePolicy": "Ignore" }));
    until("without the policy the account may change everything", || {
        Ok(patch(cluster, &change, &["--as", ACCOUNT]).is_ok())
    })
}
