//! The version of the API server.

use prometheus_client::registry::Registry;

use super::optional_gauge::OptionalGauge;

/// The version of the API server. It is not exported before it is known.
#[derive(Debug)]
pub(super) struct Kubernetes {
    minor: OptionalGauge,
    supported: OptionalGauge,
}

impl Kubernetes {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let (minor, supported) = (OptionalGauge::default(), OptionalGauge::default());
        let help = "The minor version of the API server, without the major one";
        registry.register("kubernetes_minor", help, minor.clone());
        let help = "Whether the version of the API server is supported (1), or not (0): DaemonSets are not validated then";
        registry.register("kubernetes_supported", help, supported.clone());
        Self { minor, supported }
    }

    /// Sets the version: the major and the minor one.
    pub(super) fn set(&self, version: &str, supported: bool) {
        let minor = version.rsplit('.').next().and_then(|minor| minor.parse().ok());
        minor.into_iter().for_each(|minor| self.minor.set(minor));
        self.supported.set(i64::from(supported));
    }
}
