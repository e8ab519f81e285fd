//! Feature gates and changes of the server's code, each with the minors in which it is on.
//!
//! Facts from `pkg/features` and `test/compatibility_lifecycle` of the k8s.io/kubernetes modules; `tests/oracle/facts/gates-*.tsv`
//! holds what the servers themselves say, and a test compares.

use crate::minors::{ALWAYS, Minor, Minors, NEVER, from};

/// Declares an enum whose rows give, for each variant, the minors in which it is on.
macro_rules! rows {
    ($(#[$meta:meta])* enum $name:ident { $($(#[$doc:meta])* $row:ident: $minors:expr,)* }) => {
        $(#[$meta])*
        pub enum $name {
            $($(#[$doc])* $row,)*
        }

        impl $name {
            /// Every row, sorted by name.
            pub const ALL: &'static [Self] = &[$(Self::$row),*];

            const fn minors(self) -> Minors {
                match self {
                    $(Self::$row => $minors,)*
                }
            }

            /// Whether it is on in a minor.
            pub(crate) const fn is_on(self, minor: Minor) -> bool {
                self.minors().contains(minor)
            }
        }
    };
}

rows! {
    /// A feature gate on which some check depends, by upstream's name; the minors are those in which it is on by default.
    ///
    /// A gate is off in a minor that does not know it yet. A gate that a minor has removed was locked to on before.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    enum Gate {
        /// A user for the files of secret, config map, downward API and projected volumes.
        AtomicWriteVolumeUserFields: NEVER,
        /// Trust bundles in projected volumes.
        ClusterTrustBundleProjection: from(37),
        /// Restart rules of a container's own.
        ContainerRestartRules: ALWAYS,
        /// A stop signal in a container's lifecycle.
        ContainerStopSignals: NEVER,
        /// Resource claims.
        DynamicResourceAllocation: ALWAYS,
        /// A mode for `emptyDir`.
        EmptyDirVolumeMode: NEVER,
        /// Environment variables from files.
        EnvFiles: ALWAYS,
        /// Who is asked before a pod is evicted.
        EvictionRequestAPI: NEVER,
        /// Pods scheduled as a group.
        GenericWorkload: NEVER,
        /// `gitRepo` volumes still work.
        GitRepoVolumeDriver: NEVER,
        /// gRPC probes over TLS.
        GRPCContainerProbeTLS: NEVER,
        /// HTTP probes over HTTP/2 without TLS.
        H2CContainerProbe: NEVER,
        /// A hostname that is not the pod's name.
        HostnameOverride: ALWAYS,
        /// Volumes out of images.
        ImageVolume: ALWAYS,
        /// The digest of an image volume in a pod's status.
        ImageVolumeWithDigest: NEVER,
        /// Resizing the resources of a whole pod in place.
        InPlacePodLevelResourcesVerticalScaling: from(36),
        /// Resizing a container's resources in place.
        InPlacePodVerticalScaling: ALWAYS,
        /// Resizing an init container's resources in place.
        InPlacePodVerticalScalingInitContainers: from(36),
        /// Resizing volumes in memory in place.
        InPlacePodVerticalScalingMemoryBackedVolumes: NEVER,
        /// `matchLabelKeys` in pod affinity.
        MatchLabelKeysInPodAffinity: ALWAYS,
        /// `matchLabelKeys` in topology spread.
        MatchLabelKeysInPodTopologySpread: ALWAYS,
        /// `matchLabelKeys` of topology spread become part of its selector.
        MatchLabelKeysInPodTopologySpreadSelectorMerge: ALWAYS,
        /// Features that nodes say they have.
        NodeDeclaredFeatures: from(36),
        /// Which nodes count for topology spread.
        NodeInclusionPolicyInPodTopologySpread: ALWAYS,
        /// Pod certificates in projected volumes.
        PodCertificateRequest: from(37),
        /// The annotation that orders pods by what their deletion costs.
        PodDeletionCost: ALWAYS,
        /// Resources of a whole pod.
        PodLevelResources: ALWAYS,
        /// The resources of a whole pod get their defaults when a pod is admitted.
        PodLevelResourcesFixDefaulting: from(37),
        /// A lifecycle handler that sleeps.
        PodLifecycleSleepAction: ALWAYS,
        /// A lifecycle handler may sleep no second at all.
        PodLifecycleSleepActionAllowZero: ALWAYS,
        /// How `/proc` is mounted.
        ProcMountType: ALWAYS,
        /// Mounts that are read-only all the way down.
        RecursiveReadOnlyMounts: ALWAYS,
        /// DNS search domains with underscores, or a dot alone.
        RelaxedDNSSearchValidation: ALWAYS,
        /// Environment variables with nearly any name.
        RelaxedEnvironmentVariableValidation: ALWAYS,
        /// A container's exit may restart the whole pod.
        RestartAllContainersOnContainerExits: from(36),
        /// How a volume gets its SELinux label.
        SELinuxChangePolicy: ALWAYS,
        /// Volumes are mounted with their SELinux label.
        SELinuxMount: from(37),
        /// Init containers that go on running.
        SidecarContainers: ALWAYS,
        /// IP addresses in canonical form only.
        StrictIPCIDRValidation: from(36),
        /// Whether the groups of the image count.
        SupplementalGroupsPolicy: ALWAYS,
        /// Tolerations that compare numbers.
        TaintTolerationComparisonOperators: NEVER,
        /// User namespaces together with the host's network.
        UserNamespacesHostNetworkSupport: NEVER,
        /// User namespaces for pods.
        UserNamespacesSupport: ALWAYS,
        /// Classes of volume attributes.
        VolumeAttributesClass: ALWAYS,
        /// Options of a bind mount.
        VolumeBindMountOptions: NEVER,
        /// A driver may be needed on a node before pods with its volumes come.
        VolumeLimitScaling: from(37),
    }
}

impl std::fmt::Display for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

rows! {
    /// A change of the server's own code that no gate governs, named for what holds once the change is made; the minors are
    /// those that have it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Change {
        /// Rules that stand at the types speak beside the written ones, and of errors that are equal one is left.
        DeclarativeRules: from(37),
        /// The fields about the node's namespaces stand beside the security context in the server's own object, not in it.
        HostFieldsBesideSecurityContext: from(37),
        /// The volume of an image needs a reference in templates too, not only in pods.
        ImageVolumeReferenceInTemplates: from(37),
        /// The annotations that once held init containers are kept in a pod template.
        KeepsInitContainerAnnotations: from(37),
        /// An IP address in a form that is not standard counts as invalid; before, it was only announced that it would.
        NonStandardIpIsInvalid: from(36),
        /// A resize policy `RestartContainer` is refused on an init container that is no sidecar.
        NoRestartContainerForNonSidecarInit: from(36),
        /// What is wrong with an owner reference is said at its place in the list, and an empty field of it counts as missing.
        OwnerReferencesHavePlaces: from(37),
        /// The namespaces that a pod's own affinity selects by label are looked up, and that is all.
        PodAffinityNamespacesAreLookedUp: from(37),
        /// The sentence about resize policies says whose restart policy it means.
        ResizePolicyNamesThePodsRestartPolicy: from(36),
        /// What resized pods hold is the most of three sums, not the sum of each container's most.
        ResizedPodsAreSummedWhole: from(37),
        /// Too many restart rules are too many and not too long, and the actions listed are the allowed ones.
        RestartRuleErrorsAreExact: from(36),
        /// A stored container that may not gain rights may stay an administrator of the system.
        SysAdminMayStay: from(37),
        /// An update refuses a generation that is negative, besides one that shrinks.
        UpdateRefusesNegativeGeneration: from(37),
    }
}
