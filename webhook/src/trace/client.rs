//! The HTTP client that posts batches of spans.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::Uri;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use rustls::{ClientConfig, RootCertStore};

/// The most bytes of an answer that are read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Why the last request failed. The error of the exporter does not contain the reason.
pub(super) type LastError = Arc<Mutex<String>>;

pub(super) struct Client {
    hyper: Hyper<HttpsConnector<HttpConnector>, Full<Bytes>>,
    patience: Duration,
    last_error: LastError,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// A client for an http or https URL.
    ///
    /// # Errors
    ///
    /// A message, if the URL is https and there are no CA certificates to trust.
    pub(super) fn new(url: &Uri, patience: Duration) -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let connector = if url.scheme_str() == Some("https") {
            HttpsConnectorBuilder::new().with_provider_and_native_roots(provider).map_err(|error| {
                format!(
                    "--otlp-endpoint {url}: there are no CA certificates to trust ({error}); set SSL_CERT_FILE to a file with \
                     them"
                )
            })?
        } else {
            // Not used for http. Loading the system's CA certificates would cost time and memory.
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(|error| error.to_string())?
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth();
            HttpsConnectorBuilder::new().with_tls_config(config)
        };
        let hyper = Hyper::builder(TokioExecutor::new())
            .pool_max_idle_per_host(1)
            .build(connector.https_or_http().enable_http1().build());
        Ok(Self { hyper, patience, last_error: LastError::default() })
    }

    /// Shares the reason of the last failure.
    pub(super) fn last_error(&self) -> LastError {
        self.last_error.clone()
    }

    async fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let response = self.hyper.request(request.map(Full::new)).await?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await?.to_bytes();
        Ok(Response::from_parts(head, body))
    }

    fn note(&self, why: String) {
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = tokio::time::timeout(self.patience, self.post(request)).await;
        match &answer {
            Ok(Ok(response)) if response.status().is_success() => {}
            Ok(Ok(response)) => self.note(format!("it answered {}", response.status())),
            Ok(Err(error)) => self.note(chain(error.as_ref())),
            Err(_) => self.note(format!("no answer in {} s", self.patience.as_secs())),
        }
        answer?
    }
}

/// An error and its causes.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let text = causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"));
    crate::logs::clipped(&text).to_owned()
}
