//! The checks of the Pod Security Standards by name.

/// A check of the Pod Security Standards, in the order of the server's sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PodSecurityCheck {
    /// AppArmor is not turned off.
    AppArmorProfile,
    /// No capability is added that is not in the default set.
    CapabilitiesBaseline,
    /// The pod is in no namespace of the host.
    HostNamespaces,
    /// No volume is a path of the host.
    HostPathVolumes,
    /// No port of the host is used.
    HostPorts,
    /// Probes and lifecycle handlers name no host.
    HostProbesAndHostLifecycle,
    /// No container is privileged.
    Privileged,
    /// The mount of `/proc` is the default one, but for pods with users of their own.
    ProcMount,
    /// The SELinux type is one for containers; user and role are not set.
    SeLinuxOptions,
    /// Seccomp is not turned off.
    SeccompProfileBaseline,
    /// The sysctls are safe.
    Sysctls,
    /// No Windows container is a process of the host.
    WindowsHostProcess,
    /// Processes cannot get more privileges than their parents.
    AllowPrivilegeEscalation,
    /// All capabilities are dropped, and at most `NET_BIND_SERVICE` is added.
    CapabilitiesRestricted,
    /// The mount of `/proc` is the default one.
    ProcMountRestricted,
    /// Volumes are of types that cannot reach beyond the pod.
    RestrictedVolumes,
    /// The containers run as another user than root.
    RunAsNonRoot,
    /// The user 0 is not asked for.
    RunAsUser,
    /// Seccomp is turned on.
    SeccompProfileRestricted,
}

impl PodSecurityCheck {
    /// All of them, in their order.
    pub const ALL: &'static [Self] = &[
        Self::AppArmorProfile,
        Self::CapabilitiesBaseline,
        Self::HostNamespaces,
        Self::HostPathVolumes,
        Self::HostPorts,
        Self::HostProbesAndHostLifecycle,
        Self::Privileged,
        Self::ProcMount,
        Self::SeLinuxOptions,
        Self::SeccompProfileBaseline,
        Self::Sysctls,
        Self::WindowsHostProcess,
        Self::AllowPrivilegeEscalation,
        Self::CapabilitiesRestricted,
        Self::ProcMountRestricted,
        Self::RestrictedVolumes,
        Self::RunAsNonRoot,
        Self::RunAsUser,
        Self::SeccompProfileRestricted,
    ];

    /// The name that upstream gives it.
    ///
    /// Upstream: `pod-security-admission/policy.CheckID`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::AppArmorProfile => "appArmorProfile",
            Self::CapabilitiesBaseline => "capabilities_baseline",
            Self::HostNamespaces => "hostNamespaces",
            Self::HostPathVolumes => "hostPathVolumes",
            Self::HostPorts => "hostPorts",
            Self::HostProbesAndHostLifecycle => "hostProbesAndHostLifecycle",
            Self::Privileged => "privileged",
            Self::ProcMount => "procMount",
            Self::SeLinuxOptions => "seLinuxOptions",
            Self::SeccompProfileBaseline => "seccompProfile_baseline",
            Self::Sysctls => "sysctls",
            Self::WindowsHostProcess => "windowsHostProcess",
            Self::AllowPrivilegeEscalation => "allowPrivilegeEscalation",
            Self::CapabilitiesRestricted => "capabilities_restricted",
            Self::ProcMountRestricted => "procMount_restricted",
            Self::RestrictedVolumes => "restrictedVolumes",
            Self::RunAsNonRoot => "runAsNonRoot",
            Self::RunAsUser => "runAsUser",
            Self::SeccompProfileRestricted => "seccompProfile_restricted",
        }
    }
}
