//! A limited load through the API server: dry-run creates of a DaemonSet, each of which a webhook must have reviewed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::api::ApiClient;

/// No load lasts longer, whatever happens.
const LONGEST: Duration = Duration::from_secs(180);

/// What became of the calls.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Calls that were accepted.
    pub accepted: usize,
    /// Of those, calls whose answer carried the webhook's echo.
    pub reviewed: usize,
    /// Calls that were answered with anything else, by what was said.
    pub refused: BTreeMap<String, usize>,
    /// How long each call took, sorted.
    pub took: Vec<Duration>,
    /// How long all of it took.
    pub seconds: f64,
}

impl Report {
    /// How many calls were not accepted.
    pub fn failures(&self) -> usize {
        self.refused.values().sum()
    }

    fn quantile(&self, share: f64) -> f64 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let at = (self.took.len().saturating_sub(1) as f64 * share) as usize;
        self.took.get(at).map_or(0.0, |took| took.as_secs_f64() * 1000.0)
    }

    /// The longest call.
    pub fn longest(&self) -> Duration {
        self.took.last().copied().unwrap_or_default()
    }

    /// One line of figures.
    pub fn line(&self) -> String {
        #[allow(clippy::cast_precision_loss)]
        let rate = self.took.len() as f64 / self.seconds.max(0.001);
        let mut line = format!(
            "{} calls in {:.1} s ({rate:.0}/s), {} accepted, {} with the webhook's echo, {} failed; p50 {:.1} ms, p99 {:.1} ms, longest {:.0} ms",
            self.took.len(),
            self.seconds,
            self.accepted,
            self.reviewed,
            self.failures(),
            self.quantile(0.5),
            self.quantile(0.99),
            self.quantile(1.0),
        );
        for (said, count) in self.refused.iter().take(3) {
            line.push_str(&format!("; {count} x {said:.300}"));
        }
        line
    }
}

/// A running load.
pub struct Load {
    stop: Arc<AtomicBool>,
    start: Instant,
    report: Arc<Mutex<Report>>,
    workers: JoinSet<()>,
}

impl Load {
    /// Starts `workers` workers that make `rate` calls a second together; as fast as they can where it is 0. Half of the workers have
    /// clients of their own, so that several connections to the API server are in use.
    pub async fn start(doors: &[ApiClient], workers: usize, rate: u32, namespace: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (report, calls) = (Arc::new(Mutex::new(Report::default())), Arc::new(AtomicUsize::new(0)));
        let start = Instant::now();
        let mut set = JoinSet::new();
        for worker in 0..workers {
            let Some(api) = doors.get(worker % doors.len().max(1)).cloned() else { continue };
            let (stop, report, calls) = (Arc::clone(&stop), Arc::clone(&report), Arc::clone(&calls));
            let path = format!(
                "/apis/apps/v1/namespaces/{namespace}/daemonsets?dryRun=All&fieldManager=load&fieldValidation=Ignore"
            );
            set.spawn(async move {
                while !stop.load(Ordering::Relaxed) && start.elapsed() < LONGEST {
                    let number = calls.fetch_add(1, Ordering::Relaxed);
                    if rate > 0 {
                        let due = Duration::from_secs_f64(number as f64 / f64::from(rate));
                        tokio::time::sleep(due.saturating_sub(start.elapsed())).await;
                    }
                    let mut object = daemon_set(&format!("load-{number}"));
                    // The webhook echoes this annotation of a dry run, so the answer is known to be of this very review.
                    object["metadata"]["annotations"] =
                        json!({ "daemonset-webhook/self-test": format!("load-{number}") });
                    let began = Instant::now();
                    let answer = api.post(&path, &object).await;
                    let took = began.elapsed();
                    let Ok(mut report) = report.lock() else { return };
                    report.took.push(took);
                    match answer {
                        Ok(answer) if answer.accepted() => {
                            report.accepted += 1;
                            let echo = format!("self-test load-{number}: ");
                            if answer.warnings.iter().any(|warning| warning.starts_with(&echo)) {
                                report.reviewed += 1;
                            }
                        }
                        Ok(answer) => {
                            let said = format!("{} {}", answer.code, answer.message())
                                .replace(&format!("load-{number}"), "load");
                            *report.refused.entry(said).or_default() += 1;
                        }
                        Err(error) => *report.refused.entry(error).or_default() += 1,
                    }
                }
            });
        }
        Self { stop, start, report, workers: set }
    }

    /// Ends it, waits for the calls in flight and reports.
    pub async fn finish(mut self) -> Report {
        self.stop.store(true, Ordering::Relaxed);
        while self.workers.join_next().await.is_some() {}
        let mut report = self.report.lock().map(|report| report.clone()).unwrap_or_default();
        report.seconds = self.start.elapsed().as_secs_f64();
        report.took.sort_unstable();
        report
    }
}

/// A DaemonSet that the webhook has something to say of: it does not run on the nodes with a taint.
pub fn daemon_set(name: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "name": name },
        "spec": {
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{ "name": "agent", "image": "registry.example/agent:1" }] },
            },
        },
    })
}
