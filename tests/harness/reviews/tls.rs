//! TLS connections as Go's client makes them: full handshakes, one trusted CA file.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Makes connections and remembers whose certificates were served.
pub struct Dialer {
    address: SocketAddr,
    name: ServerName<'static>,
    ca: PathBuf,
    protocol: &'static [u8],
    client: Option<Client>,
    trust: Mutex<(Vec<u8>, Arc<ClientConfig>)>,
    served: Mutex<BTreeMap<String, Served>>,
    start: Instant,
}

/// The chain and the key with which a client proves who it is.
pub type Client = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Reads the chain and the key of a client from PEM files.
///
/// # Errors
///
/// Where one cannot be read.
pub fn client(chain: &Path, key: &Path) -> Result<Client, String> {
    let text = read(chain)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let key = PrivateKeyDer::from_pem_slice(&read(key)?);
    Ok((chain.map_err(|error| error.to_string())?, key.map_err(|error| error.to_string())?))
}

/// One certificate that was served: how often, and the first and last time in seconds since the start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Served {
    /// Handshakes with it.
    pub handshakes: u64,
    /// When it was first seen.
    pub first: f64,
    /// When it was last seen.
    pub last: f64,
}

impl Dialer {
    /// A dialer for one address; `protocol` is what ALPN offers.
    pub fn new(
        address: SocketAddr,
        name: &str,
        ca: PathBuf,
        protocol: &'static [u8],
    ) -> Result<Self, String> {
        let name = ServerName::try_from(name.to_owned()).map_err(|error| format!("{name}: {error}"))?;
        let text = read(&ca)?;
        let config = config(&text, protocol, None)?;
        Ok(Self {
            address,
            name,
            ca,
            protocol,
            client: None,
            trust: Mutex::new((text, config)),
            served: Mutex::default(),
            start: Instant::now(),
        })
    }

    /// With a client certificate.
    ///
    /// # Errors
    ///
    /// Where it is none that TLS can use.
    pub fn with_client(mut self, client: Client) -> Result<Self, String> {
        let text = read(&self.ca)?;
        let config = config(&text, self.protocol, Some(&client))?;
        self.trust = Mutex::new((text, config));
        self.client = Some(client);
        Ok(self)
    }

    /// One new connection, or why there is none.
    pub async fn dial(&self) -> Result<TlsStream<TcpStream>, String> {
        let stream = TcpStream::connect(self.address).await.map_err(|error| format!("connect: {error}"))?;
        // Go's client does so too.
        stream.set_nodelay(true).map_err(|error| format!("connect: {error}"))?;
        let config = self.trusted()?;
        let stream = TlsConnector::from(config)
            .connect(self.name.clone(), stream)
            .await
            .map_err(|error| format!("handshake: {error}"))?;
        if let Some([leaf, ..]) = stream.get_ref().1.peer_certificates() {
            let now = self.start.elapsed().as_secs_f64();
            let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
            let entry =
                served.entry(serial(leaf)?).or_insert(Served { handshakes: 0, first: now, last: now });
            entry.handshakes += 1;
            entry.last = now;
        }
        Ok(stream)
    }

    /// The certificates that were served, by serial number.
    pub fn served(&self) -> BTreeMap<String, Served> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the file trusts now. A half-written file leaves the trust as it was.
    fn trusted(&self) -> Result<Arc<ClientConfig>, String> {
        let mut trust = self.trust.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(text) = read(&self.ca)
            && text != trust.0
            && let Ok(fresh) = config(&text, self.protocol, self.client.as_ref())
        {
            *trust = (text, fresh);
        }
        Ok(Arc::clone(&trust.1))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn config(ca: &[u8], protocol: &[u8], client: Option<&Client>) -> Result<Arc<ClientConfig>, String> {
    let roots = roots(ca)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots);
    let mut config = match client {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain.clone(), key.clone_key())
            .map_err(|error| error.to_string())?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![protocol.to_vec()];
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// The certificates of a PEM text as what a client trusts.
///
/// # Errors
///
/// Where it holds none, or something else.
pub fn roots(pem: &[u8]) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| format!("CA: {error}"))?;
        roots.add(certificate).map_err(|error| format!("CA: {error}"))?;
    }
    if roots.is_empty() { Err("the CA holds no certificate".to_owned()) } else { Ok(roots) }
}

/// The serial number of a certificate in hexadecimal.
///
/// # Errors
///
/// Where it is no certificate.
pub fn serial(der: &[u8]) -> Result<String, String> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
    Ok(format!("{:x}", certificate.tbs_certificate.serial))
}
