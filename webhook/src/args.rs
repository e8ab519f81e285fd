//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as Group, Parser, Subcommand, ValueEnum};

use crate::cache::{Admission, Mode};
use crate::duration;
use crate::logs;
use crate::server::Minimum;

/// A validating admission webhook that says on which nodes a DaemonSet would run, and why not on others.
#[derive(Debug, Parser)]
#[command(name = "daemonset-webhook", version, propagate_version = true)]
pub struct Args {
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the webhook server.
    Serve(Box<Serve>),
    /// Write a CA certificate, a serving certificate and its key for development.
    DevCerts(DevCerts),
    /// Check a config file: print all its errors, or its effective settings.
    CheckConfig {
        /// The config file.
        file: PathBuf,
    },
    /// Check that the API server calls the webhook, by creating a DaemonSet with a dry run.
    SelfTest(SelfTest),
}

/// Run the webhook server.
#[derive(Clone, Debug, Group)]
pub(crate) struct Serve {
    /// Address of the listener for reviews (HTTPS).
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:8443")]
    pub(crate) listen: SocketAddr,
    /// Address of the listener for /healthz, /readyz and /metrics (HTTP; HTTPS with --ops-tls).
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:8080")]
    pub(crate) ops_listen: SocketAddr,
    /// Serve /healthz, /readyz and /metrics over TLS, with the serving certificate.
    #[arg(long)]
    pub(crate) ops_tls: bool,
    /// Who may read /metrics: everybody who reaches the listener, or those whose bearer token the API server allows to get /metrics.
    #[arg(long, value_enum, value_name = "WHO", default_value_t)]
    pub(crate) metrics_auth: MetricsAuth,
    /// The config file. It is read again when it changes.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The serving certificate.
    #[command(flatten)]
    pub(crate) certificate: Certificate,
    /// The lowest TLS version that is accepted.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) tls_min_version: Minimum,
    /// Serve only clients with a certificate that was issued by a CA in this file (PEM). The file is read again when it changes.
    #[arg(long, value_name = "FILE")]
    pub(crate) client_ca: Option<PathBuf>,
    /// A name that the client's certificate must have, as common name or subject alternative name. Can be repeated: one of them will do.
    #[arg(long, value_name = "NAME", requires = "client_ca")]
    pub(crate) client_cn: Vec<String>,
    /// Which objects of the cluster are watched to judge placement.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) cache: Mode,
    /// Which objects are watched as well, to judge whether the API server would store the pods: a list of limitranges, resourcequotas and
    /// serviceaccounts, or none. What is not watched is unknown.
    #[arg(long, value_name = "LIST", default_value = "limitranges,resourcequotas,serviceaccounts")]
    pub(crate) admission: Admission,
    /// Use the cluster of this kubeconfig instead of the pod's service account.
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The format of log lines on standard error.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) log_format: logs::Format,
    /// The log level: off, error, warn, info, debug (logs each review) or trace; or a list such as info,kube_client=debug.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub(crate) log_level: String,
    /// Send traces to this OpenTelemetry collector (OTLP over HTTP).
    #[arg(long, value_name = "URL")]
    pub(crate) otlp_endpoint: Option<String>,
    /// The most reviews in flight. Further requests are answered with 429, which the API server retries.
    #[arg(long, value_name = "N", default_value_t = 1024)]
    pub(crate) max_in_flight: usize,
    /// The largest request body, in bytes. An update of an object of 3 MiB, with the old object, must fit.
    #[arg(long, value_name = "BYTES", default_value_t = 8 << 20)]
    pub(crate) max_body: usize,
    /// The most connections, three quarters of them from one address. Idle ones are closed where others need their place.
    #[arg(long, value_name = "N", default_value_t = 1024)]
    pub(crate) max_connections: usize,
    /// The longest time that a review may take, whatever timeout its request names: `timeoutSeconds` of the webhook configuration.
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = duration::parse)]
    pub(crate) max_timeout: Duration,
    /// After SIGTERM, how long the webhook goes on answering while its endpoint is being removed.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration::parse)]
    pub(crate) drain_delay: Duration,
    /// After the drain delay, how long it waits at most for connections to close.
    #[arg(long, value_name = "TIME", default_value = "25s", value_parser = duration::parse)]
    pub(crate) drain_timeout: Duration,
    /// The namespace for the dry runs of the self-probe (selfProbeSeconds in the config file). It must not be exempt from the webhook.
    #[arg(long, value_name = "NAMESPACE", default_value = "default")]
    pub(crate) self_test_namespace: String,
}

/// Who may read /metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MetricsAuth {
    /// Everybody who reaches the listener.
    #[default]
    Open,
    /// Those whose bearer token the API server allows to get /metrics. Needs --ops-tls.
    Token,
}

/// Where the serving certificate comes from.
#[derive(Clone, Debug, Group)]
pub(crate) struct Certificate {
    /// A folder with tls.crt and tls.key. They are read again when they change.
    #[arg(
        long,
        value_name = "FOLDER",
        conflicts_with = "tls_secret",
        required_unless_present = "tls_secret"
    )]
    pub(crate) tls_dir: Option<PathBuf>,
    /// Make the certificate, store it in this Secret, and renew it.
    #[arg(long, value_name = "NAME", requires = "service")]
    pub(crate) tls_secret: Option<String>,
    /// The Service that the API server calls. With --tls-dir, the certificate is checked for its name.
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// The namespace of the Secret, the Lease and the Service. The default is the pod's namespace.
    #[arg(long, value_name = "NAMESPACE")]
    pub(crate) namespace: Option<String>,
    /// The ValidatingWebhookConfiguration whose caBundle is kept up to date.
    #[arg(long, value_name = "NAME", requires = "tls_secret")]
    pub(crate) webhook_configuration: Option<String>,
    /// The Lease that a replica holds while it renews certificates. The default is the name of the Secret.
    #[arg(long, value_name = "NAME", requires = "tls_secret")]
    pub(crate) lease: Option<String>,
    /// The lifetime of the CA.
    #[arg(long, value_name = "TIME", default_value = "365d", value_parser = duration::parse)]
    pub(crate) ca_lifetime: Duration,
    /// The lifetime of the serving certificate.
    #[arg(long, value_name = "TIME", default_value = "90d", value_parser = duration::parse)]
    pub(crate) certificate_lifetime: Duration,
    /// How long before expiry the CA and the serving certificate are renewed.
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = duration::parse)]
    pub(crate) renew_before: Duration,
    /// The time after which every API server uses a changed caBundle and every replica serves a changed certificate.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration::parse)]
    pub(crate) propagation: Duration,
}

/// Write certificates for development.
#[derive(Clone, Debug, Group)]
pub(crate) struct DevCerts {
    /// The folder that ca.crt, tls.crt and tls.key are written to.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// A DNS name or IP address of the certificate. Can be repeated.
    #[arg(long = "host", value_name = "HOST", default_values = ["localhost", "127.0.0.1", "::1"])]
    pub(crate) hosts: Vec<String>,
    /// Replace files that exist.
    #[arg(long)]
    pub(crate) replace: bool,
}

/// Check that the API server calls the webhook.
#[derive(Clone, Debug, Group)]
pub(crate) struct SelfTest {
    /// The namespace of the dry run. It must not be exempt from the webhook.
    #[arg(long, value_name = "NAMESPACE", default_value = "default")]
    pub(crate) namespace: String,
    /// Use the cluster of this kubeconfig instead of the pod's service account.
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// How long to try. A webhook that was just installed needs a moment to become ready.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration::parse)]
    pub(crate) timeout: Duration,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
        let parsed =
            Args::try_parse_from(["daemonset-webhook", "serve", "--tls-dir", "/tls", "--drain-delay", "0s"]);
        assert!(matches!(parsed.unwrap().command, Command::Serve(serve) if serve.drain_delay.is_zero()));
    }

    #[test]
    fn a_certificate_has_exactly_one_source() {
        for wrong in [
            &["serve"][..],
            &["serve", "--tls-dir", "/tls", "--tls-secret", "s", "--service", "s"],
            &["serve", "--tls-secret", "s"],
        ] {
            let args = std::iter::once("daemonset-webhook").chain(wrong.iter().copied());
            assert!(Args::try_parse_from(args).is_err(), "{wrong:?}");
        }
    }
}
