//! A server to compare with: axum on rustls with the webhook's TLS settings. It reads each body and answers a constant review.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use clap::Parser;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Answers every review with the same words.
#[derive(Parser)]
#[command(name = "constant-handler")]
struct Args {
    /// Where to listen.
    #[arg(long)]
    listen: SocketAddr,
    /// The folder of tls.crt and tls.key.
    #[arg(long)]
    tls_dir: PathBuf,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // One core needs no scheduler between threads.
    let mut runtime = if cores == 1 {
        tokio::runtime::Builder::new_current_thread()
    } else {
        tokio::runtime::Builder::new_multi_thread()
    };
    runtime.enable_all().build()?.block_on(serve(args))
}

async fn serve(args: Args) -> Result<(), Box<dyn std::error::Error>> {
    let certificates =
        CertificateDer::pem_file_iter(args.tls_dir.join("tls.crt"))?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(args.tls_dir.join("tls.key"))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(certificates, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let router = Router::new().route("/validate", post(answer));
    let listener = TcpListener::bind(args.listen).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let (acceptor, router) = (acceptor.clone(), router.clone());
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let (io, service) = (TokioIo::new(stream), TowerToHyperService::new(router));
            let _ = if http2 {
                http2::Builder::new(TokioExecutor::new()).serve_connection(io, service).await
            } else {
                http1::Builder::new().serve_connection(io, service).await
            };
        });
    }
}

/// Reads the whole body, and nothing in it but the uid, since the generator refuses an answer without it.
async fn answer(body: Bytes) -> Response {
    const BEFORE: &[u8] =
        br#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":""#;
    const AFTER: &[u8] = br#"","allowed":true,"status":{"code":200}}}"#;
    const KEY: &[u8] = b"\"uid\":\"";
    let place = body.windows(KEY.len()).position(|window| window == KEY).unwrap_or_default();
    let rest = body.get(place..).and_then(|rest| rest.get(KEY.len()..)).unwrap_or_default();
    let uid = rest.get(..36).unwrap_or_default();
    let text = [BEFORE, uid, AFTER].concat();
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
}
