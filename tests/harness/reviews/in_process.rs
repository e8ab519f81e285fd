//! The webhook's handler without sockets.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use daemonset_validation::{FieldPath, Finding, Server, Severity};
use daemonset_webhook::config::{Config, Level};
use daemonset_webhook::metrics::Metrics;
use daemonset_webhook::placement::{Judgement, Old, Question};
use daemonset_webhook::policy::Levels;
use daemonset_webhook::review::PlacementJudge;
use daemonset_webhook::server::{App, Judges, Limits, Policy, Settings, Switch, answer};
use daemonset_webhook::supervise::Supervisor;
use daemonset_webhook::trace::Traces;
use k8s_openapi::api::apps::v1::DaemonSet;

use crate::reviews::answer::Answer;
use crate::reviews::hostile::Request;

/// A look at a cluster that repeats what the object's author wrote.
struct Echo;

impl PlacementJudge for Echo {
    fn judge(&self, daemon_set: &DaemonSet, old: &mut dyn FnMut() -> Old, _: &Question<'_>) -> Judgement {
        let mut words = daemon_set.metadata.labels.clone().unwrap_or_default().into_values();
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let findings = vec![
            Finding::new("skips-nodes", Severity::Warning, FieldPath::of(&["spec"]), first),
            Finding::new("host-port-clash", Severity::Error, FieldPath::of(&["spec"]), second.clone()),
            Finding::new("placement-unknown", Severity::Info, FieldPath::of(&[]), second),
        ];
        let labels = |daemon_set: &DaemonSet| daemon_set.metadata.labels.as_ref().map(BTreeMap::len);
        match old() {
            Old::Object(old) if labels(daemon_set) <= labels(&old) => {
                Judgement { introduced: Vec::new(), kept: findings }
            }
            _ => Judgement { introduced: findings, kept: Vec::new() },
        }
    }
}

/// A webhook in this process.
pub struct InProcess {
    app: Arc<App>,
    metrics: Arc<Metrics>,
}

impl InProcess {
    /// With the default levels and no cluster.
    pub fn by_default() -> Self {
        Self::new(Levels::default(), None)
    }

    /// With all rules denying, and a look at a cluster that repeats what the object's author wrote.
    pub fn denying() -> Self {
        let rules = ["api/*", "skips-nodes", "host-port-clash"];
        let levels: BTreeMap<String, Level> =
            rules.iter().map(|rule| ((*rule).to_owned(), Level::Deny)).collect();
        Self::new(Levels::new(&Config { levels, ..Config::default() }), Some(Arc::new(Echo)))
    }

    fn new(levels: Levels, placement: Option<Arc<dyn PlacementJudge>>) -> Self {
        Self::with(levels, placement, Settings::for_cores(1))
    }

    /// With these levels, this look at the cluster and these limits.
    ///
    /// # Panics
    ///
    /// If no thread can be started.
    pub fn with(levels: Levels, placement: Option<Arc<dyn PlacementJudge>>, settings: Settings) -> Self {
        let metrics = Arc::new(Metrics::new());
        let policy =
            Policy { levels, server: Some(Server::newest()), named_nodes: 3, faultless: Arc::default() };
        let app = App {
            judges: Judges::start(&settings, &metrics, &Supervisor::new(metrics.clone()))
                .expect("threads can be started"),
            policy: arc_swap::ArcSwap::from_pointee(policy),
            placement,
            limits: Limits::new(settings),
            metrics: Arc::clone(&metrics),
            switch: Switch::default(),
            traces: Traces::off(),
        };
        let app = Arc::new(app);
        Self { app, metrics }
    }

    /// What a listener serves.
    pub fn app(&self) -> Arc<App> {
        self.app.clone()
    }

    /// The value of one sample of the metrics, as they are scraped.
    pub fn metric(&self, sample: &str) -> Option<f64> {
        let text = self.metrics.render();
        text.lines().find_map(|line| line.strip_prefix(sample)?.trim().parse().ok())
    }

    /// What the metrics say of panics, as they are scraped.
    pub fn panics(&self) -> String {
        let text = self.metrics.render();
        let line = text.lines().find(|line| line.starts_with("daemonset_webhook_panics_total "));
        line.unwrap_or("no daemonset_webhook_panics_total").to_owned()
    }

    /// Sends a request, `pieces` bytes at a time where that is not 0. `None`: no HTTP client could send it.
    pub async fn ask(&self, request: &Request, pieces: usize) -> Option<Answer> {
        let mut builder = axum::http::Request::builder().method(request.method).uri(&request.target);
        if let Some(content_type) = request.content_type {
            builder = builder.header("content-type", content_type);
        }
        let body = if pieces == 0 {
            Body::from(request.body.clone())
        } else {
            let parts: Vec<_> = request.body.chunks(pieces).map(Bytes::copy_from_slice).collect();
            Body::from_stream(futures_util::stream::iter(parts.into_iter().map(Ok::<_, Infallible>)))
        };
        let response = answer(&self.app, builder.body(body).ok()?).await;
        let (head, body) = response.into_parts();
        let text = |name: &str| {
            head.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Some(Answer {
            status: head.status.as_u16(),
            retry_after: text("retry-after").and_then(|value| value.parse().ok()),
            content_type: text("content-type").unwrap_or_default(),
            body: axum::body::to_bytes(body, usize::MAX).await.ok()?.to_vec(),
        })
    }
}
