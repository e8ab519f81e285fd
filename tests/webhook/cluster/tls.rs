//! TLS handshakes: the served certificate, and whether a bundle trusts it. Also reviews sent without the API server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use daemonset_tests::http_client::Connection;
use daemonset_tests::reviews::tls::{roots, serial};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme, SupportedProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A certificate as it was served.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// The serial number in hexadecimal.
    pub serial: String,
    /// The version of TLS that was agreed on.
    pub version: String,
}

/// Takes any certificate: what is looked at is the certificate itself.
#[derive(Debug)]
struct Anyone(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// Shakes hands. With a bundle of PEM certificates the listener must be trusted by it under `name`.
pub async fn shake(
    address: SocketAddr,
    name: &str,
    bundle: Option<&str>,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<Leaf, String> {
    let stream = connect(address, name, bundle, versions).await?;
    let connection = stream.get_ref().1;
    let leaf = connection.peer_certificates().and_then(|all| all.first()).ok_or("no certificate")?;
    Ok(Leaf {
        serial: serial(leaf)?,
        version: format!("{:?}", connection.protocol_version().ok_or("no version")?),
    })
}

/// A connection after its handshake.
pub async fn connect(
    address: SocketAddr,
    name: &str,
    bundle: Option<&str>,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<TlsStream<TcpStream>, String> {
    let config = config(bundle, versions)?;
    let stream = TcpStream::connect(address).await.map_err(|error| format!("no connection: {error}"))?;
    handshake(stream, name, Arc::new(config)).await
}

/// What a client trusts: a bundle, or any certificate.
pub fn config(
    bundle: Option<&str>,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<ClientConfig, String> {
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|error| error.to_string())?;
    let mut config = match bundle {
        None => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anyone(algorithms)))
            .with_no_client_auth(),
        Some(bundle) => builder.with_root_certificates(roots(bundle.as_bytes())?).with_no_client_auth(),
    };
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
}

/// Shakes hands on an open connection, within five seconds.
pub async fn handshake(
    stream: TcpStream,
    name: &str,
    config: Arc<ClientConfig>,
) -> Result<TlsStream<TcpStream>, String> {
    let server = ServerName::try_from(name.to_owned()).map_err(|error| error.to_string())?;
    let shaken = TlsConnector::from(config).connect(server, stream);
    tokio::time::timeout(Duration::from_secs(5), shaken)
        .await
        .map_err(|_| "no handshake in 5 s".to_owned())?
        .map_err(|error| error.to_string())
}

/// One POST of a review on a connection that stays open: the status and the body.
pub async fn post(connection: &mut Connection, path: &str, body: &str) -> Result<(u16, String), String> {
    tokio::time::timeout(Duration::from_secs(5), connection.post("webhook", path, body.to_owned()))
        .await
        .map_err(|_| "no answer in 5 s".to_owned())?
}
