//! The operating system of the nodes that a pod asks for.

use k8s_openapi::api::core::v1::PodSpec;

/// The operating system of the nodes that a pod asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OperatingSystem {
    /// It asks for none.
    #[default]
    Any,
    /// Windows only.
    Windows,
    /// Linux, or it says something else of the operating system.
    Other,
}

/// The labels that tell the operating system.
const KEYS: [&str; 3] = ["kubernetes.io/os", "beta.kubernetes.io/os", "node.kubernetes.io/windows-build"];

/// The operating system of the nodes that the pod asks for, by `os`, `nodeSelector` and required node affinity.
pub(crate) fn operating_system(spec: &PodSpec) -> OperatingSystem {
    let of_name = |name: &str| match name {
        "windows" => OperatingSystem::Windows,
        _ => OperatingSystem::Other,
    };
    let mut selectors = spec.node_selector.iter().flatten();
    if let Some((key, value)) = selectors.find(|(key, _)| KEYS.contains(&key.as_str())) {
        return if key == KEYS[2] { OperatingSystem::Windows } else { of_name(value) };
    }
    let affinity = spec.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    let required =
        affinity.and_then(|nodes| nodes.required_during_scheduling_ignored_during_execution.as_ref());
    let terms = required.iter().flat_map(|required| &required.node_selector_terms);
    let asked = terms
        .flat_map(|term| term.match_expressions.iter().flatten())
        .find(|one| KEYS.contains(&one.key.as_str()));
    if let Some(one) = asked {
        return match (one.operator.as_str(), one.values.as_deref()) {
            ("In", Some([only])) => of_name(only),
            _ => OperatingSystem::Other,
        };
    }
    match &spec.os {
        Some(os) if os.name == "windows" => OperatingSystem::Windows,
        // It selects no node: the kubelet of another system refuses the pod.
        _ => OperatingSystem::Any,
    }
}
