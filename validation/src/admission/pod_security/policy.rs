//! What a namespace asks of its pods, from its labels and the server's defaults.

use std::collections::BTreeMap;
use std::fmt;

use super::level::PodSecurityLevel;
use super::version::PodSecurityVersion;

/// A level at a version, as the server prints it: `baseline:latest`.
///
/// Upstream: `pod-security-admission/api.LevelVersion`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct LevelVersion {
    pub(super) level: PodSecurityLevel,
    pub(super) version: PodSecurityVersion,
}

impl fmt::Display for LevelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.level, self.version)
    }
}

/// What a namespace asks of its pods. The mode `audit` is left out, since it only writes into the server's audit log.
///
/// Upstream: `pod-security-admission/api.Policy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Policy {
    /// What pods are refused for.
    pub(super) enforce: LevelVersion,
    /// What is warned of.
    pub(super) warn: LevelVersion,
}

impl Policy {
    /// The policy of the server's configuration, by the names of its fields. A server does not start with a word that cannot be read,
    /// so such a word counts as absent.
    ///
    /// Upstream: `pod-security-admission/admission/api.ToPolicy`.
    pub(super) fn of_defaults(fields: &BTreeMap<String, String>) -> Self {
        let read = |level: &str, version: &str| LevelVersion {
            level: fields.get(level).and_then(|word| PodSecurityLevel::parse(word)).unwrap_or_default(),
            version: fields.get(version).and_then(|word| PodSecurityVersion::parse(word)).unwrap_or_default(),
        };
        Self { enforce: read("enforce", "enforce-version"), warn: read("warn", "warn-version") }
    }

    /// The policy of a namespace. A label that cannot be read stands for the strictest level to enforce, for no warnings, or for the
    /// latest version.
    ///
    /// Upstream: `pod-security-admission/api.PolicyToEvaluate`.
    pub(super) fn of_namespace(labels: &BTreeMap<String, String>, defaults: Self) -> Self {
        let mut policy = defaults;
        let mut enforces = None;
        if let Some(word) = labels.get("pod-security.kubernetes.io/enforce") {
            enforces = PodSecurityLevel::parse(word);
            policy.enforce.level = enforces.unwrap_or(PodSecurityLevel::Restricted);
        }
        if let Some(word) = labels.get("pod-security.kubernetes.io/enforce-version") {
            policy.enforce.version = PodSecurityVersion::parse(word).unwrap_or_default();
        }
        let warns = labels.get("pod-security.kubernetes.io/warn");
        if let Some(word) = warns {
            policy.warn.level = PodSecurityLevel::parse(word).unwrap_or_default();
        }
        let warns_at = labels.get("pod-security.kubernetes.io/warn-version");
        if let Some(word) = warns_at {
            policy.warn.version = PodSecurityVersion::parse(word).unwrap_or_default();
        }
        // What is enforced is warned of, unless the namespace says itself what is warned of.
        if warns.is_none() && enforces.is_some_and(|level| level > policy.warn.level) {
            policy.warn.level = policy.enforce.level;
            if warns_at.is_none() {
                policy.warn.version = policy.enforce.version;
            }
        }
        policy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn labels(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        let prefixed = entries.iter().map(|(key, value)| {
            let key = format!("pod-security.kubernetes.io/{key}");
            (key, (*value).to_owned())
        });
        prefixed.collect()
    }

    #[test]
    fn a_namespace_overrides_the_defaults_label_by_label() {
        let defaults = Policy::of_defaults(&map(&[("enforce", "baseline"), ("warn-version", "v1.20")]));
        for (given, enforce, warn) in [
            (&[][..], "baseline:latest", "privileged:v1.20"),
            (&[("enforce-version", "v1.30")], "baseline:v1.30", "privileged:v1.20"),
            (&[("enforce", "restricted")], "restricted:latest", "restricted:latest"),
            (&[("enforce", "restricted"), ("warn-version", "v1.1")], "restricted:latest", "restricted:v1.1"),
            (&[("enforce", "Restricted")], "restricted:latest", "privileged:v1.20"),
            (&[("enforce", "restricted"), ("warn", "")], "restricted:latest", "privileged:v1.20"),
            (&[("enforce", "privileged"), ("warn", "baseline")], "privileged:latest", "baseline:v1.20"),
            (&[("enforce-version", "1.30"), ("warn", "baseline")], "baseline:latest", "baseline:v1.20"),
        ] {
            let policy = Policy::of_namespace(&labels(given), defaults);
            let found = (policy.enforce.to_string(), policy.warn.to_string());
            assert_eq!(found, (enforce.to_owned(), warn.to_owned()), "{given:?}");
        }
    }
}
