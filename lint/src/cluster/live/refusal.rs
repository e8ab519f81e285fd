//! Why a cluster could not be asked, in one sentence.

use std::error::Error;
use std::io;

use daemonset_validation::placement::Kind;
use kube::client::{AuthError, RustlsTlsError};
use kube::config::KubeconfigError;
use rustls::{AlertDescription, CertificateError};

use super::kubeconfig::{BOTH_WAYS, Chosen, fault, first_line};
use crate::files::reason;
use crate::shown::{shown, shown_lines, shown_path};

/// Why a list could not be read.
pub(super) enum Refusal {
    /// The server refuses the request, or does not answer.
    Server(kube::Error),
    /// Its answer cannot be read.
    Answer(String),
}

impl Refusal {
    /// Whether the server has no such kind.
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, Self::Server(kube::Error::Api(status)) if status.code == 404)
    }

    pub(super) fn sentence(&self, kind: Kind, chosen: &Chosen) -> String {
        let (what, server) = (kind.plural(), &chosen.config.cluster_url);
        match self {
            Self::Server(kube::Error::Api(status)) if status.code == 403 => format!(
                "the cluster at {server} does not let you list {what} (verb list, at cluster scope): {}",
                status.message
            ),
            Self::Server(kube::Error::Api(status)) if status.code == 401 => {
                format!("the cluster at {server} does not accept {}", credentials(chosen))
            }
            Self::Server(kube::Error::Api(status)) => {
                format!("the cluster at {server} refuses to list {what}: {}", status.message)
            }
            Self::Server(error) => match known(error, chosen) {
                Some(Known::Kubeconfig(sentence)) => sentence,
                Some(Known::Connection(sentence)) => unanswered(&sentence, kind, chosen),
                None => unanswered(&causes_joined(error), kind, chosen),
            },
            Self::Answer(why) => format!("the cluster at {server} was asked for {what}, but {why}"),
        }
    }
}

/// Why the client cannot be made.
pub(super) fn client_fault(error: &kube::Error, chosen: &Chosen) -> String {
    match known(error, chosen) {
        Some(Known::Kubeconfig(sentence)) => sentence,
        Some(Known::Connection(sentence)) => unanswered(&sentence, Kind::Node, chosen),
        None => format!("{}: the kubeconfig cannot be used: {}", chosen.file, causes_joined(error)),
    }
}

fn unanswered(why: &str, kind: Kind, chosen: &Chosen) -> String {
    let config = &chosen.config;
    let proxy = config.proxy_url.as_ref();
    // The password of a proxy is not shown.
    let proxy = proxy.map(|proxy| format!(" by way of the proxy {}", proxy.host().unwrap_or_default()));
    let proxy = proxy.unwrap_or_default();
    let sentence = format!("the cluster at {} cannot be asked{proxy}: {why}", config.cluster_url);
    // Without nodes there is no preview.
    if kind == Kind::Node { format!("{sentence}\n\n{BOTH_WAYS}") } else { sentence }
}

/// What the server does not accept, and what to do.
fn credentials(chosen: &Chosen) -> String {
    let Some(user) = &chosen.user else {
        return format!("a request without credentials (401): the context names no user in {}", chosen.file);
    };
    let (user, info) = (shown(user), &chosen.config.auth_info);
    if let Some(plugin) = info.exec.as_ref().and_then(|exec| exec.command.as_deref()) {
        let plugin = shown(plugin);
        return format!("what `{plugin}` gives for user {user} (401): log in again, as for kubectl");
    }
    let what = if info.client_certificate.is_some() || info.client_certificate_data.is_some() {
        "client certificate"
    } else if info.token.is_some() || info.token_file.is_some() || info.auth_provider.is_some() {
        "token"
    } else if info.password.is_some() {
        return format!("the password of user {user} (401)");
    } else {
        return format!("a request without credentials (401): user {user} has none in {}", chosen.file);
    };
    format!("the {what} of user {user} (401): it may have expired")
}

/// An error that has a sentence of its own.
enum Known {
    /// What the kubeconfig names cannot be used.
    Kubeconfig(String),
    /// The server cannot be reached.
    Connection(String),
}

fn known(error: &(dyn Error + 'static), chosen: &Chosen) -> Option<Known> {
    causes(error).into_iter().find_map(|cause| {
        if let Some(kube::Error::ProxyProtocolUnsupported { proxy_url }) = cause.downcast_ref::<kube::Error>() {
            let scheme = proxy_url.scheme_str().unwrap_or_default();
            return Some(Known::Kubeconfig(format!(
                "{}: the proxy of cluster {} (`proxy-url` or $HTTPS_PROXY) is not of a kind that is known: `{scheme}`; known are http, https and socks5",
                chosen.file,
                shown(&chosen.cluster)
            )));
        }
        if let Some(error) = cause.downcast_ref::<AuthError>() {
            return Some(Known::Kubeconfig(auth(error, chosen)));
        }
        if let Some(error) = cause.downcast_ref::<KubeconfigError>() {
            let user = chosen.user.as_deref();
            return Some(Known::Kubeconfig(fault(error, &chosen.cluster, user, &chosen.file)));
        }
        if let Some(error) = cause.downcast_ref::<RustlsTlsError>() {
            return Some(Known::Kubeconfig(certificates(error, chosen)));
        }
        if let Some(error) = cause.downcast_ref::<rustls::Error>() {
            return Some(Known::Connection(tls(error, chosen)));
        }
        // The resolver's error has no type of its own.
        if cause.to_string() == "dns error" {
            let host = chosen.config.cluster_url.host().unwrap_or_default();
            return Some(Known::Connection(format!("there is no host with the name {host}")));
        }
        let sentence = match cause.downcast_ref::<io::Error>()?.kind() {
            io::ErrorKind::ConnectionRefused => "nothing listens at this address",
            io::ErrorKind::TimedOut => "it does not answer in time; is a VPN or a proxy needed?",
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                "there is no route to it; is a VPN or a proxy needed?"
            }
            io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => "it closes the connection",
            _ => return None,
        };
        Some(Known::Connection(sentence.to_owned()))
    })
}

/// Why a credential plugin gives no credentials.
fn auth(error: &AuthError, chosen: &Chosen) -> String {
    let user = format!("user {} of {}", shown(chosen.user.as_deref().unwrap_or_default()), chosen.file);
    let exec = chosen.config.auth_info.exec.as_ref();
    let plugin = exec.and_then(|exec| exec.command.as_deref()).unwrap_or_default();
    let plugin = shown(plugin);
    match error {
        AuthError::AuthExecStart(error) if error.kind() == io::ErrorKind::NotFound => {
            let hint = exec.and_then(|exec| exec.install_hint.as_deref()).map(str::trim);
            let hint = hint.filter(|hint| !hint.is_empty());
            let hint = hint.map(|hint| format!("\n\n{}", shown_lines(hint))).unwrap_or_default();
            format!("{user} gets its credentials from the program `{plugin}`, which is not installed{hint}")
        }
        AuthError::AuthExecStart(error) => {
            format!(
                "{user} gets its credentials from the program `{plugin}`, which cannot be started: {}",
                reason(error)
            )
        }
        AuthError::AuthExecRun { out, .. } => {
            let said = String::from_utf8_lossy(&out.stderr);
            let said = said.lines().rev().find(|line| !line.trim().is_empty());
            let said = said.map(|line| format!(": {}", shown(line.trim()))).unwrap_or_default();
            let code = out.status.code().map(|code| format!(" with exit code {code}")).unwrap_or_default();
            format!("{user} gets its credentials from `{plugin}`, which failed{code}{said}")
        }
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            format!("{user} gets its credentials from `{plugin}`, which printed none")
        }
        AuthError::MissingCommand => {
            format!("{user} gets its credentials from a program, but `exec` has no `command`")
        }
        AuthError::ReadTokenFile(error, path) => {
            format!("{user} has its token in {}, which cannot be read: {}", shown_path(path), reason(error))
        }
        other => format!("{user} has no credentials: {}", first_line(other)),
    }
}

/// Why certificates of the kubeconfig cannot be used.
fn certificates(error: &RustlsTlsError, chosen: &Chosen) -> String {
    let (file, cluster) = (&chosen.file, shown(&chosen.cluster));
    let user = shown(chosen.user.as_deref().unwrap_or_default());
    match error {
        RustlsTlsError::InvalidIdentityPem(_) | RustlsTlsError::MissingCertificate => {
            format!("{file}: the client-certificate of user {user} is not a certificate in PEM")
        }
        RustlsTlsError::MissingPrivateKey
        | RustlsTlsError::InvalidPrivateKey(_)
        | RustlsTlsError::UnknownPrivateKeyFormat => {
            format!(
                "{file}: the client-key of user {user} is not a private key in PEM that belongs to its certificate"
            )
        }
        RustlsTlsError::AddRootCertificate(_) => {
            format!("{file}: the certificate-authority of cluster {cluster} is not a certificate")
        }
        RustlsTlsError::InvalidServerName(_) => {
            format!("{file}: the tls-server-name of cluster {cluster} is not a host name")
        }
        other => format!("{file}: the certificates cannot be used: {}", first_line(other)),
    }
}

/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// Why there is no TLS connection.
fn tls(error: &rustls::Error, chosen: &Chosen) -> String {
    let user = shown(chosen.user.as_deref().unwrap_or_default());
    match error {
        rustls::Error::InvalidCertificate(fault) => match fault {
            CertificateError::ExpiredContext { time, not_after } => {
                let days = time.as_secs().saturating_sub(not_after.as_secs()).checked_div(DAY);
                let since = match days.unwrap_or_default() {
                    0 => "today".to_owned(),
                    1 => "yesterday".to_owned(),
                    days => format!("{days} days ago"),
                };
                format!("its certificate expired {since}: renew it, or correct the clock of this machine")
            }
            CertificateError::Expired => {
                "its certificate has expired: renew it, or correct the clock of this machine".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "its certificate is not valid yet: correct the clock of this machine".to_owned()
            }
            CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
                "its certificate is not signed by the certificate-authority of cluster {} in {}",
                shown(&chosen.cluster),
                chosen.file
            ),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                let host = chosen.config.cluster_url.host().unwrap_or_default();
                format!(
                    "its certificate is not for {host}: correct `server` of cluster {} in {}, or set tls-server-name",
                    shown(&chosen.cluster),
                    chosen.file
                )
            }
            _ => format!("its certificate is not valid: {}", first_line(error)),
        },
        rustls::Error::AlertReceived(AlertDescription::CertificateExpired) => {
            format!("it does not accept the client certificate of user {user}, which has expired")
        }
        rustls::Error::AlertReceived(
            AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateRequired
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied,
        ) => format!("it does not accept the client certificate of user {user}"),
        rustls::Error::InvalidMessage(_) => {
            "it answers without TLS; is `server` to begin with http:// instead of https://?".to_owned()
        }
        other => first_line(other),
    }
}

/// An error and what it comes from, the outermost first.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> Vec<&'e (dyn Error + 'static)> {
    let mut causes = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        causes.push(cause);
        // The source of an I/O error is that of the error in it.
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    causes
}

/// All that the causes say, each once. That the client has an error is known.
fn causes_joined(error: &(dyn Error + 'static)) -> String {
    let mut sentence = String::new();
    let is_wrapper = |cause: &&(dyn Error + 'static)| {
        matches!(cause.downcast_ref(), Some(kube::Error::Service(_) | kube::Error::HyperError(_)))
    };
    for cause in causes(error).into_iter().skip_while(is_wrapper) {
        let text = cause.to_string();
        if sentence.is_empty() {
            sentence = text;
        } else if !sentence.contains(&text) {
            sentence = format!("{sentence}: {text}");
        }
    }
    shown(&sentence).into_owned()
}
