//! Spellings of `kind: DaemonSet` and `apiVersion: apps/v1` that people write by mistake.

use strsim::damerau_levenshtein as distance;

use crate::did_you_mean::did_you_mean;

/// The kinds of the group `apps`.
const KINDS_OF_APPS: [&str; 5] =
    ["DaemonSet", "Deployment", "StatefulSet", "ReplicaSet", "ControllerRevision"];

/// No spelling of interest is longer, in bytes.
const LONGEST: usize = 40;

/// The letters and digits in lower case, without what people put between them.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

/// Whether a text is `DaemonSet` except for case, spaces, signs, a plural, or one letter; or kubectl's short name.
pub(super) fn is_near_kind(kind: &str) -> bool {
    if kind.len() > LONGEST {
        return false;
    }
    let plain = plain(kind);
    let singular = plain.strip_suffix('s').unwrap_or(&plain);
    plain == "ds" || distance(&plain, "daemonset") <= 1 || distance(singular, "daemonset") <= 1
}

/// Whether the group of an `apiVersion` is one in which only Kubernetes itself can have kinds, or a misspelt `apps`. Other groups may
/// have a kind of the same name (OpenKruise's, for example).
pub(super) fn may_be_our_group(api_version: &str) -> bool {
    if api_version.len() > LONGEST {
        return false;
    }
    let written = api_version.trim().to_ascii_lowercase();
    let group = written.split_once('/').map_or("", |(group, _)| group);
    // The name of a custom resource's group has a dot.
    !group.contains('.')
        || distance(&written, "apps/v1") <= 1
        || ["apps.k8s.io", "app.k8s.io", "apps.kubernetes.io", "app.kubernetes.io"].contains(&group)
}

/// Whether a kind of the group `apps` is misspelt so that it is nearest to `DaemonSet`. The group has few kinds, so more letters may
/// differ.
pub(super) fn is_misspelt_among_ours(kind: &str, api_version: &str) -> bool {
    api_version.trim().starts_with("apps/")
        && kind.len() <= LONGEST
        && did_you_mean(kind.trim(), KINDS_OF_APPS) == Some("DaemonSet")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_mistakes_are_recognised() {
        for kind in [
            "DaemonSet",
            "Daemonset",
            "daemonset",
            "daemonsets",
            "DaemonSets",
            "DaemonSet ",
            " DaemonSet",
            "Daemon Set",
            "Daemon-Set",
            "Deamonset",
            "DeamonSet",
            "DeamonSets",
            "DemonSet",
            "DaemonSe",
            "DaemonSett",
            "DaemnSet",
            "DAEMONSET",
            "daemon_set",
            "ds",
            "Ds",
        ] {
            assert!(is_near_kind(kind), "{kind}");
        }
        for kind in [
            "",
            "Deployment",
            "StatefulSet",
            "ReplicaSet",
            "AdvancedDaemonSet",
            "Daemon",
            "DaemonSetList",
            "Set",
        ] {
            assert!(!is_near_kind(kind), "{kind}");
        }
    }

    #[test]
    fn the_group_of_a_custom_resource_is_not_ours() {
        for version in [
            "apps/v1",
            "app/v1",
            "Apps/v1",
            "aps/v1",
            "apps/v2",
            "apps/v1 ",
            " apps/v1",
            "apps",
            "apps/",
            "v1",
            "",
            "extensions/v1beta1",
            "apps/v1beta2",
            "batch/v1",
            "apps.k8s.io/v1",
            "apps/v1/x",
            "apps.v1",
            "apps./v1",
        ] {
            assert!(may_be_our_group(version), "{version}");
        }
        for version in ["apps.kruise.io/v1alpha1", "example.com/v1", "apps.example.com/v1"] {
            assert!(!may_be_our_group(version), "{version}");
        }
    }

    #[test]
    fn among_the_kinds_of_apps_more_letters_may_differ() {
        assert!(is_misspelt_among_ours("DemonSett", "apps/v1"));
        for kind in ["Deployments", "StatefullSet", "ReplicaSets", "Scale"] {
            assert!(!is_misspelt_among_ours(kind, "apps/v1"), "{kind}");
        }
        assert!(!is_misspelt_among_ours("DemonSett", "v1"));
    }
}
