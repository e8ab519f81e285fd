//! Feature gates and ungated changes of the server, each with the minors in which it is on.
//!
//! The rows come from `pkg/features` and `test/compatibility_lifecycle` of the k8s.io/kubernetes modules. A test compares them with
//! `tests/oracle/facts/gates-*.tsv`, which the servers' own code prints.

use crate::minors::{ALWAYS, Minor, Minors, NEVER, from};

/// Declares an enum whose rows give the minors in which each variant is on.
macro_rules! rows {
    ($(#[$meta:meta])* enum $name:ident { $($(#[$doc:meta])* $row:ident: $minors:expr,)* }) => {
        $(#[$meta])*
        pub enum $name {
            $($(#[$doc])* $row,)*
        }

        impl $name {
            /// All variants, sorted by name.
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
    /// A feature gate that a check depends on, by its upstream name. Each row gives the minors in which the gate is on by default.
    ///
    /// A gate is off in minors that do not know it yet, and on in minors that removed it after it was locked to on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    enum Gate {
        /// `defaultUser` and `user` for the files of secret, configMap, downwardAPI and projected volumes.
        AtomicWriteVolumeUserFields: NEVER,
        /// `clusterTrustBundle` as a source of projected volumes.
        ClusterTrustBundleProjection: from(37),
        /// `restartPolicy` and `restartPolicyRules` on regular containers.
        ContainerRestartRules: ALWAYS,
        /// `stopSignal` in a container's `lifecycle`.
        ContainerStopSignals: NEVER,
        /// `resourceClaims` of a pod.
        DynamicResourceAllocation: ALWAYS,
        /// `mode` of `emptyDir` volumes.
        EmptyDirVolumeMode: NEVER,
        /// Environment variables read from files (`fileKeyRef`).
        EnvFiles: ALWAYS,
        /// `evictionResponders` of a pod.
        EvictionRequestAPI: NEVER,
        /// `schedulingGroup`: pods that are scheduled as a group.
        GenericWorkload: NEVER,
        /// The kubelet still mounts `gitRepo` volumes.
        GitRepoVolumeDriver: NEVER,
        /// gRPC probes over TLS.
        GRPCContainerProbeTLS: NEVER,
        /// HTTP probes that use HTTP/2 without TLS.
        H2CContainerProbe: NEVER,
        /// `hostnameOverride` of a pod.
        HostnameOverride: ALWAYS,
        /// `image` volumes.
        ImageVolume: ALWAYS,
        /// The digest of an image volume in the pod's status.
        ImageVolumeWithDigest: NEVER,
        /// In-place resize of pod-level resources.
        InPlacePodLevelResourcesVerticalScaling: from(36),
        /// In-place resize of container resources.
        InPlacePodVerticalScaling: ALWAYS,
        /// In-place resize of init container resources.
        InPlacePodVerticalScalingInitContainers: from(36),
        /// In-place resize of memory-backed volumes.
        InPlacePodVerticalScalingMemoryBackedVolumes: NEVER,
        /// `matchLabelKeys` in pod affinity terms.
        MatchLabelKeysInPodAffinity: ALWAYS,
        /// `matchLabelKeys` in topology spread constraints.
        MatchLabelKeysInPodTopologySpread: ALWAYS,
        /// The server merges `matchLabelKeys` of a topology spread constraint into its label selector.
        MatchLabelKeysInPodTopologySpreadSelectorMerge: ALWAYS,
        /// Nodes declare the features that they support, and the scheduler checks them.
        NodeDeclaredFeatures: from(36),
        /// `nodeAffinityPolicy` and `nodeTaintsPolicy` of topology spread constraints.
        NodeInclusionPolicyInPodTopologySpread: ALWAYS,
        /// `podCertificate` as a source of projected volumes.
        PodCertificateRequest: from(37),
        /// The annotation `controller.kubernetes.io/pod-deletion-cost`.
        PodDeletionCost: ALWAYS,
        /// `resources` of a pod as a whole.
        PodLevelResources: ALWAYS,
        /// Pod-level resources get their defaults at admission.
        PodLevelResourcesFixDefaulting: from(37),
        /// Empty pod-level resources do not decide the quality of service of a pod.
        PodLevelResourcesFixKubeletQOSClass: from(37),
        /// The `sleep` lifecycle handler.
        PodLifecycleSleepAction: ALWAYS,
        /// `sleep.seconds: 0` in a lifecycle handler.
        PodLifecycleSleepActionAllowZero: ALWAYS,
        /// `procMount` other than `Default`.
        ProcMountType: ALWAYS,
        /// `recursiveReadOnly` of volume mounts.
        RecursiveReadOnlyMounts: ALWAYS,
        /// Underscores in DNS search domains, and the search domain `.`.
        RelaxedDNSSearchValidation: ALWAYS,
        /// Environment variable names of any printable ASCII characters other than `=`.
        RelaxedEnvironmentVariableValidation: ALWAYS,
        /// The action `RestartAllContainers` in container restart rules.
        RestartAllContainersOnContainerExits: from(36),
        /// `seLinuxChangePolicy` of a pod.
        SELinuxChangePolicy: ALWAYS,
        /// Volumes are mounted with the pod's SELinux label.
        SELinuxMount: from(37),
        /// Init containers with `restartPolicy: Always`.
        SidecarContainers: ALWAYS,
        /// IP addresses must be in canonical form.
        StrictIPCIDRValidation: from(36),
        /// `supplementalGroupsPolicy` of a pod.
        SupplementalGroupsPolicy: ALWAYS,
        /// The toleration operators `Lt` and `Gt`.
        TaintTolerationComparisonOperators: NEVER,
        /// `hostUsers: false` together with `hostNetwork: true`.
        UserNamespacesHostNetworkSupport: NEVER,
        /// `hostUsers: false`: pods in a user namespace of their own.
        UserNamespacesSupport: ALWAYS,
        /// `volumeAttributesClassName` of claims.
        VolumeAttributesClass: ALWAYS,
        /// `bindMountOptions` of volume mounts.
        VolumeBindMountOptions: NEVER,
        /// The scheduler rejects a node on which the CSI driver of a volume is not registered.
        VolumeLimitScaling: from(37),
    }
}

impl std::fmt::Display for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

rows! {
    /// A change in the server's code that no feature gate guards, named for the behavior after the change. Each row gives the
    /// minors that have the change.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Change {
        /// Declarative validation runs in addition to the handwritten checks, and equal errors are reported once.
        DeclarativeRules: from(37),
        /// `hostNetwork`, `hostPID`, `hostIPC`, `hostUsers` and `shareProcessNamespace` are fields of the internal pod spec. In
        /// earlier minors they are fields of its security context, so errors about them come in another order or are skipped.
        HostFieldsOutsideSecurityContext: from(37),
        /// `image.reference` is required for `image` volumes in pod templates. In earlier minors it is required in pods only.
        ImageVolumeReferenceInTemplates: from(37),
        /// Annotations with the names of the former init container annotations are kept in pod templates. Earlier minors drop them.
        KeepsInitContainerAnnotations: from(37),
        /// A non-standard IP address is invalid. Earlier minors warn that it will be.
        NonStandardIpIsInvalid: from(36),
        /// The resize policy `RestartContainer` is rejected on init containers that are not sidecars.
        NoRestartContainerForNonSidecarInit: from(36),
        /// Errors about an owner reference have the index of the reference in their path, and empty fields are reported as
        /// required. In earlier minors the path ends at `ownerReferences` and empty fields are invalid.
        OwnerReferenceErrorsHaveIndexes: from(37),
        /// The scheduler resolves the `namespaceSelector` of the pod's own affinity terms to namespaces and then ignores the
        /// selector. Earlier minors also match the selector against an empty set of labels.
        PodAffinityNamespacesAreLookedUp: from(37),
        /// Preemption stops at the first disruption budget that a pod's disruption violates. In earlier minors the budgets behind it
        /// count the pod as well.
        PreemptionStopsAtViolatedBudget: from(37),
        /// The error about resize policies says that it means the restart policy of the pod.
        ResizePolicyErrorNamesPod: from(36),
        /// The requests of a resized pod are the maximum of three sums over the pod: spec, allocated and actual resources. In
        /// earlier minors they are the sum of each container's maximum.
        ResizedPodsAreSummedWhole: from(37),
        /// Too many restart rules are reported as `TooMany`, and unsupported actions list the supported ones. Earlier minors report
        /// `TooLong`, and always list `Restart` alone.
        RestartRuleErrorsAreExact: from(36),
        /// An update may keep `CAP_SYS_ADMIN` on a container with `allowPrivilegeEscalation: false`.
        UpdateMayKeepSysAdmin: from(37),
        /// An update rejects a negative generation, not only a lower one.
        UpdateRefusesNegativeGeneration: from(37),
    }
}
