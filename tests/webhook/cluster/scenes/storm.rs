//! A storm: one tenant's hostile objects, changing nodes, and connections from "pods" that say nothing, wait or send slowly. Meanwhile
//! another tenant's DaemonSets are decided rightly and in time, health answers, and the replicas stay within their memory.
//!
//! `STORM=600 bash tests/webhook.sh storm` takes ten minutes; without `STORM` it takes one. `STORM_NODES` and `STORM_EVENTS` set the size of
//! the cluster and the changes of nodes a second. `WEBHOOK_BIN` should name an optimised build.

mod objects;
mod pods;
mod tenants;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::cluster;
use crate::kubelet::Replica;
use crate::world::{OPS, REVIEWS, World};
use pods::{Pods, Target};
use tenants::Tenants;

/// The hostile tenant.
const TENANT: &str = "mallory";

/// The chart's limit for a replica's memory, in KiB.
const MEMORY: u64 = 256 * 1024;

/// How much more memory than before a replica may keep, in KiB: what the allocator holds for the threads that judge, which is bounded by the
/// largest reviews, and not by their number.
const KEPT: u64 = 48 * 1024;

/// How soon health answers.
const HEALTHY: Duration = Duration::from_millis(50);

/// The word for a process that attacks.
pub const PODS: &str = "pods";

/// The process that attacks: how many seconds, then the replicas' addresses in pairs, for reviews and for probes. It has a low priority, because
/// real attackers would be on other machines.
pub fn attack(words: &[String]) -> ExitCode {
    let told = || -> Result<Vec<String>, String> {
        let (seconds, addresses) = words.split_first().ok_or("no seconds")?;
        let seconds = seconds.parse::<u64>().map_err(|_| format!("{seconds} is no number of seconds"))?;
        let parsed = addresses
            .iter()
            .map(|word| word.parse::<SocketAddr>().map_err(|_| format!("{word} is no address")));
        let addresses: Vec<SocketAddr> = parsed.collect::<Result<_, String>>()?;
        let pairs = addresses.chunks_exact(2).filter_map(|pair| match pair {
            [reviews, ops] => Some(Target { reviews: *reviews, ops: *ops }),
            _ => None,
        });
        let targets: Vec<Target> = pairs.collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| error.to_string())?.block_on(async {
            let pods = Pods::start(&targets, &Arc::new(objects::bodies()))?;
            Ok::<_, String>(pods.finish(Duration::from_secs(seconds)).await)
        })
    };
    match told() {
        Ok(lines) => {
            println!("{}", lines.join("\n"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the storm is asked for: by its name, or by how long it lasts.
pub fn wanted(words: &[String]) -> bool {
    std::env::var_os("STORM").is_some() || words.iter().any(|word| "storm".contains(word.as_str()))
}

fn number(variable: &str, default: u32) -> u32 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The name of one of the storm's own nodes.
fn node_name(number: u64) -> String {
    format!("storm-{number:04}")
}

/// Plays it.
pub async fn play(world: &mut World) -> Result<(), String> {
    let nodes = number("STORM_NODES", 500) as usize;
    let made = make_nodes(world, nodes).await;
    let played = match made {
        Ok(()) => storm(world, nodes).await,
        Err(error) => Err(error),
    };
    world.api.delete("/api/v1/nodes?labelSelector=example.com/storm", Some(0)).await?;
    played
}

async fn make_nodes(world: &World, count: usize) -> Result<(), String> {
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..8 {
        let Some(api) = world.doors.get(worker % world.doors.len().max(1)).cloned() else { continue };
        tasks.spawn(async move {
            for number in (worker..count).step_by(8) {
                let name = node_name(number as u64);
                let mut node = cluster::node(&name);
                node["metadata"]["labels"]["example.com/storm"] = json!("yes");
                // Nothing of the release runs there.
                node["metadata"]["labels"]["kubernetes.io/arch"] = json!("arm64");
                node["status"]["nodeInfo"]["architecture"] = json!("arm64");
                api.create("/api/v1/nodes", &node).await?;
                let path = format!("/api/v1/nodes/{name}/status");
                api.merge(&path, &json!({ "status": node["status"] })).await?;
            }
            Ok::<(), String>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.map_err(|error| error.to_string())??;
    }
    Ok(())
}

/// What was seen of the replicas all along.
#[derive(Default)]
struct Watched {
    /// The largest resident set, in KiB.
    peak: u64,
    /// How long /healthz took.
    health: Vec<Duration>,
    /// How often it did not answer 200 within three seconds.
    silent: usize,
}

impl Watched {
    fn health(&self, share: f64) -> Duration {
        let mut took = self.health.clone();
        took.sort_unstable();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let at = (took.len().saturating_sub(1) as f64 * share) as usize;
        took.get(at).copied().unwrap_or_default()
    }
}

/// The resident set of a process, in KiB.
fn resident(replica: &Replica) -> u64 {
    let Some(pid) = replica.state().pid else { return 0 };
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok()).unwrap_or(0)
}

/// Looks at a replica ten times a second until the end. On a thread of its own, so that what else this process does delays nothing.
fn watch(replica: &Replica, until: Instant) -> Watched {
    let mut watched = Watched::default();
    let Ok(address) = replica.at(OPS) else { return watched };
    while Instant::now() < until {
        std::thread::sleep(Duration::from_millis(100));
        watched.peak = watched.peak.max(resident(replica));
        let began = Instant::now();
        match healthy(address) {
            Ok(true) => watched.health.push(began.elapsed()),
            _ => watched.silent += 1,
        }
    }
    watched
}

/// Whether /healthz answers 200, on a new connection as the kubelet opens it.
fn healthy(address: SocketAddr) -> std::io::Result<bool> {
    let patience = Duration::from_secs(3);
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: kubelet\r\nConnection: close\r\n\r\n")?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    Ok(answer == *b"HTTP/1.1 200")
}

async fn storm(world: &mut World, nodes: usize) -> Result<(), String> {
    let seconds = number("STORM", 60);
    let values = json!({
        "webhook": { "failurePolicy": "Fail" },
        "config": { "levels": { "lands-nowhere": "deny" } },
    });
    world.install(&values).await?;
    let replicas = world.settled().await?;
    let all = nodes + cluster::NODES;
    let (good, tenant) = tokio::try_join!(
        crate::api::ApiClient::open_as(&world.kubeconfig, "alice"),
        crate::api::ApiClient::open_as(&world.kubeconfig, TENANT),
    )?;
    let objects = Arc::new(objects::valid());
    // Memory of a replica that has answered for a while, so that nothing that it keeps by design counts as lost.
    let mut calm = Tenants::new();
    calm.decide(&good, all);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let calm = calm.finish().await;
    world.checks.hold(
        "storm: before it, the other tenant's DaemonSets are decided rightly",
        calm.decided.wrong.is_empty() && !calm.decided.took.is_empty(),
        calm.decided.line(),
    );
    let before: Vec<u64> = replicas.iter().map(|replica| resident(replica)).collect();
    let failed = world.failed_calls().await?;
    let restarts = |replicas: &[Arc<Replica>]| replicas.iter().map(|it| it.state().restarts).sum::<u32>();
    let restarted = restarts(&replicas);

    let until = Instant::now() + Duration::from_secs(u64::from(seconds));
    let watches: Vec<_> = replicas
        .iter()
        .map(|replica| {
            let replica = Arc::clone(replica);
            std::thread::spawn(move || watch(&replica, until))
        })
        .collect();
    let mut words = vec![PODS.to_owned(), seconds.to_string()];
    for replica in &replicas {
        words.extend([replica.at(REVIEWS)?.to_string(), replica.at(OPS)?.to_string()]);
    }
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let pods = tokio::process::Command::new("nice")
        .args(["-n", "19"])
        .arg(program)
        .args(&words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("the pods: {error}"))?;
    let mut tenants = Tenants::new();
    tenants.decide(&good, all);
    tenants.attack(&tenant, &objects, 2);
    tenants.churn(&world.doors, nodes, number("STORM_EVENTS", 500));
    tokio::time::sleep_until(until.into()).await;
    let report = tenants.finish().await;
    let seen = pods.wait_with_output().await.map_err(|error| error.to_string())?;
    let seen = String::from_utf8_lossy(&seen.stdout).into_owned();
    let mut watched = Vec::new();
    for watch in watches {
        watched.push(watch.join().map_err(|_| "a watch panicked")?);
    }
    tell(world, &report, &seen);

    #[allow(clippy::cast_precision_loss)]
    let rate = report.events as f64 / report.seconds;
    let decided = &report.decided;
    world.checks.hold(
        "storm: the other tenant's DaemonSets are all decided rightly",
        decided.wrong.is_empty() && decided.took.len() as u64 >= u64::from(seconds) * 4,
        format!("{}; {rate:.0} changes of nodes a second, {all} nodes", decided.line()),
    );
    world.checks.hold(
        "storm: each of them within a second",
        decided.quantile(1.0) <= Duration::from_secs(1),
        decided.line(),
    );
    let after = world.failed_calls().await?;
    world.checks.hold(
        "storm: the API server's calls of the webhook never fail",
        after == failed,
        format!("fail open {} -> {}, failed calls {} -> {}", failed.0, after.0, failed.1, after.1),
    );
    world.checks.hold(
        "storm: the API server's own writes never fail",
        report.lost.is_empty() && report.events > 0,
        format!("{} changes of nodes, {:?}", report.events, report.lost),
    );
    let peaks: Vec<u64> = watched.iter().map(|it| it.peak).collect();
    world.checks.hold(
        "storm: memory stays under the chart's limit",
        peaks.iter().all(|peak| *peak <= MEMORY) && restarts(&replicas) == restarted,
        format!("largest RSS {} MiB of 256 MiB; {} restarts", mib(&peaks), restarts(&replicas) - restarted),
    );
    let health = |share| watched.iter().map(|it| it.health(share)).max().unwrap_or_default();
    let silent: usize = watched.iter().map(|it| it.silent).sum();
    let samples: usize = watched.iter().map(|it| it.health.len()).sum();
    world.checks.hold(
        "storm: health answers within 50 ms",
        silent == 0 && health(0.99) <= HEALTHY,
        format!(
            "{samples} samples, {silent} without an answer; p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
            health(0.5).as_secs_f64() * 1000.0,
            health(0.99).as_secs_f64() * 1000.0,
            health(1.0).as_secs_f64() * 1000.0
        ),
    );
    // What idle connections and the allocator hold is given back within a moment.
    let mut rested = Vec::new();
    for _ in 0..30 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        rested = replicas.iter().map(|replica| resident(replica)).collect::<Vec<u64>>();
        if rested.iter().zip(&before).all(|(now, before)| *now <= before + KEPT) {
            break;
        }
    }
    world.checks.hold(
        "storm: afterwards memory is as small as before",
        rested.iter().zip(&before).all(|(now, before)| *now <= before + KEPT),
        format!("RSS {} MiB before, {} MiB afterwards", mib(&before), mib(&rested)),
    );
    Ok(())
}

fn mib(kib: &[u64]) -> String {
    kib.iter().map(|kib| (kib / 1024).to_string()).collect::<Vec<_>>().join(" and ")
}

/// Says what the attackers saw.
fn tell(world: &World, report: &tenants::Report, seen: &str) {
    for (what, count) in &report.hostile {
        world.checks.say(&format!("{TENANT}: {count} x {what}"));
    }
    for line in seen.lines() {
        world.checks.say(&format!("pods: {line}"));
    }
}
