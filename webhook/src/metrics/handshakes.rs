//! Failed TLS handshakes, by reason.

use prometheus_client::registry::Registry;

use super::closed::{Counters, closed};

closed! {
    /// Why a TLS handshake failed.
    pub(crate) enum Handshake {
        /// The client refused our certificate: it does not trust the CA, or the name or the validity is wrong for it.
        Untrusted = "untrusted",
        /// There is no certificate to serve.
        NoCertificate = "no-certificate",
        /// The client showed no certificate, but `--client-ca` demands one.
        NoClientCertificate = "no-client-certificate",
        /// The client's certificate was not issued by a CA of `--client-ca`, or is not valid.
        ClientCertificate = "client-certificate",
        /// The client's certificate has none of the names of `--client-cn`.
        ClientName = "client-name",
        /// The client and the webhook have no TLS version or cipher suite in common.
        Incompatible = "incompatible",
        /// The client does not speak TLS.
        NotTls = "not-tls",
        /// The handshake was not finished in time.
        Timeout = "timeout",
        /// The client closed the connection: a port scan, or a probe of the port.
        Closed = "closed",
        /// Anything else.
        Other = "other",
    }
}

/// Counts failed handshakes by reason.
#[derive(Debug)]
pub(super) struct HandshakeFailures(Counters);

impl HandshakeFailures {
    /// Registers the counters.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let names = ("handshake_failures", "Failed TLS handshakes, by reason");
        Self(Counters::register(registry, names, "reason", Handshake::ALL.iter().map(|why| why.as_str())))
    }

    /// A handshake has failed.
    pub(super) fn count(&self, why: Handshake) {
        self.0.count(why as usize);
    }
}
