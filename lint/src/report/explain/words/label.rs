//! Keys of labels in a few words.

/// The domains of labels that Kubernetes itself sets on nodes, whose names say enough.
const DOMAINS: &[&str] = &["topology.kubernetes.io/", "node.kubernetes.io/", "kubernetes.io/"];

/// The key without its domain where Kubernetes itself sets the label, and where it names a pool: `zone`, `instance-type`, `arch`,
/// `nodegroup`. A value may follow it.
pub(crate) fn short_key(key: &str) -> &str {
    if let Some(name) = DOMAINS.iter().find_map(|domain| key.strip_prefix(domain)) {
        return name;
    }
    let of_key = key.split_once('=').map_or(key, |(before, _)| before);
    let Some((domain, name)) = of_key.split_once('/') else { return key };
    if name.contains("pool") || name.contains("nodegroup") {
        key.get(domain.len().saturating_add(1)..).unwrap_or(key)
    } else {
        key
    }
}

#[cfg(test)]
mod tests {
    use super::short_key;

    #[test]
    fn a_domain_that_says_nothing_is_left_out() {
        assert_eq!(short_key("topology.kubernetes.io/zone=eu-1a"), "zone=eu-1a");
        assert_eq!(short_key("eks.amazonaws.com/nodegroup=web"), "nodegroup=web");
        assert_eq!(short_key("cloud.google.com/gke-nodepool"), "gke-nodepool");
        assert_eq!(short_key("example.com/gpu=a/pool"), "example.com/gpu=a/pool");
        assert_eq!(short_key("gpu"), "gpu");
    }
}
