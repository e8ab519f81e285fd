//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as Group, Parser, Subcommand};

use crate::cache::Mode;
use crate::duration;
use crate::logs;
use crate::server::Minimum;

/// A validating admission webhook that says what a DaemonSet would do on this cluster, before it does.
#[derive(Debug, Parser)]
#[command(name = "daemonset-webhook", version, propagate_version = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer reviews.
    Serve(Box<Serve>),
    /// Make a CA, a certificate and its key for development.
    DevCerts(DevCerts),
    /// Say whether a config file can be used, and what is wrong with it.
    CheckConfig {
        /// The file.
        file: PathBuf,
    },
    /// Send a dry run through the API server and say whether it came by the webhook.
    SelfTest(SelfTest),
}

/// Answer reviews.
#[derive(Clone, Debug, Group)]
pub struct Serve {
    /// Where reviews are taken, over TLS.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:8443")]
    pub listen: SocketAddr,
    /// Where /healthz, /readyz and /metrics are, over plain HTTP.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:8080")]
    pub ops_listen: SocketAddr,
    /// The config file; read again when it changes.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The certificate.
    #[command(flatten)]
    pub certificate: Certificate,
    /// The lowest version of TLS that is spoken.
    #[arg(long, value_enum, default_value_t)]
    pub tls_min_version: Minimum,
    /// What is watched of the cluster, for placement.
    #[arg(long, value_enum, default_value_t)]
    pub cache: Mode,
    /// Reach the cluster by this kubeconfig instead of the pod's own account.
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// How log lines are written, to standard error.
    #[arg(long, value_enum, default_value_t)]
    pub log_format: logs::Format,
    /// Which log lines are written: error, warn, info, debug (each review) or trace.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log_level: String,
    /// Send traces to this OTLP collector.
    #[arg(long, value_name = "URL")]
    pub otlp_endpoint: Option<String>,
    /// Reviews that are taken on at once; who comes beyond is asked to come again.
    #[arg(long, value_name = "N", default_value_t = 1024)]
    pub max_in_flight: usize,
    /// The largest body, in bytes. Two objects of 3 MiB have to fit.
    #[arg(long, value_name = "BYTES", default_value_t = 8 << 20)]
    pub max_body: usize,
    /// Connections at once; the others wait to be accepted.
    #[arg(long, value_name = "N", default_value_t = 1024)]
    pub max_connections: usize,
    /// After SIGTERM: how long it still answers while the endpoints forget it.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration::parse)]
    pub drain_delay: Duration,
    /// After that: how long at most it waits for connections to be closed.
    #[arg(long, value_name = "TIME", default_value = "25s", value_parser = duration::parse)]
    pub drain_timeout: Duration,
    /// The namespace that the self probe sends its dry runs to, where the config asks for one. It must not be exempt.
    #[arg(long, value_name = "NAMESPACE", default_value = "default")]
    pub self_test_namespace: String,
}

/// Where the certificate comes from.
#[derive(Clone, Debug, Group)]
pub struct Certificate {
    /// A folder with tls.crt and tls.key that somebody else fills; read again when they change.
    #[arg(
        long,
        value_name = "FOLDER",
        conflicts_with = "tls_secret",
        required_unless_present = "tls_secret"
    )]
    pub tls_dir: Option<PathBuf>,
    /// Make the certificate, keep it in this Secret, and renew it.
    #[arg(long, value_name = "NAME", requires = "service")]
    pub tls_secret: Option<String>,
    /// The Service that the API server calls.
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// The namespace of Secret, Lease and Service; by default the pod's own.
    #[arg(long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// The ValidatingWebhookConfiguration whose caBundle is kept.
    #[arg(long, value_name = "NAME", requires = "tls_secret")]
    pub webhook_configuration: Option<String>,
    /// The Lease under which one replica renews; by default named like the Secret.
    #[arg(long, value_name = "NAME", requires = "tls_secret")]
    pub lease: Option<String>,
    /// How long a CA lives.
    #[arg(long, value_name = "TIME", default_value = "365d", value_parser = duration::parse)]
    pub ca_lifetime: Duration,
    /// How long a certificate lives.
    #[arg(long, value_name = "TIME", default_value = "90d", value_parser = duration::parse)]
    pub certificate_lifetime: Duration,
    /// How long before its end either is renewed.
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = duration::parse)]
    pub renew_before: Duration,
    /// After how long every API server goes by a changed caBundle and every replica serves a changed certificate.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration::parse)]
    pub propagation: Duration,
}

/// Make certificates for development.
#[derive(Clone, Debug, Group)]
pub struct DevCerts {
    /// The folder that ca.crt, tls.crt and tls.key are written to.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// A DNS name or IP address that the certificate is for.
    #[arg(long = "host", value_name = "HOST", default_values = ["localhost", "127.0.0.1", "::1"])]
    pub hosts: Vec<String>,
    /// Replace what is there.
    #[arg(long)]
    pub replace: bool,
}

/// Send a dry run through the API server.
#[derive(Clone, Debug, Group)]
pub struct SelfTest {
    /// The namespace of the dry run. It must not be one that the webhook's configuration exempts.
    #[arg(long, value_name = "NAMESPACE", default_value = "default")]
    pub namespace: String,
    /// Reach the cluster by this kubeconfig instead of the pod's own account.
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// How long to try, since a webhook that was just installed needs a moment.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration::parse)]
    pub timeout: Duration,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Args::command().debug_assert();
        let parsed =
            Args::try_parse_from(["daemonset-webhook", "serve", "--tls-dir", "/tls", "--drain-delay", "0s"]);
        assert!(matches!(parsed.unwrap().command, Command::Serve(serve) if serve.drain_delay.is_zero()));
    }

    #[test]
    fn a_certificate_comes_from_one_place() {
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
