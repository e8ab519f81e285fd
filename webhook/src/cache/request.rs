//! Sends requests for lists and watches, and names what can go wrong with them.

use std::time::Duration;

use daemonset_validation::placement::Kind;
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use serde::Deserialize;

/// The most bytes in a page or in an event. An object has at most a few MiB, also as JSON; pages that are larger have fewer objects the
/// next time.
const MAX_BYTES: usize = 16 << 20;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    /// The API server answers with an error.
    #[error("the API server answers {code}: {message}")]
    Status {
        /// The HTTP status.
        code: u16,
        /// The message of the Status.
        message: String,
    },
    /// The request cannot be sent.
    #[error("the API server cannot be reached: {0}")]
    Client(#[from] kube::Error),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The answer cannot be parsed.
    #[error("the answer of the API server cannot be read: {0}")]
    Unreadable(String),
    /// The answer is too large.
    #[error("more than {MAX_BYTES} bytes in one page or event")]
    TooLarge,
    /// There is no answer.
    #[error("no answer from the API server for {} s", .0.as_secs())]
    Timeout(Duration),
    /// The writer thread has panicked. It reads everything again.
    #[error("internal error (a panic); everything is read again")]
    WriterFailed,
    /// The writer thread has ended, because the cache was dropped.
    #[error("the cache is closed")]
    CacheClosed,
}

impl RequestError {
    /// Whether the API server no longer has the resource version.
    pub(super) const fn is_gone(&self) -> bool {
        matches!(self, Self::Status { code: 410, .. })
    }

    /// Whether the request is refused, so that trying again soon does not help.
    pub(super) const fn is_refusal(&self) -> bool {
        matches!(self, Self::Status { code: 401 | 403 | 404 | 405, .. })
    }

    /// Whether the connection broke.
    pub(super) const fn is_broken(&self) -> bool {
        matches!(self, Self::Broken(_))
    }

    /// Whether the API server did not answer to the end.
    pub(super) const fn is_about_the_connection(&self) -> bool {
        matches!(self, Self::Client(_) | Self::Broken(_) | Self::Timeout(_))
    }

    /// Whether a watch cannot go on: what it sends next cannot be read either, or is not applied.
    pub(super) const fn needs_list(&self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::TooLarge | Self::WriterFailed)
    }

    /// Whether the watch itself failed, and not the way to the API server: nothing is gained by a list while the API server cannot be
    /// reached or asks its clients to slow down.
    pub(super) const fn is_about_the_watch(&self) -> bool {
        !matches!(self, Self::Client(_) | Self::Status { code: 429, .. })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    message: String,
}

/// What is asked for, by whether the kind's objects are needed whole, in a list and in a watch.
///
/// Upstream: `client-go/metadata`, which asks a server that knows no metadata for the objects themselves too.
pub(super) const fn accept(kind: Kind, watch: bool) -> &'static str {
    match (kind, watch) {
        // Whether an account is there is all that is needed; the names of its secrets are not to leave the server.
        (Kind::ServiceAccount, false) => {
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
        }
        (Kind::ServiceAccount, true) => {
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
        }
        _ => "application/json",
    }
}

/// Sends a GET request. Returns the body of a successful answer.
///
/// # Errors
///
/// [`RequestError`] if the request cannot be sent or the API server answers with an error.
pub(super) async fn send(client: &Client, uri: &str, accept: &str) -> Result<Body, RequestError> {
    let request = http::Request::get(uri)
        .header(http::header::ACCEPT, accept)
        // Many clients cannot decompress a watch, because it is one stream.
        .header(http::header::ACCEPT_ENCODING, "identity")
        .body(Body::empty())
        .map_err(|error| RequestError::Unreadable(error.to_string()))?;
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
    Err(RequestError::Status { code: code.as_u16(), message })
}

/// Appends a body to `bytes`.
///
/// # Errors
///
/// [`RequestError`] if the connection breaks or the body is too large.
pub(super) async fn read(mut body: Body, bytes: &mut Vec<u8>) -> Result<(), RequestError> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| RequestError::Broken(error.to_string()))?;
        if let Ok(data) = frame.into_data() {
            append(bytes, &data)?;
        }
    }
    Ok(())
}

/// Appends a piece of a body to `bytes`.
///
/// # Errors
///
/// [`RequestError::TooLarge`] if the whole is too large.
pub(super) fn append(bytes: &mut Vec<u8>, more: &[u8]) -> Result<(), RequestError> {
    if bytes.len().saturating_add(more.len()) > MAX_BYTES {
        return Err(RequestError::TooLarge);
    }
    bytes.extend_from_slice(more);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_accounts_only_the_metadata_is_asked_for() {
        let service = tower::service_fn(|request: http::Request<Body>| async move {
            let accept = request.headers()[http::header::ACCEPT].to_str().unwrap().to_owned();
            Ok::<_, std::io::Error>(http::Response::new(Body::from(accept.into_bytes())))
        });
        let client = Client::new(service, "default");
        let mut asked = Vec::new();
        for (kind, watch) in [(Kind::ServiceAccount, false), (Kind::ServiceAccount, true), (Kind::Node, true)]
        {
            let mut body = Vec::new();
            read(send(&client, "/", accept(kind, watch)).await.unwrap(), &mut body).await.unwrap();
            asked.push(String::from_utf8(body).unwrap());
        }
        assert!(asked[0].starts_with("application/json;as=PartialObjectMetadataList;"), "{asked:?}");
        assert!(asked[1].starts_with("application/json;as=PartialObjectMetadata;"), "{asked:?}");
        assert_eq!(asked[2], "application/json");
    }
}
