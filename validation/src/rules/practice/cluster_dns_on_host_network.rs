//! The rule `cluster-dns-on-host-network`. Its page is `cluster_dns_on_host_network.md`.

use k8s_openapi::api::core::v1::PodSpec;

use super::{rule, set};
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::pod::{Listed, containers, on_host_network, spec, spec_path};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "cluster-dns-on-host-network",
    Level::Warning,
    (
        "pods on the host's network name a Service, which the node's DNS does not know",
        include_str!("cluster_dns_on_host_network.md"),
    ),
    check,
);

const POD_SPEC: [&str; 3] = ["spec", "template", "spec"];

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set).filter(|spec| asks_the_node(spec)) else { return };
    let namespace = object.daemon_set.metadata.namespace.as_deref().unwrap_or_default();
    let Some(name) = containers(spec).find_map(|listed| named_service(&listed, namespace)) else { return };
    let message = format!(
        "with `hostNetwork: true` the pods ask the node's DNS servers, which do not know the Service name `{name}`"
    );
    let edit = set(object, &POD_SPEC, "dnsPolicy", "ClusterFirstWithHostNet");
    let field = if matches!(edit, Edit::Replace { .. }) { "dnsPolicy" } else { "hostNetwork" };
    let finding = RULE.finding(spec_path().field(field), message);
    findings.push(finding.help("write `dnsPolicy: ClusterFirstWithHostNet`").fix(false, vec![edit]));
}

/// Whether names are looked up as on the node, though nobody chose that.
fn asks_the_node(spec: &PodSpec) -> bool {
    on_host_network(spec)
        && spec.dns_policy.as_deref().is_none_or(|policy| policy.is_empty() || policy == "ClusterFirst")
        && spec.dns_config.is_none()
        && spec.host_aliases.as_ref().is_none_or(Vec::is_empty)
}

/// The first Service that the container is told to talk to.
fn named_service(listed: &Listed<'_>, namespace: &str) -> Option<String> {
    let mut flag = "";
    for word in listed.words().map(|word| word.text) {
        let name = word.split('=').next().unwrap_or_default();
        let is_other = is_no_address(flag) || word.starts_with('-') && is_no_address(name);
        if let Some(service) = service_in(word, namespace).filter(|_| !is_other) {
            return Some(service);
        }
        flag = if word.starts_with('-') && !word.contains('=') { word } else { "" };
    }
    let mut variables = listed.container.env.iter().flatten();
    variables.find_map(|variable| {
        let service = service_in(variable.value.as_deref()?, namespace)?;
        (!is_no_address(&variable.name)).then_some(service)
    })
}

/// Names of flags and variables whose value is a name that nobody looks up, or the API server, whose address is not a name elsewhere.
fn is_no_address(name: &str) -> bool {
    let name: String = name.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    name == "kubernetesservicehost"
        || [
            "servername",
            "domain",
            "audience",
            "issuer",
            "noproxy",
            "commonname",
            "hostheader",
            "dnsname",
            "sans",
            "suffix",
        ]
        .iter()
        .any(|part| name.contains(part))
}

/// The first name of a Service in a text.
fn service_in(text: &str, namespace: &str) -> Option<String> {
    let part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let of_web = text.contains("http");
    let mut rest = text;
    while let Some(start) = rest.find(part) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|letter| !part(letter)).unwrap_or(from.len());
        let (token, after) = from.split_at(end);
        let host = token.trim_matches('.');
        let is_web = of_web && before.ends_with("://");
        let has_port = after
            .strip_prefix(':')
            .is_some_and(|port| port.starts_with(|digit: char| digit.is_ascii_digit()));
        if names_service(host, namespace, is_web, has_port) {
            return Some(host.to_owned());
        }
        rest = after;
    }
    None
}

fn names_service(host: &str, namespace: &str, is_web: bool, has_port: bool) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    let is_label = |label: &&str| {
        label.starts_with(|letter: char| letter.is_ascii_lowercase())
            && label
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
    };
    if !labels.iter().all(is_label) {
        return false;
    }
    match labels.as_slice() {
        [name] => is_web && has_port && *name != "localhost",
        [_, of] => (is_web || has_port) && !namespace.is_empty() && *of == namespace,
        [_, _, "svc"] | [_, _, "svc", "cluster", "local"] => true,
        [_, _, _, "svc"] | [_, _, _, "svc", "cluster", "local"] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_services_are_told_from_other_names() {
        let found = |text| service_in(text, "monitoring");
        for (text, name) in [
            ("http://loki.monitoring:3100/push", "loki.monitoring"),
            ("--to=otel.monitoring:4317", "otel.monitoring"),
            ("http://etcd:2379", "etcd"),
            ("wget -q https://api.default.svc/x && true", "api.default.svc"),
            ("db-0.db.prod.svc.cluster.local", "db-0.db.prod.svc.cluster.local"),
        ] {
            assert_eq!(found(text).as_deref(), Some(name), "{text}");
        }
        for text in [
            "http://localhost:8080",
            "http://127.0.0.1:80",
            "https://api.example.com",
            "unix:///csi/csi.sock",
            "/etc/app.monitoring",
            "config.yaml",
            "http://$(HOST_IP):8126",
            "cluster.local",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
        assert!(is_no_address("--tls-server-name") && is_no_address("KUBERNETES_SERVICE_HOST"));
        assert!(!is_no_address("--endpoint"));
    }
}
