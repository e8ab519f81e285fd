//! One request, from its head to the answer.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use daemonset_validation::{Finding, Server};
use futures_util::poll;
use k8s_openapi::api::apps::v1::DaemonSet;

use super::body::{self, Unread, discard};
use super::deadline::Deadline;
use super::limits::{Limits, Place};
use super::phase::{Phase, Switch};
use crate::config::Level;
use crate::logs;
use crate::metrics::{InFlight, Metrics, Operation, Shed, Verdict};
use crate::placement;
use crate::policy::Levels;
use crate::review::{self, Context, Decision, Judged, Known, Placement};
use crate::trace::{ReviewSpan, Traces};

/// What the configuration comes to, exchanged as a whole when it changes.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The levels.
    pub levels: Levels,
    /// Whose validation is repeated; `None` where the cluster's server is none that we know.
    pub server: Option<Server>,
    /// How many nodes a line names.
    pub named_nodes: usize,
    /// What was judged by it.
    pub known: Arc<Known>,
}

/// All that a request needs.
pub struct App {
    /// By what reviews are judged.
    pub policy: ArcSwap<Policy>,
    /// The look at the cluster, where there is one.
    pub placement: Option<Arc<dyn Placement>>,
    /// What is taken on at once.
    pub limits: Limits,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Where the replica is in its life.
    pub switch: Switch,
    /// Who is told of each review, if somebody is.
    pub traces: Traces,
}

/// Answers a request to the listener for reviews: they are posted to `/validate`, and whatever lies below it. One path needs no
/// router, which would box and copy what a review is made of.
pub async fn answer(app: &Arc<App>, request: Request) -> Response {
    let below = request.uri().path().strip_prefix("/validate");
    if below.is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/')) {
        let sentence = "Nothing is here. Reviews are posted to /validate.\n";
        return refuse(app, request, (StatusCode::NOT_FOUND, sentence)).await;
    }
    if request.method() != Method::POST {
        let response = (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")], "Reviews are posted.\n");
        return refuse(app, request, response).await;
    }
    validate(app, request).await
}

/// Answers what is no review, once its body was read, so that the client hears the answer.
async fn refuse(app: &App, request: Request, response: impl IntoResponse) -> Response {
    let version = request.version();
    discard(request.into_body(), app.limits.body()).await;
    closing(response.into_response(), version)
}

/// Ends an HTTP/1.1 connection with this answer, and says so: where not all of a body was read, the rest would stand in the way of the
/// next request.
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
        // A new handshake for all that is shed would only add to the load.
        Err(refusal @ Refusal::Retry { was_read, .. }) => (refusal.into_response(), was_read),
        Err(refusal) => (refusal.into_response(), false),
    };
    // HTTP/2 has GOAWAY for leaving, and its connections carry many reviews at once.
    let keeps = was_read && app.switch.now() < Phase::Leaving && !app.limits.crowded();
    if keeps { response } else { closing(response, version) }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// An answer that is no review.
enum Refusal {
    /// The client's fault; said in a sentence.
    Client(StatusCode, String),
    /// Not here, or not now: the API server tries again inside its deadline.
    Retry {
        /// Why.
        reason: Shed,
        /// Whether its body was read to the end.
        was_read: bool,
    },
    /// Ours: failurePolicy decides.
    Fault,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Client(code, mut sentence) => {
                sentence.push('\n');
                (code, sentence).into_response()
            }
            // At once, on a new connection, which leads to another replica.
            Self::Retry { reason: Shed::Draining, .. } => {
                let headers = [(header::RETRY_AFTER, "0")];
                (StatusCode::SERVICE_UNAVAILABLE, headers, "this replica is shutting down\n").into_response()
            }
            Self::Retry { reason, .. } => {
                let headers = [(header::RETRY_AFTER, "1")];
                let sentence = format!("this replica has all that it can take ({})\n", reason.as_str());
                (StatusCode::TOO_MANY_REQUESTS, headers, sentence).into_response()
            }
            Self::Fault => (StatusCode::INTERNAL_SERVER_ERROR, "the review hit a fault of this webhook\n")
                .into_response(),
        }
    }
}

impl App {
    async fn answer(self: &Arc<Self>, request: Request) -> Result<Vec<u8>, Refusal> {
        let in_flight = self.metrics.review_started();
        let mut span = self.traces.review(request.headers());
        let answered = self.take_on(request, &mut span).await;
        match &answered {
            Ok((_, told)) => self.tell(told, &in_flight, &mut span),
            Err(Refusal::Client(code, sentence)) => {
                self.metrics.reviewed(Operation::Other, Verdict::Malformed, in_flight.seconds());
                span.failed(code.as_u16(), sentence);
            }
            Err(Refusal::Retry { reason, .. }) => {
                self.metrics.shed(*reason);
                span.shed(*reason);
            }
            Err(Refusal::Fault) => span.failed(500, "a fault of the webhook"),
        }
        answered.map(|(answer, _)| answer)
    }

    /// Answers a review, if there is room for it.
    async fn take_on(
        self: &Arc<Self>,
        request: Request,
        span: &mut ReviewSpan,
    ) -> Result<(Vec<u8>, Told), Refusal> {
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

    /// Sends a review away, so that it is tried again.
    async fn shed(&self, body: Body, reason: Shed) -> Refusal {
        Refusal::Retry { reason, was_read: discard(body, self.limits.body()).await }
    }

    /// Says what became of a review to the metrics, the log and the trace, once: a look that came too late says nothing.
    fn tell(&self, told: &Told, in_flight: &InFlight, span: &mut ReviewSpan) {
        let seconds = in_flight.seconds();
        self.metrics.reviewed(Operation::of(&told.operation), told.verdict, seconds);
        for (rule, level) in &told.findings {
            self.metrics.finding(rule, *level);
        }
        let review = logs::Review {
            uid: &told.uid,
            operation: &told.operation,
            namespace: &told.namespace,
            name: &told.name,
            user: &told.user,
            dry_run: told.dry_run,
            allowed: told.verdict != Verdict::Denied,
            findings: &told.findings,
            micros: Duration::try_from_secs_f64(seconds)
                .map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX)),
            trace: span.trace_id(),
        };
        logs::review(&review);
        span.answered(&review);
    }

    /// Reads the body, no further than it may be and no longer than somebody waits.
    async fn read(&self, request: Request, deadline: &Deadline) -> Result<(Bytes, Option<Place>), Refusal> {
        if !is_json(request.headers()) {
            let sentence = "a review has the Content-Type application/json".to_owned();
            discard(request.into_body(), self.limits.body()).await;
            return Err(Refusal::Client(StatusCode::UNSUPPORTED_MEDIA_TYPE, sentence));
        }
        let mut reading = pin!(body::read(request.into_body(), &self.limits, || deadline.half()));
        // Nearly always it came with the head.
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

    /// Judges a review here, or, where the cluster is looked at, on a thread that may take its time.
    async fn judge(self: &Arc<Self>, body: &Bytes, deadline: &Deadline) -> Result<(Vec<u8>, Told), Refusal> {
        if self.placement.is_none() || !self.policy.load().levels.ask_placement() {
            return self.decide(body, None);
        }
        let Some(core) = self.limits.placement(deadline.half()).await else {
            return self.decide(body, Some(&TooLate));
        };
        let (app, owned) = (self.clone(), body.clone());
        let looking = tokio::task::spawn_blocking(move || {
            let decided = app.decide(&owned, app.placement.as_deref());
            drop(core);
            decided
        });
        match tokio::time::timeout(deadline.half(), looking).await {
            Ok(Ok(decided)) => decided,
            Ok(Err(_)) => Err(self.fault()),
            Err(_) => self.decide(body, Some(&TooLate)),
        }
    }

    /// Reads and judges a review. A fault of ours in it is counted and answered, and takes nobody else down.
    fn decide(&self, body: &[u8], placement: Option<&dyn Placement>) -> Result<(Vec<u8>, Told), Refusal> {
        let work = AssertUnwindSafe(|| self.decide_or_panic(body, placement));
        std::panic::catch_unwind(work).unwrap_or_else(|_| Err(self.fault()))
    }

    fn fault(&self) -> Refusal {
        self.metrics.panicked();
        Refusal::Fault
    }

    fn decide_or_panic(
        &self,
        body: &[u8],
        placement: Option<&dyn Placement>,
    ) -> Result<(Vec<u8>, Told), Refusal> {
        let policy = self.policy.load();
        let Policy { levels, server, named_nodes, known } = &**policy;
        let context = Context { levels, server: *server, known, placement, named_nodes: *named_nodes };
        let Judged { request, decision } = review::judge(body, &context)
            .map_err(|error| Refusal::Client(StatusCode::BAD_REQUEST, error.to_string()))?;
        let answer = decision.answer.body(&request.uid).map_err(|_| Refusal::Fault)?;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let told = Told {
            verdict: verdict(&decision),
            operation: request.operation.into_owned(),
            uid: request.uid.into_owned(),
            namespace: text(request.namespace.as_deref()),
            name: text(request.name.as_deref()),
            user: request.user_info.username.into_owned(),
            dry_run: request.dry_run.unwrap_or(false),
            findings: decision.findings,
        };
        Ok((answer, told))
    }
}

/// What is said where there was no time to look at the cluster.
struct TooLate;

impl Placement for TooLate {
    fn judge(&self, _: &DaemonSet, _: &Server, _: usize) -> Vec<Finding> {
        vec![placement::unknown("too many reviews at once to look at the cluster in time")]
    }

    fn left_out(&self, _: &DaemonSet, _: &Server) -> Option<usize> {
        None
    }
}

/// What metrics, log and trace are told of a review.
struct Told {
    verdict: Verdict,
    operation: String,
    uid: String,
    namespace: String,
    name: String,
    user: String,
    dry_run: bool,
    findings: Vec<(&'static str, Level)>,
}

fn verdict(decision: &Decision) -> Verdict {
    match &decision.answer {
        _ if !decision.judged => Verdict::Unjudged,
        answer if !answer.allowed() => Verdict::Denied,
        answer if answer.warnings.is_empty() => Verdict::Allowed,
        _ => Verdict::Warned,
    }
}

/// Whether the body says that it is JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = value.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests;
