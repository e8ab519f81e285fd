//! Failed TLS handshakes, by reason.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::label::Label;

/// Why a TLS handshake failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Handshake {
    /// The client refused our certificate: it does not trust the CA, or the name or the validity is wrong for it.
    Untrusted,
    /// There is no certificate to serve.
    NoCertificate,
    /// The client showed no certificate, but `--client-ca` demands one.
    NoClientCertificate,
    /// The client's certificate was not issued by a CA of `--client-ca`, or is not valid.
    ClientCertificate,
    /// The client's certificate has none of the names of `--client-cn`.
    ClientName,
    /// The client and the webhook have no TLS version or cipher suite in common.
    Incompatible,
    /// The client does not speak TLS.
    NotTls,
    /// The handshake was not finished in time.
    Timeout,
    /// The client closed the connection: a port scan, or a probe of the port.
    Closed,
    /// Anything else.
    Other,
}

impl Handshake {
    /// All reasons, in the order of their discriminants.
    pub(crate) const ALL: [Self; 10] = [
        Self::Untrusted,
        Self::NoCertificate,
        Self::NoClientCertificate,
        Self::ClientCertificate,
        Self::ClientName,
        Self::Incompatible,
        Self::NotTls,
        Self::Timeout,
        Self::Closed,
        Self::Other,
    ];

    /// The name in metrics and log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Untrusted => "untrusted",
            Self::NoCertificate => "no-certificate",
            Self::NoClientCertificate => "no-client-certificate",
            Self::ClientCertificate => "client-certificate",
            Self::ClientName => "client-name",
            Self::Incompatible => "incompatible",
            Self::NotTls => "not-tls",
            Self::Timeout => "timeout",
            Self::Closed => "closed",
            Self::Other => "other",
        }
    }
}

/// Counts failed handshakes by reason.
#[derive(Debug)]
pub(super) struct HandshakeFailures(Vec<Counter>);

impl HandshakeFailures {
    /// Registers the counters.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let family: Family<Label, Counter> = Family::default();
        registry.register("handshake_failures", "Failed TLS handshakes, by reason", family.clone());
        let counter = |why: &Handshake| family.get_or_create_owned(&Label("reason", why.as_str()));
        Self(Handshake::ALL.iter().map(counter).collect())
    }

    /// A handshake has failed.
    pub(super) fn count(&self, why: Handshake) {
        if let Some(counter) = self.0.get(why as usize) {
            counter.inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discriminants_are_positions() {
        assert!(Handshake::ALL.iter().enumerate().all(|(place, why)| *why as usize == place));
    }
}
