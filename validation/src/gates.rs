//! The Kubernetes minors that we know, and which feature gates are on in each. The one hand-written file that names a minor.
//!
//! Facts from `pkg/features` and `test/compatibility_lifecycle` of the k8s.io/kubernetes modules; `tests/oracle/facts/gates-*.tsv`
//! holds what the servers themselves say, and a test compares.

/// The minors, oldest first. The newest is the default.
pub(crate) const MINORS: &[&str] = &["1.35", "1.36", "1.37"];

/// A feature gate on which some check depends. Named as upstream names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// A user for the files of secret, config map, downward API and projected volumes.
    AtomicWriteVolumeUserFields,
    /// Trust bundles in projected volumes.
    ClusterTrustBundleProjection,
    /// Restart rules of a container's own.
    ContainerRestartRules,
    /// A stop signal in a container's lifecycle.
    ContainerStopSignals,
    /// Resource claims.
    DynamicResourceAllocation,
    /// A mode for `emptyDir`.
    EmptyDirVolumeMode,
    /// Environment variables from files.
    EnvFiles,
    /// Who is asked before a pod is evicted.
    EvictionRequestAPI,
    /// Pods scheduled as a group.
    GenericWorkload,
    /// `gitRepo` volumes still work.
    GitRepoVolumeDriver,
    /// gRPC probes over TLS.
    GRPCContainerProbeTLS,
    /// HTTP probes over HTTP/2 without TLS.
    H2CContainerProbe,
    /// A hostname that is not the pod's name.
    HostnameOverride,
    /// Volumes out of images.
    ImageVolume,
    /// The digest of an image volume in a pod's status.
    ImageVolumeWithDigest,
    /// Resizing the resources of a whole pod in place.
    InPlacePodLevelResourcesVerticalScaling,
    /// Resizing a container's resources in place.
    InPlacePodVerticalScaling,
    /// Resizing an init container's resources in place.
    InPlacePodVerticalScalingInitContainers,
    /// Resizing volumes in memory in place.
    InPlacePodVerticalScalingMemoryBackedVolumes,
    /// `matchLabelKeys` in pod affinity.
    MatchLabelKeysInPodAffinity,
    /// `matchLabelKeys` in topology spread.
    MatchLabelKeysInPodTopologySpread,
    /// `matchLabelKeys` of topology spread become part of its selector.
    MatchLabelKeysInPodTopologySpreadSelectorMerge,
    /// Features that nodes say they have.
    NodeDeclaredFeatures,
    /// Which nodes count for topology spread.
    NodeInclusionPolicyInPodTopologySpread,
    /// Pod certificates in projected volumes.
    PodCertificateRequest,
    /// The annotation that orders pods by what their deletion costs.
    PodDeletionCost,
    /// Resources of a whole pod.
    PodLevelResources,
    /// The resources of a whole pod get their defaults when a pod is admitted.
    PodLevelResourcesFixDefaulting,
    /// A lifecycle handler that sleeps.
    PodLifecycleSleepAction,
    /// A lifecycle handler may sleep no second at all.
    PodLifecycleSleepActionAllowZero,
    /// How `/proc` is mounted.
    ProcMountType,
    /// Mounts that are read-only all the way down.
    RecursiveReadOnlyMounts,
    /// DNS search domains with underscores, or a dot alone.
    RelaxedDNSSearchValidation,
    /// Environment variables with nearly any name.
    RelaxedEnvironmentVariableValidation,
    /// A container's exit may restart the whole pod.
    RestartAllContainersOnContainerExits,
    /// How a volume gets its SELinux label.
    SELinuxChangePolicy,
    /// Volumes are mounted with their SELinux label.
    SELinuxMount,
    /// Init containers that go on running.
    SidecarContainers,
    /// IP addresses in canonical form only.
    StrictIPCIDRValidation,
    /// Whether the groups of the image count.
    SupplementalGroupsPolicy,
    /// Tolerations that compare numbers.
    TaintTolerationComparisonOperators,
    /// User namespaces together with the host's network.
    UserNamespacesHostNetworkSupport,
    /// User namespaces for pods.
    UserNamespacesSupport,
    /// Classes of volume attributes.
    VolumeAttributesClass,
    /// Options of a bind mount.
    VolumeBindMountOptions,
    /// A driver may be needed on a node before pods with its volumes come.
    VolumeLimitScaling,
}

impl Gate {
    /// Every gate, sorted by name.
    pub const ALL: &'static [Self] = &[
        Self::AtomicWriteVolumeUserFields,
        Self::ClusterTrustBundleProjection,
        Self::ContainerRestartRules,
        Self::ContainerStopSignals,
        Self::DynamicResourceAllocation,
        Self::EmptyDirVolumeMode,
        Self::EnvFiles,
        Self::EvictionRequestAPI,
        Self::GenericWorkload,
        Self::GitRepoVolumeDriver,
        Self::GRPCContainerProbeTLS,
        Self::H2CContainerProbe,
        Self::HostnameOverride,
        Self::ImageVolume,
        Self::ImageVolumeWithDigest,
        Self::InPlacePodLevelResourcesVerticalScaling,
        Self::InPlacePodVerticalScaling,
        Self::InPlacePodVerticalScalingInitContainers,
        Self::InPlacePodVerticalScalingMemoryBackedVolumes,
        Self::MatchLabelKeysInPodAffinity,
        Self::MatchLabelKeysInPodTopologySpread,
        Self::MatchLabelKeysInPodTopologySpreadSelectorMerge,
        Self::NodeDeclaredFeatures,
        Self::NodeInclusionPolicyInPodTopologySpread,
        Self::PodCertificateRequest,
        Self::PodDeletionCost,
        Self::PodLevelResources,
        Self::PodLevelResourcesFixDefaulting,
        Self::PodLifecycleSleepAction,
        Self::PodLifecycleSleepActionAllowZero,
        Self::ProcMountType,
        Self::RecursiveReadOnlyMounts,
        Self::RelaxedDNSSearchValidation,
        Self::RelaxedEnvironmentVariableValidation,
        Self::RestartAllContainersOnContainerExits,
        Self::SELinuxChangePolicy,
        Self::SELinuxMount,
        Self::SidecarContainers,
        Self::StrictIPCIDRValidation,
        Self::SupplementalGroupsPolicy,
        Self::TaintTolerationComparisonOperators,
        Self::UserNamespacesHostNetworkSupport,
        Self::UserNamespacesSupport,
        Self::VolumeAttributesClass,
        Self::VolumeBindMountOptions,
        Self::VolumeLimitScaling,
    ];

    /// Whether it is on in each of [`MINORS`] unless somebody says otherwise. A gate that a minor does not know yet is off; one
    /// that it no longer knows was locked to on before it was removed.
    const fn row(self) -> [bool; 3] {
        match self {
            Self::AtomicWriteVolumeUserFields => [false, false, false],
            Self::ClusterTrustBundleProjection => [false, false, true],
            Self::ContainerRestartRules => [true, true, true],
            Self::ContainerStopSignals => [false, false, false],
            Self::DynamicResourceAllocation => [true, true, true],
            Self::EmptyDirVolumeMode => [false, false, false],
            Self::EnvFiles => [true, true, true],
            Self::EvictionRequestAPI => [false, false, false],
            Self::GenericWorkload => [false, false, false],
            Self::GitRepoVolumeDriver => [false, false, false],
            Self::GRPCContainerProbeTLS => [false, false, false],
            Self::H2CContainerProbe => [false, false, false],
            Self::HostnameOverride => [true, true, true],
            Self::ImageVolume => [true, true, true],
            Self::ImageVolumeWithDigest => [false, false, false],
            Self::InPlacePodLevelResourcesVerticalScaling => [false, true, true],
            Self::InPlacePodVerticalScaling => [true, true, true],
            Self::InPlacePodVerticalScalingInitContainers => [false, true, true],
            Self::InPlacePodVerticalScalingMemoryBackedVolumes => [false, false, false],
            Self::MatchLabelKeysInPodAffinity => [true, true, true],
            Self::MatchLabelKeysInPodTopologySpread => [true, true, true],
            Self::MatchLabelKeysInPodTopologySpreadSelectorMerge => [true, true, true],
            Self::NodeDeclaredFeatures => [false, true, true],
            Self::NodeInclusionPolicyInPodTopologySpread => [true, true, true],
            Self::PodCertificateRequest => [false, false, true],
            Self::PodDeletionCost => [true, true, true],
            Self::PodLevelResources => [true, true, true],
            Self::PodLevelResourcesFixDefaulting => [false, false, true],
            Self::PodLifecycleSleepAction => [true, true, true],
            Self::PodLifecycleSleepActionAllowZero => [true, true, true],
            Self::ProcMountType => [true, true, true],
            Self::RecursiveReadOnlyMounts => [true, true, true],
            Self::RelaxedDNSSearchValidation => [true, true, true],
            Self::RelaxedEnvironmentVariableValidation => [true, true, true],
            Self::RestartAllContainersOnContainerExits => [false, true, true],
            Self::SELinuxChangePolicy => [true, true, true],
            Self::SELinuxMount => [false, false, true],
            Self::SidecarContainers => [true, true, true],
            Self::StrictIPCIDRValidation => [false, true, true],
            Self::SupplementalGroupsPolicy => [true, true, true],
            Self::TaintTolerationComparisonOperators => [false, false, false],
            Self::UserNamespacesHostNetworkSupport => [false, false, false],
            Self::UserNamespacesSupport => [true, true, true],
            Self::VolumeAttributesClass => [true, true, true],
            Self::VolumeBindMountOptions => [false, false, false],
            Self::VolumeLimitScaling => [false, false, true],
        }
    }

    pub(crate) fn on_in(self, minor: usize) -> bool {
        self.row().get(minor).copied().unwrap_or(false)
    }
}

impl std::fmt::Display for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

/// A change of the server's own code between minors that no gate governs. Named for what is true once it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Rules that stand at the types speak beside the written ones, and of errors that are equal one is left.
    DeclarativeRules,
    /// The fields about the node's namespaces stand beside the security context in the server's own object, not in it.
    HostFieldsBesideSecurityContext,
    /// The volume of an image needs a reference in templates too, not only in pods.
    ImageVolumeReferenceInTemplates,
    /// The annotations that once held init containers are kept in a pod template.
    KeepsInitContainerAnnotations,
    /// An IP address in a form that is not standard counts as invalid; before, it was only announced that it would.
    NonStandardIpIsInvalid,
    /// A resize policy `RestartContainer` is refused on an init container that is no sidecar.
    NoRestartContainerForNonSidecarInit,
    /// What is wrong with an owner reference is said at its place in the list, and an empty field of it counts as missing.
    OwnerReferencesHavePlaces,
    /// The namespaces that a pod's own affinity selects by label are looked up, and that is all.
    PodAffinityNamespacesAreLookedUp,
    /// The sentence about resize policies says whose restart policy it means.
    ResizePolicyNamesThePodsRestartPolicy,
    /// What resized pods hold is the most of three sums, not the sum of each container's most.
    ResizedPodsAreSummedWhole,
    /// Too many restart rules are too many and not too long, and the actions listed are the allowed ones.
    RestartRuleErrorsAreExact,
    /// A stored container that may not gain rights may stay an administrator of the system.
    SysAdminMayStay,
    /// An update refuses a generation that is negative, besides one that shrinks.
    UpdateRefusesNegativeGeneration,
}

impl Change {
    /// Whether each of [`MINORS`] has it.
    const fn row(self) -> [bool; 3] {
        match self {
            Self::DeclarativeRules => [false, false, true],
            Self::HostFieldsBesideSecurityContext => [false, false, true],
            Self::ImageVolumeReferenceInTemplates => [false, false, true],
            Self::KeepsInitContainerAnnotations => [false, false, true],
            Self::NonStandardIpIsInvalid => [false, true, true],
            Self::NoRestartContainerForNonSidecarInit => [false, true, true],
            Self::OwnerReferencesHavePlaces => [false, false, true],
            Self::PodAffinityNamespacesAreLookedUp => [false, false, true],
            Self::ResizePolicyNamesThePodsRestartPolicy => [false, true, true],
            Self::ResizedPodsAreSummedWhole => [false, false, true],
            Self::RestartRuleErrorsAreExact => [false, true, true],
            Self::SysAdminMayStay => [false, false, true],
            Self::UpdateRefusesNegativeGeneration => [false, false, true],
        }
    }

    pub(crate) fn made_in(self, minor: usize) -> bool {
        self.row().get(minor).copied().unwrap_or(false)
    }
}
