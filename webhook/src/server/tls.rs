//! The TLS configuration of both listeners.

use std::sync::Arc;

use clap::ValueEnum;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, ResolvesServerCert};
use rustls::version::{TLS12, TLS13};
use rustls::{ConfigBuilder, ServerConfig, SupportedProtocolVersion, WantsVerifier};

/// The lowest TLS version that is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Minimum {
    /// TLS 1.2. rustls only has cipher suites with forward secrecy and authenticated encryption.
    #[value(name = "1.2")]
    Tls12,
    /// TLS 1.3. Every supported API server has it.
    #[default]
    #[value(name = "1.3")]
    Tls13,
}

/// The TLS configuration cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("TLS cannot be set up: {0}")]
pub struct TlsError(#[from] rustls::Error);

static ONLY_13: &[&SupportedProtocolVersion] = &[&TLS13];
static FROM_12: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// The configuration for reviews. The resolver gives the certificate for each handshake.
///
/// # Errors
///
/// [`TlsError`] if the crypto provider does not support the versions. It does.
pub fn config(
    resolver: Arc<dyn ResolvesServerCert>,
    minimum: Minimum,
) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = versions(minimum)?.with_no_client_auth().with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The configuration for reviews of clients whose certificate `callers` accepts.
///
/// # Errors
///
/// As [`config`].
pub(crate) fn mutual(
    resolver: Arc<dyn ResolvesServerCert>,
    minimum: Minimum,
    callers: Arc<dyn ClientCertVerifier>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = versions(minimum)?.with_client_cert_verifier(callers).with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // A resumed session would not check the client's certificate again. The API server does not resume sessions.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// The configuration for probes and metrics: HTTP/1.1, without certificates of clients.
///
/// # Errors
///
/// As [`config`].
pub(crate) fn ops_config(
    resolver: Arc<dyn ResolvesServerCert>,
    minimum: Minimum,
) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = versions(minimum)?.with_no_client_auth().with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The beginning of each configuration.
fn versions(minimum: Minimum) -> Result<ConfigBuilder<ServerConfig, WantsVerifier>, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = match minimum {
        Minimum::Tls12 => FROM_12,
        Minimum::Tls13 => ONLY_13,
    };
    Ok(ServerConfig::builder_with_provider(provider).with_protocol_versions(versions)?)
}
