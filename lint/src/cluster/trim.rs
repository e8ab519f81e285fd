//! Removes from an object all fields that a saved snapshot does not need. The fields that stay are listed, so no other field is saved.

use daemonset_validation::placement::Kind;
use serde_json::{Map, Value as Json};

/// The keys that stay, each with the keys that stay below it.
enum Keep {
    All,
    Keys(&'static [(&'static str, &'static Keep)]),
}

use Keep::{All, Keys};

const METADATA: Keep = Keys(&[
    ("name", &All),
    ("namespace", &All),
    ("uid", &All),
    ("generation", &All),
    ("creationTimestamp", &All),
    ("labels", &All),
    ("ownerReferences", &All),
    ("deletionTimestamp", &All),
]);

const CONTAINER: Keep = Keys(&[
    ("name", &All),
    ("resources", &All),
    ("restartPolicy", &All),
    (
        "ports",
        &Keys(&[
            ("name", &All),
            ("containerPort", &All),
            ("hostPort", &All),
            ("hostIP", &All),
            ("protocol", &All),
        ]),
    ),
]);

const VOLUME: Keep = Keys(&[
    ("name", &All),
    ("persistentVolumeClaim", &All),
    (
        "ephemeral",
        &Keys(&[("volumeClaimTemplate", &Keys(&[("metadata", &Keys(&[("labels", &All)])), ("spec", &All)]))]),
    ),
    ("gcePersistentDisk", &All),
    ("awsElasticBlockStore", &All),
    ("azureDisk", &Keys(&[("diskName", &All), ("diskURI", &All)])),
    ("iscsi", &ISCSI),
    ("rbd", &RBD),
    ("csi", &Keys(&[("driver", &All), ("readOnly", &All)])),
    ("hostPath", &All),
    ("local", &All),
]);

const ISCSI: Keep = Keys(&[("iqn", &All), ("lun", &All), ("targetPortal", &All), ("readOnly", &All)]);

const DISK: Keep = Keys(&[("volumeID", &All)]);

const RBD: Keep = Keys(&[("monitors", &All), ("image", &All), ("pool", &All), ("readOnly", &All)]);

const POD: Keep = Keys(&[
    ("containers", &CONTAINER),
    ("initContainers", &CONTAINER),
    ("volumes", &VOLUME),
    ("affinity", &All),
    ("nodeName", &All),
    ("nodeSelector", &All),
    ("tolerations", &All),
    ("topologySpreadConstraints", &All),
    ("schedulingGates", &All),
    ("schedulerName", &All),
    ("hostNetwork", &All),
    ("hostUsers", &All),
    ("os", &All),
    ("overhead", &All),
    ("resources", &All),
    ("resourceClaims", &All),
    ("priority", &All),
    ("priorityClassName", &All),
    ("preemptionPolicy", &All),
    ("restartPolicy", &All),
    ("runtimeClassName", &All),
    ("terminationGracePeriodSeconds", &All),
]);

const DAEMON_SET: Keep = Keys(&[
    ("metadata", &METADATA),
    (
        "spec",
        &Keys(&[
            ("selector", &All),
            ("minReadySeconds", &All),
            ("revisionHistoryLimit", &All),
            ("updateStrategy", &All),
            ("template", &Keys(&[("metadata", &METADATA), ("spec", &POD)])),
        ]),
    ),
    ("status", &All),
]);

const VOLUME_CLASS: Keep = Keys(&[
    ("metadata", &METADATA),
    ("provisioner", &All),
    ("allowedTopologies", &All),
    ("volumeBindingMode", &All),
    ("reclaimPolicy", &All),
    ("allowVolumeExpansion", &All),
]);

const PERSISTENT_VOLUME: Keep = Keys(&[
    ("metadata", &METADATA),
    (
        "spec",
        &Keys(&[
            ("capacity", &All),
            ("accessModes", &All),
            ("claimRef", &All),
            ("nodeAffinity", &All),
            ("storageClassName", &All),
            ("volumeMode", &All),
            ("volumeAttributesClassName", &All),
            ("persistentVolumeReclaimPolicy", &All),
            ("gcePersistentDisk", &All),
            ("awsElasticBlockStore", &All),
            ("azureDisk", &All),
            ("cinder", &DISK),
            ("portworxVolume", &DISK),
            ("local", &All),
            ("hostPath", &All),
            ("iscsi", &ISCSI),
            ("rbd", &RBD),
            ("csi", &Keys(&[("driver", &All), ("volumeHandle", &All), ("readOnly", &All)])),
        ]),
    ),
    ("status", &Keys(&[("phase", &All)])),
]);

const AS_IS: Keep = Keys(&[("metadata", &METADATA), ("spec", &All), ("status", &All)]);

const PRIORITY_CLASS: Keep =
    Keys(&[("metadata", &METADATA), ("value", &All), ("globalDefault", &All), ("preemptionPolicy", &All)]);

const RUNTIME_CLASS: Keep =
    Keys(&[("metadata", &METADATA), ("handler", &All), ("overhead", &All), ("scheduling", &All)]);

/// The annotations that placement reads: the binding of claims and volumes, the default class, and the migrated plugins of CSI nodes; what
/// namespaces say of nodes and tolerations, and service accounts of secrets.
const ANNOTATIONS: [&str; 8] = [
    "volume.kubernetes.io/",
    "volume.beta.kubernetes.io/",
    "pv.kubernetes.io/",
    "storageclass.kubernetes.io/",
    "storage.alpha.kubernetes.io/",
    "scheduler.alpha.kubernetes.io/",
    "openshift.io/node-selector",
    "kubernetes.io/enforce-mountable-secrets",
];

/// The object without the fields that placement does not read. Nodes and pods have types of their own instead.
pub(super) fn trim(kind: Kind, object: Json) -> Json {
    let keep = match kind {
        Kind::DaemonSet => &DAEMON_SET,
        Kind::PersistentVolume => &PERSISTENT_VOLUME,
        Kind::StorageClass => &VOLUME_CLASS,
        Kind::PriorityClass => &PRIORITY_CLASS,
        Kind::PersistentVolumeClaim | Kind::CsiNode | Kind::CsiDriver | Kind::PodDisruptionBudget => &AS_IS,
        Kind::RuntimeClass => &RUNTIME_CLASS,
        Kind::Namespace => &NAMESPACE,
        Kind::LimitRange => &LIMIT_RANGE,
        Kind::ResourceQuota => &AS_IS,
        Kind::ServiceAccount => &SERVICE_ACCOUNT,
        Kind::MutatingWebhookConfiguration | Kind::ValidatingWebhookConfiguration => &WEBHOOKS,
        Kind::ValidatingAdmissionPolicy | Kind::MutatingAdmissionPolicy => &POLICY,
        Kind::ValidatingAdmissionPolicyBinding | Kind::MutatingAdmissionPolicyBinding => &BINDING,
        // Of these, only names are saved; nodes and pods have types of their own.
        Kind::ConfigMap | Kind::Secret | Kind::SecurityContextConstraints | Kind::Node | Kind::Pod => &NAME,
    };
    let annotations: Map<String, Json> = object
        .pointer("/metadata/annotations")
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
        .filter(|(key, _)| ANNOTATIONS.iter().any(|prefix| key.starts_with(prefix)))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let mut object = below(object, keep);
    if let (false, Some(metadata)) =
        (annotations.is_empty(), object.pointer_mut("/metadata").and_then(Json::as_object_mut))
    {
        metadata.insert("annotations".to_owned(), Json::Object(annotations));
    }
    object
}

const NAMESPACE: Keep = Keys(&[("metadata", &METADATA), ("status", &Keys(&[("phase", &All)]))]);

const NAME: Keep = Keys(&[("metadata", &Keys(&[("name", &All), ("namespace", &All)]))]);

const LIMIT_RANGE: Keep = Keys(&[("metadata", &METADATA), ("spec", &All)]);

const REFERENCE: Keep = Keys(&[("name", &All)]);

const SERVICE_ACCOUNT: Keep = Keys(&[
    ("metadata", &METADATA),
    ("secrets", &REFERENCE),
    ("imagePullSecrets", &REFERENCE),
    ("automountServiceAccountToken", &All),
]);

const WEBHOOKS: Keep = Keys(&[
    ("metadata", &METADATA),
    (
        "webhooks",
        &Keys(&[
            ("name", &All),
            ("failurePolicy", &All),
            ("rules", &All),
            ("namespaceSelector", &All),
            ("objectSelector", &All),
            ("matchConditions", &REFERENCE),
        ]),
    ),
]);

const POLICY: Keep = Keys(&[
    ("metadata", &METADATA),
    ("spec", &Keys(&[("failurePolicy", &All), ("matchConstraints", &All), ("matchConditions", &REFERENCE)])),
]);

const BINDING: Keep = Keys(&[
    ("metadata", &METADATA),
    ("spec", &Keys(&[("policyName", &All), ("matchResources", &All), ("validationActions", &All)])),
]);

fn below(value: Json, keep: &Keep) -> Json {
    let Keys(keys) = keep else { return value };
    match value {
        Json::Object(map) => {
            let kept = map.into_iter().filter_map(|(key, value)| {
                let (_, keep) = keys.iter().find(|(name, _)| *name == key)?;
                Some((key, below(value, keep)))
            });
            Json::Object(kept.collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(|item| below(item, keep)).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The CSI drivers that replace in-tree volume plugins count these disks by name.
    #[test]
    fn a_volume_keeps_the_disk_behind_it() {
        for disk in ["cinder", "portworxVolume"] {
            let mut spec = Map::new();
            let source =
                serde_json::json!({ "volumeID": "v", "secretRef": { "name": "s" }, "fsType": "ext4" });
            spec.insert(disk.to_owned(), source);
            let volume = serde_json::json!({ "metadata": { "name": "pv" }, "spec": spec });
            let kept = trim(Kind::PersistentVolume, volume);
            assert_eq!(kept["spec"][disk], serde_json::json!({ "volumeID": "v" }));
        }
    }
}
