//! An uninstall while every pod crashes leaves no webhook behind.

use std::time::Duration;

use serde_json::json;

use super::install::left;
use crate::api::until;
use crate::inventory::inventory;
use crate::kubelet::Fault;
use crate::load::daemon_set;
use crate::world::{NAMESPACE, RELEASE, TRIED, World};

/// Plays it.
pub async fn play(world: &mut World) -> Result<(), String> {
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } });
    world.api.create("/api/v1/namespaces", &namespace).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = inventory(&world.api).await?;
    world.install(&json!({ "webhook": { "failurePolicy": "Fail" } })).await?;
    world.settled().await?;
    let (_, address) = world.service().await?;
    world.kubelet.fault(Fault::Dead { noticed: true });
    until("the Service loses its endpoints", Duration::from_secs(30), async || {
        Ok((world.proxy.endpoints(address) == 0).then_some(()))
    })
    .await?;
    let path = format!("/apis/apps/v1/namespaces/{TRIED}/daemonsets?dryRun=All");
    let refused = world.api.post(&path, &daemon_set("stuck")).await?;
    let printed = world.helm(&["uninstall", RELEASE, "-n", NAMESPACE, "--wait", "--timeout", "60s"]).await;
    world
        .checks
        .note("11 helm uninstall succeeds while all pods crash", printed.map(|text| text.trim().to_owned()));
    let outcome = left(world, &before).await;
    world.checks.note("11 uninstalling with crashed pods leaves nothing behind", outcome);
    let free = until("DaemonSets are free again", Duration::from_secs(10), async || {
        let answer = world.api.post(&path, &daemon_set("stuck")).await?;
        if answer.accepted() { Ok(Some(())) } else { Err(answer.message()) }
    })
    .await;
    world.checks.note(
        "11 DaemonSets that failurePolicy Fail refused are accepted afterwards",
        free.and(if refused.accepted() {
            Err("they were not refused before".into())
        } else {
            Ok(format!("before: {:.120}", refused.message()))
        }),
    );
    Ok(())
}
