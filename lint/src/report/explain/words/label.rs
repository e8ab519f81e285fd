//! Keys of labels in a few words.

/// The domains of labels that Kubernetes itself sets on nodes, whose names say enough.
const DOMAINS: &[&str] = &["topology.kubernetes.io/", "node.kubernetes.io/", "kubernetes.io/"];

/// The key without its domain where Kubernetes itself sets the label: `zone`, `instance-type`, `arch`.
pub(crate) fn short_key(key: &str) -> &str {
    DOMAINS.iter().find_map(|domain| key.strip_prefix(domain)).unwrap_or(key)
}
