//! Random pods in random namespaces, as questions about the plugin `PodSecurity`.

use super::pod_security_parts::{
    Faults, Object, annotations, container_security, handler, list, pod_security, ports, volume,
};
use crate::random::Random;

/// What the administrators of some servers configured.
const CONFIGS: &[&str] = &[
    "{}",
    "{}",
    "{}",
    r#"{"defaults":{"enforce":"baseline","warn":"restricted"}}"#,
    r#"{"defaults":{"enforce":"restricted","enforce-version":"v1.24"}}"#,
    r#"{"defaults":{"warn":"baseline","warn-version":"v1.18","audit":"restricted"}}"#,
    r#"{"defaults":{"enforce":"restricted","warn":"restricted"},"exemptions":{"namespaces":["exempt"],"runtimeClasses":["kata"]}}"#,
    r#"{"exemptions":{"namespaces":["exempt","kube-system"],"runtimeClasses":["kata"]}}"#,
];

const NAMES: &[&str] = &["a", "main", "b", "side-car", "zz", "n\"q", ""];

fn pick<'c>(random: &mut Random, choices: &[&'c str]) -> &'c str {
    random.pick(choices).copied().unwrap_or_default()
}

fn level<'c>(random: &mut Random) -> &'c str {
    let usual = ["baseline", "restricted", "baseline", "restricted", "privileged"];
    if random.percent(94) {
        pick(random, &usual)
    } else {
        pick(random, &["", "Baseline", "strict", "latest"])
    }
}

fn version(random: &mut Random) -> String {
    let odd = [
        "",
        "v1",
        "1.30",
        "v1.030",
        "v2.1",
        "v1.",
        "v1.-1",
        "v1.200",
        "v1.9223372036854775807",
        "v1.9223372036854775808",
        "V1.30",
        "v1.30.1",
        "Latest",
    ];
    match random.below(20) {
        0..5 => "latest".to_owned(),
        5 => pick(random, &odd).to_owned(),
        _ => format!("v1.{}", random.below(39)),
    }
}

fn labels(random: &mut Random) -> String {
    let mut object = Object::new();
    for (mode, share) in [("enforce", 85), ("warn", 50), ("audit", 10)] {
        if random.percent(share) {
            object.text(&format!("pod-security.kubernetes.io/{mode}"), level(random));
        }
        if random.percent(share / 2 + 30) {
            object.text(&format!("pod-security.kubernetes.io/{mode}-version"), &version(random));
        }
    }
    if random.percent(20) {
        object.text("team", "a");
    }
    object.end()
}

fn container(random: &mut Random, faults: &Faults, pod_is_complete: bool, name: &str) -> String {
    let mut object = Object::new();
    object.text("name", name);
    object.text("image", "agent:1");
    object.maybe("securityContext", container_security(random, faults, pod_is_complete));
    if random.percent(20 + faults.host_ports / 2) {
        object.put("ports", ports(random, faults));
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if random.percent(8 + faults.hosts / 3) {
            object.put(probe, handler(random, faults));
        }
    }
    if random.percent(8 + faults.hosts / 3) {
        let mut lifecycle = Object::new();
        if random.percent(60) {
            lifecycle.put("postStart", handler(random, faults));
        }
        if random.percent(60) {
            lifecycle.put("preStop", handler(random, faults));
        }
        object.put("lifecycle", lifecycle.end());
    }
    object.end()
}

fn spec(random: &mut Random, faults: &Faults, names: &mut Vec<&'static str>) -> String {
    let mut object = Object::new();
    let is_complete = random.percent(40);
    if is_complete || random.percent(70) {
        object.put("securityContext", pod_security(random, faults, is_complete));
    }
    for (containers, least, share) in
        [("initContainers", 0, 25), ("containers", 1, 100), ("ephemeralContainers", 0, 4)]
    {
        if !random.percent(share) {
            continue;
        }
        let count = least + random.below(3);
        let made = (0..count).map(|_| {
            let name = pick(random, NAMES);
            names.push(name);
            container(random, faults, is_complete, name)
        });
        let made: Vec<String> = made.collect();
        object.put(containers, list(&made));
    }
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        if random.percent(faults.host_namespaces) {
            object.put(field, true);
        } else if random.percent(5) {
            object.put(field, false);
        }
    }
    if random.percent(20) {
        object.put("hostUsers", random.percent(30));
    }
    if random.percent(12) {
        object.put("os", pick(random, &[r#"{"name":"windows"}"#, r#"{"name":"linux"}"#, "{}"]));
    }
    if random.percent(12) {
        object.text("runtimeClassName", pick(random, &["kata", "runc", ""]));
    }
    if random.percent(25 + faults.host_paths.max(faults.volumes)) {
        let volumes: Vec<String> =
            (0..1 + random.below(3)).map(|number| volume(random, faults, number)).collect();
        object.put("volumes", list(&volumes));
    }
    object.end()
}

/// The question with this number, as the oracle reads it. One in `sweep` is asked at every version of every level.
pub fn question(seed: u64, number: u64, sweep: u64) -> String {
    let random = &mut Random::of_case(seed, number);
    let faults = Faults::chosen(random);
    let mut config = Object::new();
    config.text("apiVersion", "pod-security.admission.config.k8s.io/v1");
    config.text("kind", "PodSecurityConfiguration");
    let rest = pick(random, CONFIGS);
    let config = match rest.strip_prefix('{') {
        Some("}") | None => config.end(),
        Some(rest) => format!("{},{rest}", config.end().trim_end_matches('}')),
    };
    let mut namespace = Object::new();
    namespace.text("name", pick(random, &["team", "team", "team", "team", "exempt"]));
    if random.percent(97) {
        namespace.put("labels", labels(random));
    }
    let mut names = Vec::new();
    let spec = spec(random, &faults, &mut names);
    let mut template = Object::new();
    if random.percent(60) {
        let mut of_pod = Object::new();
        for (key, value) in annotations(random, &faults, &names) {
            of_pod.text(&key, &value);
        }
        template.put("metadata", format!(r#"{{"annotations":{}}}"#, of_pod.end()));
    }
    template.put("spec", spec);
    let mut question = Object::new();
    question.put("id", number);
    question.put("config", config);
    question.put("namespace", namespace.end());
    question.put("template", template.end());
    if number.is_multiple_of(sweep) {
        question.put("sweep", true);
    }
    question.end()
}
