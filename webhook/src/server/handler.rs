//! Answers one HTTP request.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use daemonset_validation::Server;
use daemonset_validation::facts::Unknown;
use daemonset_validation::placement::Budget;
use futures_util::poll;
use k8s_openapi::api::apps::v1::DaemonSet;

use super::body::{self, Unread, discard};
use super::deadline::Deadline;
use super::limits::{Limits, Permit};
use super::phase::{Phase, Switch};
use crate::config::Level;
use crate::logs;
use crate::metrics::{InFlight, Metrics, Operation, Shed, Verdict};
use crate::placement::{self, Judgement, Old, Question};
use crate::policy::Levels;
use crate::review::{self, Context, Decision, FaultlessSpecs, Judged, PlacementJudge};
use crate::trace::{ReviewSpan, Traces};

/// What reviews are judged by. It is replaced as a whole when the config file changes.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The level of each rule.
    pub levels: Levels,
    /// The API server whose validation is repeated; `None` if its version is not supported.
    pub server: Option<Server>,
    /// How many nodes a finding names for each reason.
    pub named_nodes: usize,
    /// The specs in which this server finds no fault.
    pub faultless: Arc<FaultlessSpecs>,
}

/// The state that all requests share.
pub struct App {
    /// What reviews are judged by.
    pub policy: ArcSwap<Policy>,
    /// Judges placement; `None` if there is no cluster or `--cache` is off.
    pub placement: Option<Arc<dyn PlacementJudge>>,
    /// Limits on concurrent reviews, connections and memory.
    pub limits: Limits,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// The phase of the replica.
    pub switch: Switch,
    /// Makes a span for each review, if traces are on.
    pub traces: Traces,
}

/// Answers a request to the listener for reviews. Reviews are posted to `/validate` and to paths below it. A router is not used for this one
/// path, because it would box and copy each request.
pub async fn answer(app: &Arc<App>, request: Request) -> Response {
    let below = request.uri().path().strip_prefix("/validate");
    if below.is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/')) {
        let sentence = "Not found. Reviews are posted to /validate.\n";
        return refuse(app, request, (StatusCode::NOT_FOUND, sentence)).await;
    }
    if request.method() != Method::POST {
        let response = (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")], "Reviews are posted.\n");
        return refuse(app, request, response).await;
    }
    validate(app, request).await
}

/// Answers a request that is not a review. The body is read first, so that the client receives the answer.
async fn refuse(app: &App, request: Request, response: impl IntoResponse) -> Response {
    let version = request.version();
    discard(request.into_body(), app.limits.body()).await;
    closing(response.into_response(), version)
}

/// Closes an HTTP/1.1 connection after this answer: the unread rest of a body would be taken for the next request.
fn closing(mut response: Response, version: Version) -> Response {
    if version < Version::HTTP_2 {
        response.headers_mut().insert(header::CONNECTION, CLOSE);
    }
    response
}

async fn validate(app: &Arc<App>, request: Request) -> Response {
    let version = request.version();
    let (response, was_read) = match app.answer(request).await {
        Ok(body) => (([(header::CONTENT_TYPE, JSON)], body).into_response(), true),
        // The connection stays open, because a new TLS handshake for each retry would add to the load.
        Err(refusal @ Refusal::Retry { was_read, .. }) => (refusal.into_response(), was_read),
        Err(refusal) => (refusal.into_response(), false),
    };
    // HTTP/2 connections carry many reviews at once, and are closed with GOAWAY instead.
    let keep_open = was_read && app.switch.now() < Phase::Leaving && !app.limits.crowded();
    if keep_open { response } else { closing(response, version) }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// An answer without an AdmissionReview.
enum Refusal {
    /// The request is malformed: 4xx with a message.
    Client(StatusCode, String),
    /// The replica is overloaded or shutting down. The API server retries within its timeout.
    Retry {
        /// Why.
        reason: Shed,
        /// Whether the body was read to its end.
        was_read: bool,
    },
    /// A fault of the webhook: failurePolicy decides.
    Fault,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Client(code, mut sentence) => {
                sentence.push('\n');
                (code, sentence).into_response()
            }
            // The connection is closed, so that the immediate retry opens a new one, to another replica.
            Self::Retry { reason: Shed::Draining, .. } => {
                let headers = [(header::RETRY_AFTER, "0")];
                (StatusCode::SERVICE_UNAVAILABLE, headers, "this replica is shutting down\n").into_response()
            }
            Self::Retry { reason, .. } => {
                let headers = [(header::RETRY_AFTER, "1")];
                let sentence = format!("this replica is at its limit ({})\n", reason.as_str());
                (StatusCode::TOO_MANY_REQUESTS, headers, sentence).into_response()
            }
            Self::Fault => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal error of the webhook\n").into_response()
            }
        }
    }
}

impl App {
    async fn answer(self: &Arc<Self>, request: Request) -> Result<Vec<u8>, Refusal> {
        let in_flight = self.metrics.review_started();
        let mut span = self.traces.review(request.headers());
        let answered = self.admit(request, &mut span).await;
        match &answered {
            Ok((_, summary)) => self.record(summary, &in_flight, &mut span),
            Err(Refusal::Client(code, sentence)) => {
                self.metrics.reviewed(Operation::Other, Verdict::Malformed, in_flight.seconds());
                span.failed(code.as_u16(), sentence);
            }
            Err(Refusal::Retry { reason, .. }) => {
                self.metrics.shed(*reason);
                span.shed(*reason);
            }
            Err(Refusal::Fault) => span.failed(500, "internal error of the webhook"),
        }
        answered.map(|(answer, _)| answer)
    }

    /// Answers a review, if the limits allow it.
    async fn admit(
        self: &Arc<Self>,
        request: Request,
        span: &mut ReviewSpan,
    ) -> Result<(Vec<u8>, Summary), Refusal> {
        let deadline = Deadline::of(request.uri().query());
        if self.switch.now() >= Phase::Refusing {
            return Err(self.shed(request.into_body(), Shed::Draining).await);
        }
        let Some(_place) = self.limits.enter() else {
            return Err(self.shed(request.into_body(), Shed::InFlight).await);
        };
        let (body, _memory) = self.read(request, &deadline).await?;
        span.passed("read");
        self.judge(&body, &deadline).await
    }

    /// Refuses a review, so that the API server retries it.
    async fn shed(&self, body: Body, reason: Shed) -> Refusal {
        Refusal::Retry { reason, was_read: discard(body, self.limits.body()).await }
    }

    /// Records a review in the metrics, the log and the trace. It is called once for each review: for the answer that is sent, not for a
    /// placement that came too late.
    fn record(&self, summary: &Summary, in_flight: &InFlight, span: &mut ReviewSpan) {
        let seconds = in_flight.seconds();
        self.metrics.reviewed(Operation::of(&summary.operation), summary.verdict, seconds);
        for (rule, level) in &summary.findings {
            self.metrics.finding(rule, *level);
        }
        if let Some(reason) = summary.unknown {
            self.metrics.placement_unknown(reason);
        }
        let review = logs::Review {
            uid: &summary.uid,
            operation: &summary.operation,
            namespace: &summary.namespace,
            name: &summary.name,
            user: &summary.user,
            dry_run: summary.dry_run,
            allowed: summary.verdict != Verdict::Denied,
            findings: &summary.findings,
            micros: Duration::try_from_secs_f64(seconds)
                .map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX)),
            trace: span.trace_id(),
        };
        logs::review(&review);
        span.answered(&review);
    }

    /// Reads the body, within its size limit and the deadline.
    async fn read(&self, request: Request, deadline: &Deadline) -> Result<(Bytes, Option<Permit>), Refusal> {
        if !is_json(request.headers()) {
            let sentence = "a review has the Content-Type application/json".to_owned();
            discard(request.into_body(), self.limits.body()).await;
            return Err(Refusal::Client(StatusCode::UNSUPPORTED_MEDIA_TYPE, sentence));
        }
        let mut reading = pin!(body::read(request.into_body(), &self.limits, || deadline.half()));
        // Usually the body arrived together with the head.
        let arrived = match poll!(&mut reading) {
            Poll::Ready(arrived) => Ok(arrived),
            Poll::Pending => {
                tokio::time::timeout(deadline.left().max(Duration::from_millis(1)), reading).await
            }
        };
        match arrived {
            Ok(Ok(body)) => Ok(body),
            Ok(Err(Unread::TooLarge(rest))) => {
                discard(rest, self.limits.body()).await;
                let sentence = format!("the body is larger than {} bytes", self.limits.body());
                Err(Refusal::Client(StatusCode::PAYLOAD_TOO_LARGE, sentence))
            }
            Ok(Err(Unread::NoMemory(rest))) => Err(self.shed(rest, Shed::Memory).await),
            Ok(Err(Unread::Broken(error))) => {
                Err(Refusal::Client(StatusCode::BAD_REQUEST, format!("the body could not be read: {error}")))
            }
            Err(_) => {
                let sentence = "the body did not arrive in time".to_owned();
                Err(Refusal::Client(StatusCode::REQUEST_TIMEOUT, sentence))
            }
        }
    }

    /// Judges a review. If placement is judged, this happens on the thread pool for blocking calls.
    async fn judge(
        self: &Arc<Self>,
        body: &Bytes,
        deadline: &Deadline,
    ) -> Result<(Vec<u8>, Summary), Refusal> {
        if self.placement.is_none() || !self.policy.load().levels.ask_placement() {
            return self.decide(body, None, &Budget::unbounded());
        }
        let Some(core) = self.limits.placement(deadline.half()).await else {
            return self.decide(body, Some(&TooLate), &Budget::unbounded());
        };
        let (app, owned) = (self.clone(), body.clone());
        // The look ends by itself before its answer would be too late.
        let time = deadline.half().mul_f32(0.9);
        let until = Instant::now().checked_add(time);
        let judging = tokio::task::spawn_blocking(move || {
            let budget =
                Budget::new(placement::WORK, move || until.is_none_or(|until| Instant::now() >= until));
            let decided = app.decide(&owned, app.placement.as_deref(), &budget);
            drop(core);
            decided
        });
        match tokio::time::timeout(deadline.half(), judging).await {
            Ok(Ok(decided)) => decided,
            Ok(Err(_)) => Err(self.fault()),
            Err(_) => self.decide(body, Some(&TooLate), &Budget::unbounded()),
        }
    }

    /// Reads and judges a review. A panic is counted and answered with 500; other reviews are not affected.
    fn decide(
        &self,
        body: &[u8],
        placement: Option<&dyn PlacementJudge>,
        budget: &Budget,
    ) -> Result<(Vec<u8>, Summary), Refusal> {
        let work = AssertUnwindSafe(|| self.decide_or_panic(body, placement, budget));
        std::panic::catch_unwind(work).unwrap_or_else(|_| Err(self.fault()))
    }

    fn fault(&self) -> Refusal {
        self.metrics.panicked();
        Refusal::Fault
    }

    fn decide_or_panic(
        &self,
        body: &[u8],
        placement: Option<&dyn PlacementJudge>,
        budget: &Budget,
    ) -> Result<(Vec<u8>, Summary), Refusal> {
        let policy = self.policy.load();
        let Policy { levels, server, named_nodes, faultless } = &**policy;
        let named_nodes = *named_nodes;
        let context = Context { levels, server: *server, faultless, placement, named_nodes, budget };
        let Judged { request, decision } = review::judge(body, &context)
            .map_err(|error| Refusal::Client(StatusCode::BAD_REQUEST, error.to_string()))?;
        let answer = decision.answer.body(&request.uid).map_err(|_| Refusal::Fault)?;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let summary = Summary {
            verdict: verdict(&decision),
            operation: request.operation.into_owned(),
            uid: request.uid.into_owned(),
            namespace: text(request.namespace.as_deref()),
            name: text(request.name.as_deref()),
            user: request.user_info.username.into_owned(),
            dry_run: request.dry_run.unwrap_or(false),
            findings: decision.findings,
            unknown: decision.unknown,
        };
        Ok((answer, summary))
    }
}

/// The placement of a review for which there was no time to judge it.
struct TooLate;

impl PlacementJudge for TooLate {
    fn judge(&self, _: &DaemonSet, old: &mut dyn FnMut() -> Old, question: &Question<'_>) -> Judgement {
        placement::too_late(old, question)
    }
}

/// What metrics, log and trace record about a review.
struct Summary {
    verdict: Verdict,
    operation: String,
    uid: String,
    namespace: String,
    name: String,
    user: String,
    dry_run: bool,
    findings: Vec<(&'static str, Level)>,
    unknown: Option<Unknown>,
}

fn verdict(decision: &Decision) -> Verdict {
    match &decision.answer {
        _ if !decision.judged => Verdict::Unjudged,
        answer if !answer.allowed() => Verdict::Denied,
        answer if answer.warnings.is_empty() => Verdict::Allowed,
        _ => Verdict::Warned,
    }
}

/// Whether the `Content-Type` is JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = value.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests;
