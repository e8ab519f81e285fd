//! The TLS configuration of the listener for reviews.

use std::sync::Arc;

use clap::ValueEnum;
use rustls::server::ResolvesServerCert;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};

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

/// The server configuration. The resolver gives the certificate for each handshake.
///
/// # Errors
///
/// [`TlsError`] if the crypto provider does not support the versions. It does.
pub fn config(
    resolver: Arc<dyn ResolvesServerCert>,
    minimum: Minimum,
) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = match minimum {
        Minimum::Tls12 => FROM_12,
        Minimum::Tls13 => ONLY_13,
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
