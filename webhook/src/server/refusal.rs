//! Answers without an AdmissionReview.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::metrics::{Malformed, Refused, Shed};

/// An answer without an AdmissionReview.
pub(super) enum Refusal {
    /// The request is malformed: 4xx with a message.
    Client {
        /// The status.
        code: StatusCode,
        /// Why, for metrics and the log.
        reason: Malformed,
        /// Why, for the client.
        sentence: String,
    },
    /// The body arrived too slowly.
    Slow,
    /// The body arrived slowly, and others needed its place. A retry may be faster.
    GaveWay,
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

/// What the answer to a [`Refusal::Slow`] says.
pub(super) const SLOW: &str = "the body did not arrive in time";

/// What the answer to a [`Refusal::GaveWay`] says.
pub(super) const GAVE_WAY: &str = "the body did not arrive, and others needed its place";

impl Refusal {
    /// Why it is counted as refused before a decision; `None` if the client or the webhook is at fault.
    pub(super) const fn refused(&self) -> Option<Refused> {
        match self {
            Self::Client { .. } | Self::Fault => None,
            Self::Slow => Some(Refused::SlowBody),
            Self::GaveWay => Some(Refused::GaveWay),
            Self::Retry { reason, .. } => Some(match reason {
                Shed::InFlight => Refused::InFlight,
                Shed::Memory => Refused::Memory,
                Shed::Draining => Refused::Draining,
                Shed::Late => Refused::Late,
            }),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Client { code, mut sentence, .. } => {
                sentence.push('\n');
                (code, sentence).into_response()
            }
            Self::Slow => (StatusCode::REQUEST_TIMEOUT, format!("{SLOW}\n")).into_response(),
            Self::GaveWay => {
                let headers = [(header::RETRY_AFTER, "1")];
                (StatusCode::TOO_MANY_REQUESTS, headers, format!("{GAVE_WAY}\n")).into_response()
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
