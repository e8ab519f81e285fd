//! Requests for lists and watches, and what goes wrong with them.

use std::time::Duration;

use daemonset_validation::placement::Kind;
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use percent_encoding::{NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde::Deserialize;

/// No page and no object is larger: the API server's own limit for an object is a tenth of that.
const LARGEST: usize = 64 << 20;

/// Why a request was of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    /// The API server says no.
    #[error("the API server answers {code}: {message}")]
    Status {
        /// The HTTP status.
        code: u16,
        /// Its words.
        message: String,
    },
    /// It cannot be reached.
    #[error("the API server cannot be asked: {0}")]
    Client(#[from] kube::Error),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// It answers what nobody can read.
    #[error("the API server answers what cannot be read: {0}")]
    Unreadable(String),
    /// It says nothing.
    #[error("the API server was silent for {} s", .0.as_secs())]
    Silent(Duration),
    /// The cache is being given up.
    #[error("the cache ends")]
    Ends,
}

impl Problem {
    /// Whether the server has forgotten the state that was asked for.
    pub(super) const fn is_gone(&self) -> bool {
        matches!(self, Self::Status { code: 410, .. })
    }

    /// Whether asking again soon is of no use.
    pub(super) const fn is_refusal(&self) -> bool {
        matches!(self, Self::Status { code: 401 | 403 | 404 | 405, .. })
    }
}

fn filter(kind: Kind) -> String {
    kind.field_selector().map(|selector| format!("&fieldSelector={}", escaped(selector))).unwrap_or_default()
}

/// A page of a list; the token of the first one is empty.
pub(super) fn list(kind: Kind, page: u32, token: &str) -> String {
    let from = if token.is_empty() { String::new() } else { format!("&continue={}", escaped(token)) };
    format!("{}?limit={page}{}{from}", kind.path(), filter(kind))
}

/// What happens after a state.
pub(super) fn watch(kind: Kind, version: &str, lasting: Duration) -> String {
    format!(
        "{}?watch=1&allowWatchBookmarks=true&resourceVersion={}&timeoutSeconds={}{}",
        kind.path(),
        escaped(version),
        lasting.as_secs().max(1),
        filter(kind)
    )
}

/// A text as a part of a query.
fn escaped(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    message: String,
}

/// The body of a good answer.
pub(super) async fn send(client: &Client, uri: &str) -> Result<Body, Problem> {
    let request = http::Request::get(uri)
        // Servers compress watches in a way that few clients read.
        .header(http::header::ACCEPT_ENCODING, "identity")
        .body(Body::empty())
        .map_err(|error| Problem::Unreadable(error.to_string()))?;
    let response = client.send(request).await?;
    let code = response.status();
    if code.is_success() {
        return Ok(response.into_body());
    }
    let mut body = Vec::new();
    read(response.into_body(), &mut body).await?;
    let status: Status = serde_json::from_slice(&body).unwrap_or_default();
    let message = if status.message.is_empty() {
        code.canonical_reason().unwrap_or("no reason").to_owned()
    } else {
        status.message
    };
    Err(Problem::Status { code: code.as_u16(), message })
}

/// All of a body.
pub(super) async fn read(mut body: Body, bytes: &mut Vec<u8>) -> Result<(), Problem> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Problem::Broken(error.to_string()))?;
        if let Ok(data) = frame.into_data() {
            append(bytes, &data)?;
        }
    }
    Ok(())
}

/// Adds to what came so far.
pub(super) fn append(bytes: &mut Vec<u8>, more: &[u8]) -> Result<(), Problem> {
    if bytes.len().saturating_add(more.len()) > LARGEST {
        return Err(Problem::Unreadable(format!("more than {LARGEST} bytes in one piece")));
    }
    bytes.extend_from_slice(more);
    Ok(())
}
