//! Measures the memory of the webhook's cache, and how long a review takes to read it. A server on loopback (this program again, so that
//! its memory is not counted) sends `--nodes N --pods N` objects. `--stateful P` per cent of the pods have their own shape and a claim.
//! `--events N` pods are replaced afterwards. Each node has `--padding BYTES` that are not kept, and events of 1 MB follow if there are any.

#[path = "../objects.rs"]
mod objects;
mod serve;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use daemonset_validation::Server;
use daemonset_validation::placement::{Budget, Kind};
use daemonset_webhook::cache::{Admission, Cache, Mode, Options, View, Watched};
use daemonset_webhook::metrics::Metrics;
use daemonset_webhook::placement::{Old, Question, judge};
use daemonset_webhook::policy::Levels;
use daemonset_webhook::supervise::Supervisor;
use serde_json::json;

/// What is asked for.
#[derive(Clone, Copy)]
struct Wanted {
    nodes: usize,
    pods: usize,
    stateful: usize,
    events: usize,
    padding: usize,
}

const USAGE: &str = "usage: cache-memory [--nodes N] [--pods N] [--stateful PER_CENT] [--events N] [--padding BYTES] [--mode nodes|pods]";

/// The webhook's own: memory is counted as the webhook takes it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut wanted = Wanted { nodes: 5_000, pods: 150_000, stateful: 0, events: 0, padding: 0 };
    let (mut serving, mut mode) = (false, Mode::Pods);
    let all: Vec<String> = std::env::args().skip(1).collect();
    let mut arguments = all.iter();
    while let Some(name) = arguments.next() {
        let value = if name == "--serve" { None } else { arguments.next() };
        match (name.as_str(), value, value.and_then(|value| value.parse().ok())) {
            ("--serve", ..) => serving = true,
            ("--nodes", _, Some(number)) => wanted.nodes = number,
            ("--pods", _, Some(number)) => wanted.pods = number,
            ("--stateful", _, Some(number)) => wanted.stateful = number,
            ("--events", _, Some(number)) => wanted.events = number,
            ("--padding", _, Some(number)) => wanted.padding = number,
            ("--mode", Some(value), _) if value == "nodes" => mode = Mode::Nodes,
            ("--mode", Some(value), _) if value == "pods" => mode = Mode::Pods,
            _ => {
                eprintln!("{USAGE}");
                std::process::exit(2);
            }
        }
    }
    if serving {
        serve::serve(wanted);
    }
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    let mut server = command.arg("--serve").args(&all).stdout(Stdio::piped()).spawn().expect("a server");
    let mut port = String::new();
    BufReader::new(server.stdout.take().expect("its output")).read_line(&mut port).expect("its port");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(measure(port.trim(), mode, wanted));
    server.kill().expect("the server's end");
    server.wait().expect("the server's end");
}

/// Resident memory now and at its most, in MiB.
fn memory() -> (f64, f64) {
    let status = std::fs::read_to_string("/proc/self/status").expect("what Linux says of this process");
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).expect("a line of it");
        line.split_whitespace().nth(1).and_then(|number| number.parse::<f64>().ok()).expect("KiB") / 1024.0
    };
    (of("VmRSS:"), of("VmHWM:"))
}

fn count(cache: &Cache, kind: Kind) -> usize {
    cache.counts().into_iter().find(|(of, _)| *of == kind).map_or(0, |(_, count)| count)
}

async fn measure(port: &str, mode: Mode, wanted: Wanted) {
    let before = memory();
    let config = kube::Config::new(format!("http://127.0.0.1:{port}").parse().expect("an address"));
    let client = kube::Client::try_from(config).expect("a client");
    let start = Instant::now();
    let supervisor = Supervisor::new(Arc::new(Metrics::new()));
    let cache = Cache::start(
        &client,
        Watched::new(mode, Admission::default()),
        Server::newest(),
        Options::default(),
        &supervisor,
    );
    while !matches!(cache.view(), View::Ready(_)) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let after = memory();
    println!(
        "{} nodes, {} pods and {} accounts read in {:.1} s: {:.1} MiB resident, {:.1} at most ({:.1} before)",
        count(&cache, Kind::Node),
        count(&cache, Kind::Pod),
        count(&cache, Kind::ServiceAccount),
        start.elapsed().as_secs_f64(),
        after.0,
        after.1,
        before.0
    );
    look(&cache);
    if wanted.events == 0 {
        return;
    }
    // Each pod that goes is followed by one that comes, and at the end there is one more.
    let (start, pods) = (Instant::now(), count(&cache, Kind::Pod));
    let mut longest = Duration::ZERO;
    while count(&cache, Kind::Pod) <= pods && start.elapsed() < Duration::from_secs(600) {
        let began = Instant::now();
        let _view = cache.view();
        longest = longest.max(began.elapsed());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let after = memory();
    println!(
        "after {} pods more that went and came, {:.1} s: {} pods, {:.1} MiB resident, {:.1} at most; the longest wait for a view {:.2} ms",
        wanted.events,
        start.elapsed().as_secs_f64(),
        count(&cache, Kind::Pod),
        after.0,
        after.1,
        longest.as_secs_f64() * 1e3
    );
    look(&cache);
}

/// How long a review looks.
fn look(cache: &Cache) {
    let container = json!({ "name": "main", "image": "agent:1", "resources": { "requests": { "cpu": "6", "memory": "8Gi" } } });
    for (name, spec) in [
        ("plain", json!({ "containers": [{ "name": "main", "image": "agent:1" }] })),
        ("with requests", json!({ "containers": [container] })),
    ] {
        let daemon_set = json!({
            "metadata": { "name": "new", "namespace": "team-1" },
            "spec": { "selector": { "matchLabels": { "app": "new" } }, "template": { "metadata": { "labels": { "app": "new" } }, "spec": spec } }
        });
        let daemon_set = serde_json::from_value(daemon_set).expect("a DaemonSet");
        let mut times = Vec::new();
        let mut line = String::new();
        for _ in 0..11 {
            let start = Instant::now();
            let (server, levels, budget) = (Server::newest(), Levels::default(), Budget::unbounded());
            let question = Question { server: &server, levels: &levels, named_nodes: 3, budget: &budget };
            let findings = judge(&daemon_set, &mut || Old::None, &cache.view(), &question).introduced;
            times.push(start.elapsed().as_secs_f64() * 1e3);
            line = findings.first().map(|finding| finding.message.to_string()).unwrap_or_default();
        }
        times.sort_by(f64::total_cmp);
        println!("  {name}: best {:.2} ms, middle {:.2} ms: {line}", times[0], times[5]);
    }
}
