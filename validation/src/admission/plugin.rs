//! The plugins that may refuse or change a pod.

/// What refuses or changes a pod, by the name that the server gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Plugin {
    /// `NamespaceLifecycle`.
    NamespaceLifecycle,
    /// `LimitRanger`.
    LimitRanger,
    /// `ServiceAccount`.
    ServiceAccount,
    /// `PodSecurity`.
    PodSecurity,
    /// `Priority`.
    Priority,
    /// `DefaultTolerationSeconds`, which only changes pods.
    DefaultTolerationSeconds,
    /// `RuntimeClass`.
    RuntimeClass,
    /// No plugin: the server's own validation of pods.
    Validation,
    /// `ResourceQuota`.
    ResourceQuota,
}

impl Plugin {
    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NamespaceLifecycle => "NamespaceLifecycle",
            Self::LimitRanger => "LimitRanger",
            Self::ServiceAccount => "ServiceAccount",
            Self::PodSecurity => "PodSecurity",
            Self::Priority => "Priority",
            Self::DefaultTolerationSeconds => "DefaultTolerationSeconds",
            Self::RuntimeClass => "RuntimeClass",
            Self::Validation => "Validation",
            Self::ResourceQuota => "ResourceQuota",
        }
    }
}
