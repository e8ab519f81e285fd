//! Counts and logs failed TLS handshakes. They are the only sign of a broken `caBundle` on this side.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

use crate::logs::Rarely;
use crate::metrics::{Handshake, Metrics};

/// How often each reason is logged.
const PERIOD: Duration = Duration::from_secs(10);

/// For each reason, in the order of [`Handshake::ALL`].
static LINES: [Rarely; Handshake::ALL.len()] = [const { Rarely::every(PERIOD) }; Handshake::ALL.len()];

/// A handshake with this peer has failed.
pub(crate) fn failed(metrics: &Metrics, peer: SocketAddr, error: &io::Error) {
    let why = reason(error);
    metrics.handshake_failed(why);
    let Some(left_out) = LINES.get(why as usize).and_then(Rarely::allows) else { return };
    let reason = why.as_str();
    match advice(why) {
        Some(advice) => {
            tracing::warn!(%peer, reason, left_out, "a TLS handshake failed: {error}; {advice}");
        }
        None => tracing::debug!(%peer, reason, left_out, "a TLS handshake failed: {error}"),
    }
}

/// Why a handshake failed.
fn reason(error: &io::Error) -> Handshake {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>());
    match cause {
        Some(Error::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::UnsupportedCertificate,
        )) => Handshake::Untrusted,
        Some(Error::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity
            | AlertDescription::HandshakeFailure,
        )) => Handshake::Incompatible,
        Some(Error::NoCertificatesPresented) => Handshake::NoClientCertificate,
        Some(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)) => {
            Handshake::ClientName
        }
        Some(Error::InvalidCertificate(_)) => Handshake::ClientCertificate,
        Some(Error::PeerIncompatible(_)) => Handshake::Incompatible,
        // rustls has no error of its own for a resolver without a certificate.
        Some(Error::General(_)) => Handshake::NoCertificate,
        Some(Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        )) => Handshake::NotTls,
        Some(_) => Handshake::Other,
        None => match error.kind() {
            io::ErrorKind::TimedOut => Handshake::Timeout,
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Handshake::Closed,
            _ => Handshake::Other,
        },
    }
}

/// What to do, if an operator can do something.
const fn advice(why: Handshake) -> Option<&'static str> {
    Some(match why {
        Handshake::Untrusted => {
            "the client does not trust the serving certificate: does the caBundle of the ValidatingWebhookConfiguration hold the CA \
             that issued it, is it valid now, and is it for <service>.<namespace>.svc?"
        }
        Handshake::NoCertificate => "there is no serving certificate yet: see /readyz",
        Handshake::NoClientCertificate => {
            "the client has no certificate, which --client-ca demands: if this is the API server, give it one with \
             --admission-control-config-file (see docs/mutual-tls.md)"
        }
        Handshake::ClientCertificate => {
            "the client's certificate is not trusted: does the file of --client-ca hold the CA that issued it, is it valid now, and is it \
             for client authentication?"
        }
        Handshake::ClientName => "the client's certificate has none of the names of --client-cn",
        Handshake::Incompatible => "see --tls-min-version",
        Handshake::NotTls => "the client does not speak TLS: reviews are sent to https URLs",
        // Everything that reaches the port can do this, and there is nothing to mend.
        Handshake::Timeout | Handshake::Closed | Handshake::Other => return None,
    })
}

#[cfg(test)]
mod tests {
    use rustls::{PeerIncompatible, PeerMisbehaved};

    use super::*;

    #[test]
    fn each_failure_has_its_reason() {
        let tls = |error: Error| io::Error::new(io::ErrorKind::InvalidData, error);
        for (error, why) in [
            (tls(Error::AlertReceived(AlertDescription::UnknownCA)), Handshake::Untrusted),
            (tls(Error::AlertReceived(AlertDescription::BadCertificate)), Handshake::Untrusted),
            (tls(Error::AlertReceived(AlertDescription::ProtocolVersion)), Handshake::Incompatible),
            (tls(Error::AlertReceived(AlertDescription::InternalError)), Handshake::Other),
            (tls(Error::NoCertificatesPresented), Handshake::NoClientCertificate),
            (tls(CertificateError::UnknownIssuer.into()), Handshake::ClientCertificate),
            (tls(CertificateError::Expired.into()), Handshake::ClientCertificate),
            (tls(CertificateError::ApplicationVerificationFailure.into()), Handshake::ClientName),
            (tls(PeerIncompatible::NoCipherSuitesInCommon.into()), Handshake::Incompatible),
            (tls(PeerMisbehaved::MessageInterleavedWithHandshakeMessage.into()), Handshake::Other),
            (tls(InvalidMessage::InvalidContentType.into()), Handshake::NotTls),
            (io::ErrorKind::TimedOut.into(), Handshake::Timeout),
            (io::ErrorKind::ConnectionReset.into(), Handshake::Closed),
            (io::Error::other("tls handshake eof"), Handshake::Other),
            (io::ErrorKind::UnexpectedEof.into(), Handshake::Closed),
        ] {
            assert_eq!(reason(&error), why, "{error:?}");
        }
    }
}
