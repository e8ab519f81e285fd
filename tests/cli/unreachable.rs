//! Of a cluster that cannot be asked, `--explain` says why in one sentence: certificates, addresses, credentials. The API server is a
//! fake one on loopback.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use daemonset_tests::command::{Output, lint};
use daemonset_tests::http_server::{Answer, serve};
use daemonset_tests::root;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection};

/// A certificate for a name that is valid from some year on, until another.
struct Certificate {
    pem: String,
    config: Arc<ServerConfig>,
}

fn certificate(name: &str, from: i32, until: i32) -> Certificate {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    let signed = params.self_signed(&key).unwrap();
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![signed.der().clone()], private).unwrap();
    Certificate { pem: signed.pem(), config: Arc::new(config) }
}

/// Shakes hands until the process ends, and returns the port.
fn serve_tls(config: Arc<ServerConfig>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            // The client ends the handshake.
            while connection.complete_io(&mut stream).is_ok_and(|(read, _)| read > 0) {}
        }
    });
    port
}

/// Answers every connection with some bytes and closes it.
fn serve_bytes(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        }
    });
    port
}

/// What the command says, with `ADDRESS` for the server's address. `cluster` and `user` are YAML.
fn said(server: &str, cluster: &str, user: &str, ca: Option<&str>) -> String {
    let folder = tempfile::tempdir().unwrap();
    if let Some(ca) = ca {
        std::fs::write(folder.path().join("ca.crt"), ca).unwrap();
    }
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: here\n\
         clusters: [{{ name: here, cluster: {{ server: \"{server}\", {cluster} }} }}]\n\
         users: [{{ name: me, user: {{ {user} }} }}]\n\
         contexts: [{{ name: here, context: {{ cluster: here, user: me }} }}]\n"
    );
    let path = folder.path().join("config");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let manifest = root().join("tests/tutorial/nginx-node-affinity.yaml");
    let arguments = ["--explain", "--kubeconfig", path, manifest.to_str().unwrap()];
    let Output { code, stdout, stderr } = lint(arguments, b"");
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    let (sentence, _) = stderr.split_once("\n\n").unwrap_or((stderr.trim_end(), ""));
    let sentence = sentence.strip_prefix("daemonset-lint: ").unwrap();
    sentence.replace(&format!("{server}/"), "ADDRESS").replace(path, "config")
}

const CA: &str = "certificate-authority: ca.crt";

#[test]
fn a_certificate_that_is_not_valid_is_said_to_be_so() {
    let last_year = certificate("127.0.0.1", 2000, 2001);
    let server = format!("https://127.0.0.1:{}", serve_tls(last_year.config));
    let sentence = said(&server, CA, "", Some(&last_year.pem));
    assert!(
        sentence.starts_with("the cluster at ADDRESS cannot be asked: its certificate expired "),
        "{sentence}"
    );
    assert!(sentence.ends_with(" days ago: renew it, or correct the clock of this machine"), "{sentence}");

    let next = certificate("127.0.0.1", 3000, 3001);
    let server = format!("https://127.0.0.1:{}", serve_tls(next.config));
    assert_eq!(
        said(&server, CA, "", Some(&next.pem)),
        "the cluster at ADDRESS cannot be asked: its certificate is not valid yet: correct the clock of this machine"
    );

    let other = certificate("kubernetes.example", 2000, 3000);
    let server = format!("https://127.0.0.1:{}", serve_tls(other.config));
    assert_eq!(
        said(&server, CA, "", Some(&other.pem)),
        "the cluster at ADDRESS cannot be asked: its certificate is not for 127.0.0.1: correct `server` of cluster here in config, or set tls-server-name"
    );

    let own = certificate("127.0.0.1", 2000, 3000);
    let server = format!("https://127.0.0.1:{}", serve_tls(own.config));
    let signed = "the cluster at ADDRESS cannot be asked: its certificate is not signed by the certificate-authority of cluster here in config";
    assert_eq!(said(&server, CA, "", Some(&other.pem)), signed);
}

#[test]
fn an_address_that_does_not_answer_is_said_to_be_so() {
    let server = format!("https://127.0.0.1:{}", serve_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert_eq!(
        said(&server, "insecure-skip-tls-verify: true", "", None),
        "the cluster at ADDRESS cannot be asked: it answers without TLS; is `server` to begin with http:// instead of https://?"
    );
    // Nobody listens on the port of a listener that is gone.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = format!("http://127.0.0.1:{port}");
    let sentence = "the cluster at ADDRESS cannot be asked: nothing listens at this address";
    assert_eq!(said(&nobody, "", "", None), sentence);
    let sentence =
        "the cluster at ADDRESS cannot be asked: there is no host with the name kubernetes.invalid";
    assert_eq!(said("https://kubernetes.invalid:6443", "insecure-skip-tls-verify: true", "", None), sentence);
    let closes = format!("http://127.0.0.1:{}", serve_bytes(b""));
    let sentence = said(&closes, "", "", None);
    assert!(sentence.starts_with("the cluster at ADDRESS cannot be asked: "), "{sentence}");
}

/// Connects its clients to what they ask for, until the process ends, and returns the port.
fn serve_proxy() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut asked = [0; 4096];
            let length = client.read(&mut asked).unwrap();
            let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
            let target = asked.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()).unwrap();
            let mut server = TcpStream::connect(target).unwrap();
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
            thread::spawn(move || std::io::copy(&mut server, &mut client));
        }
    });
    port
}

#[test]
fn a_proxy_is_used_and_named() {
    let port = serve(|_| Answer::status(401, "Unauthorized")).unwrap();
    let server = format!("http://127.0.0.1:{port}");
    let answered = "the cluster at ADDRESS does not accept the token of user me (401): it may have expired";
    let proxy = format!("proxy-url: \"http://127.0.0.1:{}\"", serve_proxy());
    assert_eq!(said(&server, &proxy, "token: old", None), answered);
    // Nobody listens on the port of a listener that is gone.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let at = |scheme: &str| format!("proxy-url: \"{scheme}://me:secret@127.0.0.1:{gone}\"");
    let sentence = "the cluster at ADDRESS cannot be asked by way of the proxy 127.0.0.1: ";
    assert_eq!(said(&server, &at("http"), "", None), format!("{sentence}nothing listens at this address"));
    let by_socks = said(&server, &at("socks5"), "", None);
    assert!(by_socks.starts_with(sentence) && !by_socks.contains("secret"), "{by_socks}");
    assert_eq!(
        said(&server, "proxy-url: \"ftp://127.0.0.1:1\"", "", None),
        "config: the proxy of cluster here (`proxy-url` or $HTTPS_PROXY) is not of a kind that is known: `ftp`; known are http, https and socks5"
    );
}

#[test]
fn credentials_that_are_not_accepted_are_named() {
    let port = serve(|_| Answer::status(401, "Unauthorized")).unwrap();
    let server = format!("http://127.0.0.1:{port}");
    let plugin = "exec: { apiVersion: client.authentication.k8s.io/v1, command: echo, interactiveMode: Never, \
                  args: ['{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \"status\": {\"token\": \"old\"}}'] }";
    for (user, what) in [
        ("token: old", "the token of user me (401): it may have expired"),
        ("username: me, password: wrong", "the password of user me (401)"),
        ("", "a request without credentials (401): user me has none in config"),
        (plugin, "what `echo` gives for user me (401): log in again, as for kubectl"),
    ] {
        assert_eq!(said(&server, "", user, None), format!("the cluster at ADDRESS does not accept {what}"));
    }
}
