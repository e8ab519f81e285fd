//! Handshakes with clients of several kinds, in memory.

use std::io;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::*;
use crate::server::{self, Minimum};

/// A CA for clients.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    certificate: CertificateDer<'static>,
}

fn authority(name: &str) -> Authority {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    let (pem, der) = (certificate.pem(), certificate.der().clone());
    Authority { issuer: Issuer::new(params, key), pem, certificate: der }
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl Authority {
    fn issue(&self, common: &str, alternative: &[&str], usage: ExtendedKeyUsagePurpose) -> Identity {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = alternative.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, common);
        params.extended_key_usages = vec![usage];
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
    }

    fn client(&self, common: &str, alternative: &[&str]) -> Identity {
        self.issue(common, alternative, ExtendedKeyUsagePurpose::ClientAuth)
    }
}

/// A server with a certificate for `localhost`, and its CA.
fn server(callers: &Arc<Callers>, minimum: Minimum) -> (Arc<ServerConfig>, CertificateDer<'static>) {
    let authority = authority("servers");
    let (chain, key) = authority.issue("localhost", &["localhost"], ExtendedKeyUsagePurpose::ServerAuth);
    let certified = rustls::sign::CertifiedKey::from_der(chain, key, &ring::default_provider()).unwrap();
    let resolver = Arc::new(rustls::sign::SingleCertAndKey::from(certified));
    (server::mutual(resolver, minimum, callers.clone()).unwrap(), authority.certificate)
}

/// Does a handshake. Returns the server's error.
async fn handshake(
    (config, trusted): &(Arc<ServerConfig>, CertificateDer<'static>),
    client: Option<&Identity>,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Result<(), io::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    let client = match client {
        Some((chain, key)) => builder.with_client_auth_cert(chain.clone(), key.clone_key()).unwrap(),
        None => builder.with_no_client_auth(),
    };
    let (near, far) = tokio::io::duplex(64 * 1024);
    let name = ServerName::try_from("localhost").unwrap();
    let connecting = TlsConnector::from(Arc::new(client)).connect(name, near);
    let accepting = TlsAcceptor::from(config.clone()).accept(far);
    let (_, accepted) =
        tokio::time::timeout(Duration::from_secs(20), async { tokio::join!(connecting, accepting) })
            .await
            .unwrap();
    accepted.map(drop)
}

const BOTH: [&[&rustls::SupportedProtocolVersion]; 2] =
    [&[&rustls::version::TLS12], &[&rustls::version::TLS13]];

#[tokio::test]
async fn only_clients_of_a_trusted_ca_with_a_name_are_accepted() {
    let (ours, strange, same_name) = (authority("clients"), authority("others"), authority("clients"));
    let callers = Arc::new(Callers::new(vec!["kube-apiserver".to_owned(), "10.0.0.1".to_owned()]));
    callers.trust(ours.pem.as_bytes()).unwrap();
    let server = server(&callers, Minimum::Tls12);
    let good = ours.client("kube-apiserver", &[]);
    for versions in BOTH {
        assert!(handshake(&server, Some(&good), versions).await.is_ok());
        for alternative in ["kube-apiserver", "10.0.0.1"] {
            let client = ours.client("other", &[alternative]);
            assert!(handshake(&server, Some(&client), versions).await.is_ok(), "{alternative}");
        }
        let refused = [
            (None, "sent no certificates"),
            (Some(strange.client("kube-apiserver", &[])), "UnknownIssuer"),
            // The CA has the name of the trusted one, and another key.
            (Some(same_name.client("kube-apiserver", &[])), "InvalidCertificate"),
            (
                Some(ours.client("kube-apiserver.", &["kube-apiserver.evil"])),
                "ApplicationVerificationFailure",
            ),
            (Some(ours.issue("kube-apiserver", &[], ExtendedKeyUsagePurpose::ServerAuth)), "InvalidPurpose"),
        ];
        for (client, said) in refused {
            let error = handshake(&server, client.as_ref(), versions).await.unwrap_err();
            let debug = format!("{error:?} {error}");
            assert!(debug.contains(said), "{said}: {debug}");
        }
    }
}

#[tokio::test]
async fn a_rotation_of_the_ca_is_followed() {
    let (old, new) = (authority("clients"), authority("clients"));
    let (of_old, of_new) = (old.client("a", &[]), new.client("a", &[]));
    let callers = Arc::new(Callers::new(Vec::new()));
    let server = server(&callers, Minimum::Tls13);
    let both = format!("{}{}", old.pem, new.pem);
    for (pem, accepts_old, accepts_new) in [
        (None, false, false),
        (Some(&old.pem), true, false),
        (Some(&both), true, true),
        (Some(&new.pem), false, true),
    ] {
        if let Some(pem) = pem {
            callers.trust(pem.as_bytes()).unwrap();
        }
        let [_, only_13] = BOTH;
        assert_eq!(handshake(&server, Some(&of_old), only_13).await.is_ok(), accepts_old);
        assert_eq!(handshake(&server, Some(&of_new), only_13).await.is_ok(), accepts_new);
    }
}
