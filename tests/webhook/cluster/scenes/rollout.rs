//! Replicas start and end under load with failurePolicy Fail, so that a failed review would be a failed call.

use std::time::Duration;

use serde_json::{Value, json};

use crate::check::Outcome;
use crate::load::{Load, Report};
use crate::world::{NAMESPACE, World};

/// Calls a second.
fn rate() -> u32 {
    std::env::var("RATE").ok().and_then(|rate| rate.parse().ok()).unwrap_or(200)
}

/// Plays it.
pub async fn play(world: &mut World) -> Result<(), String> {
    let values = |mark: &str| json!({ "webhook": { "failurePolicy": "Fail" }, "podAnnotations": { "example.com/mark": mark } });
    world.install(&values("one")).await?;
    world.settled().await?;
    let before = world.failed_calls().await?;

    let mark = world.kubelet.endings().len();
    let load = start(world).await;
    let outcome = world.kubectl(&["rollout", "restart", "deployment", "-n", NAMESPACE]).await?;
    if outcome.code != 0 {
        return Err(outcome.stderr);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let status =
        world.kubectl(&["rollout", "status", "deployment", "-n", NAMESPACE, "--timeout=90s"]).await?;
    let settled = world.settled().await.map(|_| ());
    let report = finish(load).await;
    let mut endings = world.kubelet.endings().split_off(mark);
    endings.retain(|ending| ending.asked);
    world.checks.note(
        "8 kubectl rollout restart under load loses nothing",
        lossless(&report, settled).and_then(|line| {
            let ended: Vec<String> = endings
                .iter()
                .map(|ending| {
                    format!(
                        "{} exit {:?} {:.1} s after SIGTERM",
                        ending.pod,
                        ending.code,
                        ending.took.as_secs_f64()
                    )
                })
                .collect();
            if status.code != 0 {
                Err(status.stderr.clone())
            } else if endings.len() < 2 || endings.iter().any(|ending| ending.code != Some(0)) {
                Err(format!("the old replicas ended with {ended:?}"))
            } else {
                Ok(format!("{line}; {}", ended.join(", ")))
            }
        }),
    );

    let load = start(world).await;
    let replica = world.settled().await?.into_iter().next().ok_or("no replica")?;
    let began = std::time::Instant::now();
    replica.signal("TERM").await?;
    let ended = async {
        while replica.state().restarts == 0 && began.elapsed() < Duration::from_secs(60) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        world.settled().await.map(|_| ())
    };
    let settled = ended.await;
    let report = finish(load).await;
    let code = world.kubelet.endings().last().and_then(|ending| ending.code);
    world.checks.note(
        "8 SIGTERM of one replica under load loses nothing",
        lossless(&report, settled).and_then(|line| {
            if code == Some(0) {
                Ok(format!("{line}; exit {code:?}, then started again"))
            } else {
                Err(format!("{line}; it ended with {code:?}"))
            }
        }),
    );

    let load = start(world).await;
    let upgraded = world.upgrade(&values("two")).await;
    let settled = world.settled().await.map(|_| ());
    let report = finish(load).await;
    world.checks.note("8 helm upgrade under load loses nothing", upgraded.and(lossless(&report, settled)));

    let load = start(world).await;
    let drained = drain(world).await;
    let settled = world.settled().await.map(|_| ());
    let report = finish(load).await;
    world.checks.note(
        "8 kubectl drain of a replica's node under load loses nothing",
        drained.and(lossless(&report, settled)),
    );

    let after = world.failed_calls().await?;
    world.checks.hold(
        "8 the API server itself counts no failed call of the webhook",
        after == before,
        format!("fail open {} -> {}, failed calls {} -> {}", before.0, after.0, before.1, after.1),
    );
    Ok(())
}

async fn drain(world: &World) -> Outcome {
    let replica = world.settled().await?.into_iter().next().ok_or("no replica")?;
    let drained = world
        .kubectl(&["drain", &replica.node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=60s"])
        .await?;
    world.kubectl(&["uncordon", &replica.node]).await?;
    if drained.code == 0 { Ok(replica.node.clone()) } else { Err(drained.stderr) }
}

/// Load, and a moment of it before anything happens.
pub async fn start(world: &World) -> Load {
    let load = Load::start(&world.doors, 32, rate(), "load").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    load
}

/// A moment more, then the report.
pub async fn finish(load: Load) -> Report {
    tokio::time::sleep(Duration::from_secs(2)).await;
    load.finish().await
}

/// Every call was accepted and reviewed.
pub fn lossless(report: &Report, settled: Result<(), String>) -> Outcome {
    let line = report.line();
    settled.map_err(|error| format!("{error}; {line}"))?;
    if report.failures() > 0 || report.accepted < 100 || report.reviewed < report.accepted {
        Err(line)
    } else {
        Ok(line)
    }
}

/// The values of a release whose certificates come from a Secret.
pub fn own_certificates(secret: &str, bundle: &str) -> Value {
    json!({
        "webhook": { "failurePolicy": "Fail" },
        "certificates": { "mode": "existingSecret", "existingSecret": { "name": secret, "caBundle": bundle } },
    })
}
