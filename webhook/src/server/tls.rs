//! The TLS that reviews come over.

use std::sync::Arc;

use clap::ValueEnum;
use rustls::server::ResolvesServerCert;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};

/// The lowest version that is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Minimum {
    /// TLS 1.2, with forward secrecy and authenticated encryption only: rustls has no others.
    #[value(name = "1.2")]
    Tls12,
    /// TLS 1.3; every API server of the last years speaks it.
    #[default]
    #[value(name = "1.3")]
    Tls13,
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
#[error("TLS cannot be set up: {0}")]
pub struct TlsError(#[from] rustls::Error);

static ONLY_13: &[&SupportedProtocolVersion] = &[&TLS13];
static FROM_12: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// The server's side of TLS, with the certificate that the resolver has at each handshake.
///
/// # Errors
///
/// None that is known: the provider supports both versions.
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
