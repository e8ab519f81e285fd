//! The checks of the Pod Security Standards by name, and what a check is.

use super::level::PodSecurityLevel;
use super::subject::Subject;
use super::violation::Forbidden;

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident: $id:literal,)*) => {
        /// A check of the Pod Security Standards.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum PodSecurityCheck {
            $($(#[$doc])* $name,)*
        }

        impl PodSecurityCheck {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name that upstream gives it.
            ///
            /// Upstream: `pod-security-admission/policy.CheckID`.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }
        }
    };
}

checks! {
    /// AppArmor is not turned off.
    AppArmorProfile: "appArmorProfile",
    /// No capability is added that is not in the default set.
    CapabilitiesBaseline: "capabilities_baseline",
    /// The pod is in no namespace of the host.
    HostNamespaces: "hostNamespaces",
    /// No volume is a path of the host.
    HostPathVolumes: "hostPathVolumes",
    /// No port of the host is used.
    HostPorts: "hostPorts",
    /// Probes and lifecycle handlers name no host.
    HostProbesAndHostLifecycle: "hostProbesAndHostLifecycle",
    /// No container is privileged.
    Privileged: "privileged",
    /// The mount of `/proc` is the default one, but for pods with users of their own.
    ProcMount: "procMount",
    /// The SELinux type is one for containers; user and role are not set.
    SeLinuxOptions: "seLinuxOptions",
    /// Seccomp is not turned off.
    SeccompProfileBaseline: "seccompProfile_baseline",
    /// The sysctls are safe.
    Sysctls: "sysctls",
    /// No Windows container is a process of the host.
    WindowsHostProcess: "windowsHostProcess",
    /// Processes cannot get more privileges than their parents.
    AllowPrivilegeEscalation: "allowPrivilegeEscalation",
    /// All capabilities are dropped, and at most `NET_BIND_SERVICE` is added.
    CapabilitiesRestricted: "capabilities_restricted",
    /// The mount of `/proc` is the default one.
    ProcMountRestricted: "procMount_restricted",
    /// Volumes are of types that cannot reach beyond the pod.
    RestrictedVolumes: "restrictedVolumes",
    /// The containers run as another user than root.
    RunAsNonRoot: "runAsNonRoot",
    /// The user 0 is not asked for.
    RunAsUser: "runAsUser",
    /// Seccomp is turned on.
    SeccompProfileRestricted: "seccompProfile_restricted",
}

/// A check with its versions.
///
/// Upstream: `pod-security-admission/policy.Check`.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) id: PodSecurityCheck,
    /// The least level that has it.
    pub(super) level: PodSecurityLevel,
    /// Its versions, oldest first.
    pub(super) versions: &'static [CheckVersion],
}

/// A version of a check.
///
/// Upstream: `pod-security-admission/policy.VersionedCheck`.
#[derive(Debug)]
pub(super) struct CheckVersion {
    /// The first version of the standards that has it: the number behind `v1.`.
    pub(super) since: u64,
    /// `None` where the pod passes.
    pub(super) run: fn(Subject<'_>) -> Option<Forbidden>,
    /// The weaker check that it stands for.
    pub(super) overrides: Option<PodSecurityCheck>,
}

impl Check {
    /// The version of the check that the standards have at a version; `None` where they do not have it yet.
    pub(super) fn at(&self, version: u64) -> Option<&'static CheckVersion> {
        self.versions.iter().rev().find(|candidate| candidate.since <= version)
    }
}
