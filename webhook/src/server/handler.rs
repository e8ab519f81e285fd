//! The answers to HTTP requests.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::poll;

use super::app::App;
use super::body::{self, Unread, discard};
use super::connections::Caller;
use super::deadline::Deadline;
use super::decide::{Decided, Summary};
use super::memory::Held;
use super::phase::Phase;
use super::refusal::{GAVE_WAY, Refusal, SLOW};
use crate::logs::{self, Rarely};
use crate::metrics::{InFlight, Malformed, Operation, Shed, Verdict};
use crate::trace::ReviewSpan;

/// Requests that are no reviews are logged at this rate.
static MALFORMED: Rarely = Rarely::every(Duration::from_secs(10));

/// Answers a request that comes from no connection of the listener, as tests make them.
pub async fn answer(app: &Arc<App>, request: Request) -> Response {
    let caller = app.limits.stranger();
    answer_to(app, &caller, request).await
}

/// Answers a request to the listener for reviews. Reviews are posted to `/validate` and to paths below it. A router is not used for this one
/// path, because it would box and copy each request.
pub(super) async fn answer_to(app: &Arc<App>, caller: &Arc<Caller>, request: Request) -> Response {
    let below = request.uri().path().strip_prefix("/validate");
    if below.is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/')) {
        let sentence = "Not found. Reviews are posted to /validate.";
        app.malformed(caller, Malformed::Path, sentence);
        return refuse(app, request, (StatusCode::NOT_FOUND, format!("{sentence}\n"))).await;
    }
    if request.method() != Method::POST {
        let sentence = "Reviews are posted.";
        app.malformed(caller, Malformed::Method, sentence);
        let headers = [(header::ALLOW, "POST")];
        return refuse(app, request, (StatusCode::METHOD_NOT_ALLOWED, headers, format!("{sentence}\n")))
            .await;
    }
    validate(app, caller, request).await
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

async fn validate(app: &Arc<App>, caller: &Arc<Caller>, request: Request) -> Response {
    let version = request.version();
    let (response, was_read) = match app.answer(caller, request).await {
        Ok(body) => (([(header::CONTENT_TYPE, JSON)], body).into_response(), true),
        // The connection stays open, because a new TLS handshake for each retry would add to the load.
        Err(refusal @ Refusal::Retry { was_read, .. }) => (refusal.into_response(), was_read),
        Err(refusal) => (refusal.into_response(), false),
    };
    // HTTP/2 connections carry many reviews at once, and are closed with GOAWAY instead.
    let keep_open = was_read && app.switch.now() < Phase::Leaving;
    if keep_open { response } else { closing(response, version) }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const CLOSE: HeaderValue = HeaderValue::from_static("close");

impl App {
    async fn answer(self: &Arc<Self>, caller: &Arc<Caller>, request: Request) -> Result<Vec<u8>, Refusal> {
        let in_flight = self.metrics.review_started();
        let mut span = self.traces.review(request.headers());
        let answered = self.admit(caller, request, &mut span).await;
        if let Err(refusal) = &answered {
            self.record_refusal(caller, refusal, &in_flight, &mut span);
        }
        let (answer, summary) = answered?;
        self.record(&summary, &in_flight, &mut span);
        Ok(answer)
    }

    /// Answers a review, if the limits allow it.
    async fn admit(
        self: &Arc<Self>,
        caller: &Arc<Caller>,
        request: Request,
        span: &mut ReviewSpan,
    ) -> Decided {
        let (head, body) = request.into_parts();
        let deadline = Deadline::of(head.uri.query(), self.limits.longest());
        let is_json = is_json(&head.headers);
        // A head can have 16 KiB, and nothing more of it is needed.
        drop(head);
        if self.switch.now() >= Phase::Refusing {
            return Err(self.shed(body, Shed::Draining).await);
        }
        let Some(_place) = self.limits.enter(caller).await else {
            return Err(self.shed(body, Shed::InFlight).await);
        };
        if !is_json {
            discard(body, self.limits.body()).await;
            return Err(Refusal::Client {
                code: StatusCode::UNSUPPORTED_MEDIA_TYPE,
                reason: Malformed::ContentType,
                sentence: "a review has the Content-Type application/json".to_owned(),
            });
        }
        let (body, held) = self.read(caller, body, &deadline).await?;
        let _reserved = self.metrics.listener().reserves(held.bytes());
        span.passed("read");
        self.judge(caller, &body, held, &deadline).await
    }

    /// Refuses a review, so that the API server retries it.
    async fn shed(&self, body: Body, reason: Shed) -> Refusal {
        Refusal::Retry { reason, was_read: discard(body, self.limits.body()).await }
    }

    /// Counts a request that no API server sends, and logs it at a bounded rate.
    fn malformed(&self, caller: &Caller, reason: Malformed, sentence: &str) {
        self.metrics.listener().malformed(reason);
        // A client that goes away while it sends a body does nothing wrong.
        if reason == Malformed::Body {
            tracing::debug!(peer = %caller.peer().address(), "a request ended early: {sentence}");
        } else if let Some(left_out) = MALFORMED.allows() {
            tracing::warn!(
                peer = %caller.peer().address(),
                reason = reason.as_str(),
                left_out,
                "a request is no review: {}",
                logs::clipped(sentence)
            );
        }
    }

    /// Records a review that was not decided.
    fn record_refusal(
        &self,
        caller: &Caller,
        refusal: &Refusal,
        in_flight: &InFlight,
        span: &mut ReviewSpan,
    ) {
        if let Some(reason) = refusal.refused() {
            self.metrics.listener().refused(reason);
        }
        match refusal {
            Refusal::Client { code, reason, sentence } => {
                self.malformed(caller, *reason, sentence);
                self.metrics.reviewed(Operation::Other, Verdict::Malformed, in_flight.seconds());
                span.failed(code.as_u16(), sentence);
            }
            Refusal::Slow => span.failed(StatusCode::REQUEST_TIMEOUT.as_u16(), SLOW),
            Refusal::GaveWay => span.failed(StatusCode::TOO_MANY_REQUESTS.as_u16(), GAVE_WAY),
            Refusal::Retry { reason, .. } => {
                self.metrics.shed(*reason);
                span.shed(*reason);
            }
            Refusal::Fault => span.failed(500, "internal error of the webhook"),
        }
    }

    /// Records a review in the metrics, the log and the trace. It is called once for each review: for the answer that is sent, not for a
    /// placement that came too late.
    fn record(&self, summary: &Summary, in_flight: &InFlight, span: &mut ReviewSpan) {
        let seconds = in_flight.seconds();
        self.metrics.reviewed(Operation::of(&summary.operation), summary.verdict, seconds);
        for (rule, level, count) in &summary.findings {
            self.metrics.findings(rule, *level, *count);
        }
        if let Some(reason) = summary.unknown {
            self.metrics.placement_unknown(reason);
        }
        let findings: Vec<_> = summary.findings.iter().map(|(rule, level, _)| (*rule, *level)).collect();
        let review = logs::Review {
            uid: &summary.uid,
            operation: &summary.operation,
            namespace: &summary.namespace,
            name: &summary.name,
            user: &summary.user,
            dry_run: summary.dry_run,
            allowed: summary.verdict != Verdict::Denied,
            findings: &findings,
            micros: Duration::try_from_secs_f64(seconds)
                .map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX)),
            trace: span.trace_id(),
        };
        logs::review(&review);
        span.answered(&review);
    }

    /// Reads the body, within its size limit and the deadline.
    async fn read(
        &self,
        caller: &Arc<Caller>,
        body: Body,
        deadline: &Deadline,
    ) -> Result<(Bytes, Held), Refusal> {
        let mut reading = pin!(body::read(body, &self.limits, caller, || deadline.half()));
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
                Err(Refusal::Client {
                    code: StatusCode::PAYLOAD_TOO_LARGE,
                    reason: Malformed::TooLarge,
                    sentence: format!("the body is larger than {} bytes", self.limits.body()),
                })
            }
            Ok(Err(Unread::NoMemory(rest))) => Err(self.shed(rest, Shed::Memory).await),
            Ok(Err(Unread::Broken(error))) => Err(Refusal::Client {
                code: StatusCode::BAD_REQUEST,
                reason: Malformed::Body,
                sentence: format!("the body could not be read: {error}"),
            }),
            Ok(Err(Unread::GaveWay)) => Err(Refusal::GaveWay),
            Ok(Err(Unread::TooSlow)) | Err(_) => Err(Refusal::Slow),
        }
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
