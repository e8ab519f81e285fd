//! Pods that the API server would not store: `kubectl apply` hears of it at once, in the words of the event that comes later. An update is
//! denied only for the pods that it has refused.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api::until;
use crate::check::Outcome;
use crate::load::daemon_set;
use crate::world::World;

/// The namespace with a level of pod security, limits and a quota.
const GUARDED: &str = "guarded";

/// How long something new may take to be seen.
const SEEN: Duration = Duration::from_secs(20);

/// What the API server says of pods with the host's process ids.
const VIOLATES: &str = "violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)";

/// Plays it.
pub async fn play(world: &mut World) -> Result<(), String> {
    world.install(&json!({})).await?;
    world.settled().await?;
    let labels = json!({ "pod-security.kubernetes.io/enforce": "baseline" });
    world
        .api
        .create("/api/v1/namespaces", &json!({ "metadata": { "name": GUARDED, "labels": labels } }))
        .await?;
    let played = told(world).await;
    world
        .checks
        .note("kubectl apply hears of pods that would be refused, and the event says the same", played);
    let played = quota(world).await;
    world.checks.note("a quota and its end are seen", played);
    world.upgrade(&json!({ "config": { "levels": { "pods-refused": "deny" } } })).await?;
    world.settled().await?;
    let played = denied(world).await;
    world.checks.note("an update is denied only for the pods that it has refused", played);
    world.api.delete(&format!("/api/v1/namespaces/{GUARDED}"), None).await?;
    Ok(())
}

/// A DaemonSet whose pods see the host's processes, or not.
fn agent(host: bool, image: &str) -> Value {
    let mut object = daemon_set("agent");
    object["metadata"]["namespace"] = json!(GUARDED);
    object["spec"]["template"]["spec"]["hostPID"] = json!(host);
    object["spec"]["template"]["spec"]["containers"][0]["image"] = json!(image);
    object
}

async fn apply(world: &World, object: &Value, more: &[&str]) -> Result<crate::world::Printed, String> {
    let file = world.folder.join("refused.json");
    std::fs::write(&file, object.to_string()).map_err(|error| error.to_string())?;
    let file = file.display().to_string();
    world.kubectl(&[&["apply", "-f", file.as_str()], more].concat()).await
}

/// The warning of the apply, and the controller's event.
async fn told(world: &World) -> Outcome {
    let said = format!("41 of 41 pods would be refused: {VIOLATES}");
    let object = agent(true, "registry.example/agent:1");
    until("the webhook knows the namespace", SEEN, async || {
        let printed = apply(world, &object, &["--dry-run=server"]).await?;
        Ok(printed.stderr.contains(&said).then_some(()))
    })
    .await?;
    let printed = apply(world, &object, &[]).await?;
    if printed.code != 0 || !printed.stderr.contains(&said) {
        return Err(format!("{} {}", printed.code, printed.stderr));
    }
    let event = until("the controller's event", SEEN, async || {
        let events = world.api.list(&format!("/api/v1/namespaces/{GUARDED}/events")).await?;
        let of_pods = events.iter().find(|event| event["reason"] == "FailedCreate");
        Ok(of_pods.and_then(|event| event["message"].as_str()).map(str::to_owned))
    })
    .await?;
    if event.ends_with(VIOLATES) { Ok(said) } else { Err(event) }
}

async fn quota(world: &World) -> Outcome {
    let path = format!("/api/v1/namespaces/{GUARDED}/resourcequotas");
    let hard = json!({ "pods": "0" });
    let few = json!({ "metadata": { "name": "few" }, "spec": { "hard": hard } });
    world.api.create(&path, &few).await?;
    // Nobody counts quotas in this control plane.
    let status = json!({ "status": { "hard": hard, "used": { "pods": "0" } } });
    world.api.merge(&format!("{path}/few/status"), &status).await?;
    let mut object = agent(false, "registry.example/agent:1");
    object["metadata"]["name"] = json!("other");
    let said = "pods would be refused: exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0";
    let warned = async |there: bool| {
        let printed = apply(world, &object, &["--dry-run=server"]).await?;
        Ok::<_, String>((printed.stderr.contains(said) == there).then_some(()))
    };
    until("the webhook knows the quota", SEEN, async || warned(true).await).await?;
    world.api.delete(&format!("{path}/few"), None).await?;
    until("the webhook knows that the quota is gone", SEEN, async || warned(false).await).await?;
    Ok(said.to_owned())
}

async fn denied(world: &World) -> Outcome {
    let mut fresh = agent(true, "registry.example/agent:1");
    fresh["metadata"]["name"] = json!("fresh");
    let message = until("a new one is denied", SEEN, async || {
        let printed = apply(world, &fresh, &["--dry-run=server"]).await?;
        Ok((printed.code != 0).then_some(printed.stderr))
    })
    .await?;
    if !message.contains(VIOLATES) {
        return Err(message);
    }
    // The stored one has its pods refused already.
    let same = apply(world, &agent(true, "registry.example/agent:2"), &[]).await?;
    let mended = apply(world, &agent(false, "registry.example/agent:2"), &[]).await?;
    let again = apply(world, &agent(true, "registry.example/agent:2"), &[]).await?;
    match (same.code, mended.code, again.code) {
        (0, 0, code) if code != 0 => Ok("kept: allowed; mended: allowed; added: denied".to_owned()),
        codes => Err(format!("{codes:?}: {}{}{}", same.stderr, mended.stderr, again.stderr)),
    }
}
