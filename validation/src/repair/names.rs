//! Names that a misspelt one may stand for.

use crate::did_you_mean::did_you_mean;

/// What people call a field, the struct, and its name there.
const SYNONYMS: &[(&str, &str, &str)] = &[
    ("SecretVolumeSource", "name", "secretName"),
    ("ConfigMapVolumeSource", "configMapName", "name"),
    ("ConfigMapVolumeSource", "secretName", "name"),
    ("PersistentVolumeClaimVolumeSource", "name", "claimName"),
    ("PersistentVolumeClaimVolumeSource", "persistentVolumeClaimName", "claimName"),
    ("VolumeMount", "path", "mountPath"),
    ("VolumeMount", "volume", "name"),
    ("VolumeMount", "volumeName", "name"),
    ("VolumeMount", "readonly", "readOnly"),
    ("HostPathVolumeSource", "hostPath", "path"),
    ("HostPathVolumeSource", "name", "path"),
    ("ContainerPort", "port", "containerPort"),
    ("ContainerPort", "targetPort", "containerPort"),
    ("DaemonSetSpec", "strategy", "updateStrategy"),
    ("DaemonSetUpdateStrategy", "strategy", "type"),
    ("PodSpec", "imagePullSecret", "imagePullSecrets"),
    ("PodSpec", "gracePeriodSeconds", "terminationGracePeriodSeconds"),
    ("PodSpec", "nodeSelectors", "nodeSelector"),
    ("PodSpec", "serviceAccountname", "serviceAccountName"),
    ("Container", "environment", "env"),
    ("Container", "imagePolicy", "imagePullPolicy"),
    ("Container", "cmd", "command"),
    ("Container", "mounts", "volumeMounts"),
    ("Probe", "timeout", "timeoutSeconds"),
    ("Probe", "period", "periodSeconds"),
    ("Probe", "initialDelay", "initialDelaySeconds"),
    ("Probe", "http", "httpGet"),
    ("Probe", "tcp", "tcpSocket"),
    ("Probe", "command", "exec"),
];

/// How many names are given.
const NAMES: usize = 3;

/// The names among `known` that `name` may stand for, the most plausible first.
pub(super) fn meant<'k>(owner: &str, name: &str, known: &[&'k str]) -> Vec<&'k str> {
    let mut found: Vec<&'k str> = Vec::new();
    let called = SYNONYMS.iter().filter(|(of, word, _)| *of == owner && *word == name);
    for (_, _, field) in called {
        found.extend(known.iter().find(|known| *known == field));
    }
    let mut left: Vec<&'k str> = known.to_vec();
    while found.len() < NAMES
        && let Some(near) = did_you_mean(name, left.iter().copied())
    {
        left.retain(|other| *other != near);
        found.push(near);
    }
    let starts = |long: &str, short: &str| {
        short.chars().count() > 3 && long.to_lowercase().starts_with(&short.to_lowercase())
    };
    found.extend(left.into_iter().filter(|other| starts(other, name) || starts(name, other)).take(NAMES));
    let mut seen = Vec::new();
    found.retain(|name| {
        let new = !seen.contains(name);
        seen.push(*name);
        new
    });
    found
}
