//! The Kubernetes minors that we know, and which feature gates are on in each. The one hand-written file that names a minor.
//!
//! Facts from `pkg/features` and `test/compatibility_lifecycle` of the k8s.io/kubernetes modules; `tests/oracle/facts/gates-*.tsv`
//! holds what the servers themselves say, and a test compares.

/// The minors, oldest first. The newest is the default.
pub const MINORS: &[&str] = &["1.35", "1.36", "1.37"];

/// A feature gate on which some check depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// The driver of the volumes that are clones of a git repository.
    GitRepoVolumeDriver,
    /// Volumes that are container images.
    ImageVolume,
    /// Addresses in old fields without leading zeros, and not mapped from IPv4 into IPv6.
    StrictIPCIDRValidation,
    /// User namespaces for pods.
    UserNamespacesSupport,
}

impl Gate {
    /// The gate's name and its default in each of [`MINORS`].
    const fn row(self) -> (&'static str, [bool; 3]) {
        match self {
            Self::GitRepoVolumeDriver => ("GitRepoVolumeDriver", [false, false, false]),
            Self::ImageVolume => ("ImageVolume", [true, true, true]),
            Self::StrictIPCIDRValidation => ("StrictIPCIDRValidation", [false, true, true]),
            Self::UserNamespacesSupport => ("UserNamespacesSupport", [true, true, true]),
        }
    }

    /// The gate's upstream name.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    pub(crate) fn on_in(self, minor: usize) -> bool {
        self.row().1.get(minor).copied().unwrap_or(false)
    }
}

/// A change of the server's own code between minors that no gate governs. Named for what is true once it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The fields about the node's namespaces stand beside the security context in the server's own object, not in it.
    HostFieldsBesideSecurityContext,
    /// The annotations that once held init containers are kept in a pod template.
    KeepsInitContainerAnnotations,
    /// A resize policy `RestartContainer` is refused on an init container that is no sidecar.
    NoRestartContainerForNonSidecarInit,
    /// The sentence about resize policies says whose restart policy it means.
    ResizePolicyNamesThePodsRestartPolicy,
    /// Too many restart rules are too many and not too long, and the actions listed are the allowed ones.
    RestartRuleErrorsAreExact,
}

impl Change {
    /// Whether each of [`MINORS`] has it.
    const fn row(self) -> [bool; 3] {
        match self {
            Self::HostFieldsBesideSecurityContext => [false, false, true],
            Self::KeepsInitContainerAnnotations => [false, false, true],
            Self::NoRestartContainerForNonSidecarInit => [false, true, true],
            Self::ResizePolicyNamesThePodsRestartPolicy => [false, true, true],
            Self::RestartRuleErrorsAreExact => [false, true, true],
        }
    }

    pub(crate) fn made_in(self, minor: usize) -> bool {
        self.row().get(minor).copied().unwrap_or(false)
    }
}
