//! More reviews than the webhook can answer, through the API server: bounded memory, no restart, every admission decided.

use std::time::Duration;

use serde_json::json;

use crate::load::Load;
use crate::world::World;

/// Reviews that each of the two replicas takes on at once.
const IN_FLIGHT: usize = 12;

/// Workers that call as fast as they can: four times what the replicas take on.
const WORKERS: usize = 4 * 2 * IN_FLIGHT;

/// Plays it.
pub async fn play(world: &mut World) -> Result<(), String> {
    let values = json!({ "webhook": { "failurePolicy": "Fail" }, "server": { "maxInFlight": IN_FLIGHT } });
    world.install(&values).await?;
    world.settled().await?;
    let before = world.failed_calls().await?;
    let shed = world.metric("daemonset_webhook_shed_total", &[]).await?;
    let load = Load::start(&world.doors, WORKERS, 0, "load").await;
    tokio::time::sleep(Duration::from_secs(15)).await;
    let report = load.finish().await;
    let shed = world.metric("daemonset_webhook_shed_total", &[]).await? - shed;
    let replicas = world.replicas().await?;
    let peaks: Vec<u64> = replicas.iter().map(|replica| replica.state().peak / 1024).collect();
    let restarts: Vec<u32> = replicas.iter().map(|replica| replica.state().restarts).collect();
    let line = report.line();
    // A call may be refused because its review did not fit in the timeout; what counts is that it is decided in time.
    let late = report.longest() > Duration::from_secs(5);
    world.checks.hold(
        "9 overload through the API server: every admission is decided in time",
        !late && report.accepted > 0,
        line.clone(),
    );
    world.checks.hold(
        "9 overload: shedding loses no admission",
        report.failures() == 0 && report.reviewed == report.accepted,
        format!("{shed:.0} reviews were shed and tried again; {line}"),
    );
    world.checks.hold(
        "9 overload: memory is bounded and nothing is started again",
        peaks.iter().all(|peak| *peak < 256) && restarts.iter().all(|count| *count == 0),
        format!("peak RSS {peaks:?} MiB, limit 256 MiB; restarts {restarts:?}"),
    );
    let after = world.failed_calls().await?;
    world.checks.say(&format!("the API server's failed calls: {before:?} -> {after:?}"));
    Ok(())
}
