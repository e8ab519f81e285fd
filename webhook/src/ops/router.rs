//! Answers the requests of the ops listener: /healthz, /readyz and /metrics.

use std::sync::Arc;

use axum::http::{Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::access::{Access, Denied};
use super::exposition::Format;
use crate::health::Health;
use crate::metrics::Metrics;

/// What the answers are made of.
pub(crate) struct Ops {
    /// Readiness.
    pub(crate) health: Arc<Health>,
    /// The metrics.
    pub(crate) metrics: Arc<Metrics>,
    /// Who may read the metrics.
    pub(crate) access: Access,
}

/// Whether a request has a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HasBody(pub(crate) bool);

/// Answers a request. One with a body is the last of its connection, because the body is not read.
pub(super) async fn answer(ops: &Ops, request: Request<HasBody>) -> Response {
    let mut response = respond(ops, &request).await;
    if request.body().0 {
        response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    }
    response
}

async fn respond(ops: &Ops, request: &Request<HasBody>) -> Response {
    let path = request.uri().path();
    if !matches!(path, "/healthz" | "/readyz" | "/metrics") {
        return (StatusCode::NOT_FOUND, nothing(path)).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let allow = [(header::ALLOW, "GET, HEAD")];
        return (StatusCode::METHOD_NOT_ALLOWED, allow, "Only GET and HEAD.\n").into_response();
    }
    match path {
        "/healthz" => healthz(&ops.health),
        "/readyz" => readyz(ops),
        _ => metrics(ops, request).await,
    }
}

/// The process answers, and the parts without which it is of no use run.
fn healthz(health: &Health) -> Response {
    match health.dead() {
        None => "ok\n".into_response(),
        Some(sentence) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{sentence}\n")).into_response(),
    }
}

fn readyz(Ops { health, metrics, .. }: &Ops) -> Response {
    let readiness = health.readiness();
    metrics.ready(readiness.is_ready());
    let code = if readiness.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, [(header::CACHE_CONTROL, "no-cache, private")], readiness.to_string()).into_response()
}

async fn metrics(ops: &Ops, request: &Request<HasBody>) -> Response {
    match ops.access.check(request.headers()).await {
        Ok(()) => {
            ops.metrics.ready(ops.health.readiness().is_ready());
            let format = Format::wanted(request.headers());
            let body = format.written(ops.metrics.render());
            ([(header::CONTENT_TYPE, format.content_type())], body).into_response()
        }
        Err(denied @ Denied::Unknown) => {
            let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
            (StatusCode::UNAUTHORIZED, challenge, format!("{denied}\n")).into_response()
        }
        Err(denied @ Denied::Forbidden(_)) => (StatusCode::FORBIDDEN, format!("{denied}\n")).into_response(),
        Err(denied @ Denied::Undecided) => {
            let later = [(header::RETRY_AFTER, "5")];
            (StatusCode::SERVICE_UNAVAILABLE, later, format!("{denied}\n")).into_response()
        }
    }
}

fn nothing(path: &str) -> &'static str {
    if path.starts_with("/validate") {
        "Reviews are not answered here. Send them over TLS to the other listener (--listen).\n"
    } else {
        "Not found. This listener has /healthz, /readyz and /metrics.\n"
    }
}
