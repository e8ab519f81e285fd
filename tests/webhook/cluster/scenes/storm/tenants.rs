//! The hostile tenant, the other tenant whose DaemonSets must be decided rightly meanwhile, and the nodes that change.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::objects::Hostile;
use crate::api::{Answer, ApiClient};
use crate::load::daemon_set;

/// Where DaemonSets are tried.
const PATH: &str = "/apis/apps/v1/namespaces/load/daemonsets?dryRun=All&fieldValidation=Ignore";

/// What became of the other tenant's calls.
#[derive(Clone, Default)]
pub struct Decided {
    /// How long each took.
    pub took: Vec<Duration>,
    /// What was wrong, how often.
    pub wrong: BTreeMap<String, usize>,
}

impl Decided {
    /// The time within which this share of the calls was decided.
    pub fn quantile(&self, share: f64) -> Duration {
        let mut took = self.took.clone();
        took.sort_unstable();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let at = (took.len().saturating_sub(1) as f64 * share).round() as usize;
        took.get(at).copied().unwrap_or_default()
    }

    /// One line of figures.
    pub fn line(&self) -> String {
        let slow = self.took.iter().filter(|took| **took > Duration::from_secs(1)).count();
        let mut line = format!(
            "{} calls, {} wrong, {slow} slower than 1 s; p50 {:.0} ms, p99 {:.0} ms, longest {:.0} ms",
            self.took.len(),
            self.wrong.values().sum::<usize>(),
            self.quantile(0.5).as_secs_f64() * 1000.0,
            self.quantile(0.99).as_secs_f64() * 1000.0,
            self.quantile(1.0).as_secs_f64() * 1000.0,
        );
        for (what, count) in self.wrong.iter().take(3) {
            line.push_str(&format!("; {count} x {what:.200}"));
        }
        line
    }
}

/// What runs until it is told to stop.
pub struct Tenants {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<()>,
    decided: Arc<Mutex<Decided>>,
    hostile: Arc<Mutex<BTreeMap<String, usize>>>,
    events: Arc<AtomicU64>,
    lost: Arc<Mutex<BTreeMap<String, usize>>>,
    start: Instant,
}

/// Everything that the tenants did.
pub struct Report {
    /// The other tenant's calls.
    pub decided: Decided,
    /// The hostile tenant's, by object and by what the API server said.
    pub hostile: BTreeMap<String, usize>,
    /// Changes of nodes.
    pub events: u64,
    /// Changes of nodes that failed.
    pub lost: BTreeMap<String, usize>,
    /// How long it took.
    pub seconds: f64,
}

impl Tenants {
    /// Nothing runs yet.
    pub fn new() -> Self {
        Self {
            stop: Arc::default(),
            tasks: JoinSet::new(),
            decided: Arc::default(),
            hostile: Arc::default(),
            events: Arc::default(),
            lost: Arc::default(),
            start: Instant::now(),
        }
    }

    /// The other tenant: five DaemonSets a second, a denial and a warning in turn.
    pub fn decide(&mut self, api: &ApiClient, nodes: usize) {
        let (api, stop, decided) = (api.clone(), Arc::clone(&self.stop), Arc::clone(&self.decided));
        self.tasks.spawn(async move {
            let mut calls = JoinSet::new();
            let mut pace = tokio::time::interval(Duration::from_millis(200));
            for number in 0_u64.. {
                pace.tick().await;
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let (api, decided) = (api.clone(), Arc::clone(&decided));
                calls.spawn(async move {
                    let began = Instant::now();
                    let wrong = if number % 2 == 0 {
                        denied(&api, number, nodes).await
                    } else {
                        warned(&api, number, nodes).await
                    };
                    let took = began.elapsed();
                    let mut decided = decided.lock().unwrap_or_else(PoisonError::into_inner);
                    decided.took.push(took);
                    if let Err(what) = wrong {
                        *decided.wrong.entry(what).or_default() += 1;
                    }
                });
            }
            while calls.join_next().await.is_some() {}
        });
    }

    /// The hostile tenant: all objects in turn, again and again, on this many connections.
    pub fn attack(&mut self, api: &ApiClient, objects: &Arc<Vec<Hostile>>, workers: usize) {
        for worker in 0..workers {
            let (api, stop, objects) = (api.clone(), Arc::clone(&self.stop), Arc::clone(objects));
            let hostile = Arc::clone(&self.hostile);
            self.tasks.spawn(async move {
                let mut turn = worker * objects.len() / workers;
                while !stop.load(Ordering::Relaxed) {
                    let Some(next) = objects.get(turn % objects.len().max(1)) else { return };
                    turn += 1;
                    let said = match api.post(PATH, &next.object).await {
                        Ok(answer) if answer.accepted() => "accepted".to_owned(),
                        Ok(answer) => {
                            format!("{} {}", answer.code, end(&answer.message()))
                        }
                        Err(error) => error,
                    };
                    let mut hostile = hostile.lock().unwrap_or_else(PoisonError::into_inner);
                    *hostile.entry(format!("{}: {said}", next.what)).or_default() += 1;
                }
            });
        }
    }

    /// Changes labels of nodes, at most this many a second together.
    pub fn churn(&mut self, doors: &[ApiClient], nodes: usize, rate: u32) {
        for worker in 0..8_u64 {
            let Some(api) = doors.get(usize::try_from(worker).unwrap_or_default() % doors.len().max(1))
            else {
                return;
            };
            let (api, stop) = (api.clone(), Arc::clone(&self.stop));
            let (events, lost) = (Arc::clone(&self.events), Arc::clone(&self.lost));
            self.tasks.spawn(async move {
                let mut pace = tokio::time::interval(Duration::from_secs(8) / rate.max(1));
                pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
                for number in 0_u64.. {
                    pace.tick().await;
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let node = (number * 8 + worker) % nodes as u64;
                    let patch =
                        json!({ "metadata": { "labels": { "example.com/turn": number.to_string() } } });
                    match api.merge(&format!("/api/v1/nodes/{}", super::node_name(node)), &patch).await {
                        Ok(answer) if answer.accepted() => {
                            events.fetch_add(1, Ordering::Relaxed);
                        }
                        other => {
                            let what = other.map_or_else(|error| error, |answer| answer.message());
                            let what: String = what.chars().take(120).collect();
                            *lost.lock().unwrap_or_else(PoisonError::into_inner).entry(what).or_default() +=
                                1;
                        }
                    }
                }
            });
        }
    }

    /// Ends all of it, waits for the calls in flight and reports.
    pub async fn finish(mut self) -> Report {
        let seconds = self.start.elapsed().as_secs_f64();
        self.stop.store(true, Ordering::Relaxed);
        while self.tasks.join_next().await.is_some() {}
        let copy =
            |map: &Mutex<BTreeMap<String, usize>>| map.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Report {
            decided: self.decided.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            hostile: copy(&self.hostile),
            events: self.events.load(Ordering::Relaxed),
            lost: copy(&self.lost),
            seconds,
        }
    }
}

/// The end of a message: where the API server says why a call failed.
fn end(message: &str) -> String {
    let left = message.chars().count().saturating_sub(120);
    message.chars().skip(left).collect()
}

async fn call(api: &ApiClient, object: &Value) -> Result<Answer, String> {
    tokio::time::timeout(Duration::from_secs(30), api.post(PATH, object))
        .await
        .unwrap_or_else(|_| Err("no answer in 30 s".to_owned()))
}

/// No node has this label, so it would run nowhere, which is denied.
async fn denied(api: &ApiClient, number: u64, nodes: usize) -> Result<(), String> {
    let mut object = daemon_set(&format!("nowhere-{number}"));
    object["spec"]["template"]["spec"]["nodeSelector"] = json!({ "disk": "nvme" });
    let answer = call(api, &object).await?;
    let reason = format!("none of {nodes} matches nodeSelector disk: nvme (lands-nowhere)");
    if answer.code == 403 && answer.message().contains(&reason) {
        return Ok(());
    }
    let said = if answer.accepted() { format!("{:?}", answer.warnings) } else { end(&answer.message()) };
    Err(format!("not denied: {} {said}", answer.code).replace(&format!("nowhere-{number}"), "nowhere"))
}

/// It does not run on the nodes with a taint, which is a warning.
async fn warned(api: &ApiClient, number: u64, nodes: usize) -> Result<(), String> {
    let answer = call(api, &daemon_set(&format!("agent-{number}"))).await?;
    let tainted = crate::cluster::TAINTED.len();
    let reason = format!("runs on {} of {nodes} nodes; not on gpu-1, gpu-2, gpu-3", nodes - tainted);
    if answer.accepted() && answer.warnings.iter().any(|warning| warning.contains(&reason)) {
        return Ok(());
    }
    let said = if answer.accepted() { format!("{:?}", answer.warnings) } else { end(&answer.message()) };
    Err(format!("no warning: {} {said}", answer.code).replace(&format!("agent-{number}"), "agent"))
}
