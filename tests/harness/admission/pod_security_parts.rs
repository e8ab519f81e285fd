//! The parts of random pods that the Pod Security Standards look at, as JSON.

use std::fmt::Display;

use crate::json::write_text;
use crate::random::Random;

/// A JSON object under construction.
#[derive(Debug)]
pub(super) struct Object(String);

impl Object {
    pub(super) fn new() -> Self {
        Self("{".to_owned())
    }

    /// A field whose value is JSON already.
    pub(super) fn put(&mut self, key: &str, value: impl Display) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        write_text(key, &mut self.0);
        self.0.push(':');
        self.0.push_str(&value.to_string());
    }

    /// A field with a text.
    pub(super) fn text(&mut self, key: &str, value: &str) {
        let mut written = String::new();
        write_text(value, &mut written);
        self.put(key, written);
    }

    /// A field that is there unless there is no value.
    pub(super) fn maybe(&mut self, key: &str, value: Option<String>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    pub(super) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// An object with one text.
fn single(key: &str, value: &str) -> String {
    let mut object = Object::new();
    object.text(key, value);
    object.end()
}

/// A JSON list of JSON items.
pub(super) fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

fn texts(items: &[&str]) -> String {
    let write = |item: &&str| {
        let mut text = String::new();
        write_text(item, &mut text);
        text
    };
    list(&items.iter().map(write).collect::<Vec<_>>())
}

/// How likely each check is violated in a pod, in percent: most pods violate some checks and not the others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    pub(super) app_armor: usize,
    pub(super) capabilities: usize,
    pub(super) drop: usize,
    pub(super) escalation: usize,
    pub(super) host_namespaces: usize,
    pub(super) host_paths: usize,
    pub(super) host_ports: usize,
    pub(super) hosts: usize,
    pub(super) privileged: usize,
    pub(super) proc_mount: usize,
    pub(super) root: usize,
    pub(super) seccomp: usize,
    pub(super) seccomp_annotations: usize,
    pub(super) se_linux: usize,
    pub(super) sysctls: usize,
    pub(super) user: usize,
    pub(super) volumes: usize,
    pub(super) windows: usize,
}

impl Faults {
    pub(super) fn chosen(random: &mut Random) -> Self {
        if random.percent(15) {
            return Self::default();
        }
        let mut one = || *random.pick(&[0, 0, 0, 10, 50]).unwrap_or(&0);
        Self {
            app_armor: one(),
            capabilities: one(),
            drop: one(),
            escalation: one(),
            host_namespaces: one(),
            host_paths: one(),
            host_ports: one(),
            hosts: one(),
            privileged: one(),
            proc_mount: one(),
            root: one(),
            seccomp: one(),
            seccomp_annotations: one(),
            se_linux: one(),
            sysctls: one(),
            user: one(),
            volumes: one(),
            windows: one(),
        }
    }
}

fn pick<'c>(random: &mut Random, choices: &[&'c str]) -> &'c str {
    random.pick(choices).copied().unwrap_or_default()
}

fn some<'c>(random: &mut Random, most: usize, choices: &[&'c str]) -> Vec<&'c str> {
    (0..random.below(most + 1)).map(|_| pick(random, choices)).collect()
}

const DEFAULT_CAPABILITIES: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

const OTHER_CAPABILITIES: &[&str] =
    &["NET_ADMIN", "SYS_ADMIN", "NET_RAW", "ALL", "CAP_CHOWN", "chown", "", "BPF", "a\"b"];

fn capabilities(random: &mut Random, faults: &Faults) -> Option<String> {
    if random.percent(faults.drop) && random.percent(40) {
        return None;
    }
    let mut object = Object::new();
    let mut added = if random.percent(20) { vec!["NET_BIND_SERVICE"] } else { Vec::new() };
    if random.percent(faults.capabilities) {
        added.extend(some(random, 2, DEFAULT_CAPABILITIES));
        added.extend(some(random, 2, OTHER_CAPABILITIES));
    }
    if !added.is_empty() || random.percent(10) {
        object.put("add", texts(&added));
    }
    let mut dropped = some(random, 1, DEFAULT_CAPABILITIES);
    if !random.percent(faults.drop) {
        dropped.push("ALL");
    } else if random.percent(20) {
        dropped.push("all");
    }
    object.put("drop", texts(&dropped));
    Some(object.end())
}

fn seccomp(random: &mut Random, faults: &Faults) -> String {
    if random.percent(faults.seccomp) {
        let kind =
            pick(random, &["Unconfined", "", "runtime/default", "Localhost", "RuntimeDefault", "a\"b"]);
        return if random.percent(10) { "{}".to_owned() } else { single("type", kind) };
    }
    single("type", pick(random, &["RuntimeDefault", "RuntimeDefault", "Localhost"]))
}

fn app_armor(random: &mut Random, faults: &Faults) -> String {
    if random.percent(faults.app_armor) {
        return single("type", pick(random, &["Unconfined", "", "localhost", "Localhost", "RuntimeDefault"]));
    }
    single("type", pick(random, &["RuntimeDefault", "Localhost"]))
}

fn se_linux(random: &mut Random, faults: &Faults) -> String {
    let mut object = Object::new();
    if random.percent(faults.se_linux) {
        let kinds = ["spc_t", "container_engine_t", "container_t", "", "container_file_t", "init_t"];
        object.text("type", pick(random, &kinds));
        if random.percent(30) {
            object.text("user", pick(random, &["system_u", "", "root"]));
        }
        if random.percent(30) {
            object.text("role", pick(random, &["system_r", "", "object_r"]));
        }
    } else if random.percent(70) {
        object.text("type", pick(random, &["container_t", "container_init_t", "container_kvm_t", ""]));
    }
    if random.percent(30) {
        object.text("level", "s0:c1,c2");
    }
    object.end()
}

fn windows(random: &mut Random, faults: &Faults) -> String {
    let mut object = Object::new();
    if random.percent(faults.windows) {
        object.put("hostProcess", true);
    } else if random.percent(50) {
        object.put("hostProcess", false);
    }
    object.end()
}

/// What both security contexts have. `share` is how likely a field is there that no level asks for, in percent.
fn shared(random: &mut Random, faults: &Faults, object: &mut Object, share: usize) {
    if random.percent(share + faults.app_armor / 2) {
        object.put("appArmorProfile", app_armor(random, faults));
    }
    if random.percent(share + faults.se_linux / 2) {
        object.put("seLinuxOptions", se_linux(random, faults));
    }
    if random.percent(share + faults.windows / 2) {
        object.put("windowsOptions", windows(random, faults));
    }
    if random.percent(share + faults.user / 2) {
        let is_root = random.percent(faults.user);
        object.put("runAsUser", if is_root { 0 } else { 1000 });
    }
}

/// A container's security context. Where the pod's does not, it has what `restricted` asks for.
pub(super) fn container_security(random: &mut Random, faults: &Faults, pod_has_it: bool) -> Option<String> {
    if random.percent(faults.escalation) && random.percent(30) {
        return None;
    }
    let mut object = Object::new();
    if random.percent(faults.escalation) {
        if random.percent(50) {
            object.put("allowPrivilegeEscalation", true);
        }
    } else {
        object.put("allowPrivilegeEscalation", false);
    }
    object.maybe("capabilities", capabilities(random, faults));
    if random.percent(faults.privileged) {
        object.put("privileged", true);
    } else if random.percent(10) {
        object.put("privileged", false);
    }
    if random.percent(faults.proc_mount) {
        object.text("procMount", pick(random, &["Unmasked", "Default", "other", ""]));
    }
    if random.percent(faults.root) {
        if random.percent(40) {
            object.put("runAsNonRoot", false);
        }
    } else if !pod_has_it || random.percent(20) {
        object.put("runAsNonRoot", true);
    }
    if random.percent(faults.seccomp) {
        if random.percent(50) {
            object.put("seccompProfile", seccomp(random, faults));
        }
    } else if !pod_has_it || random.percent(20) {
        object.put("seccompProfile", seccomp(random, faults));
    }
    shared(random, faults, &mut object, 5);
    Some(object.end())
}

const SYSCTLS: &[&str] = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
    "net.ipv4.tcp_slow_start_after_idle",
    "net.ipv4.tcp_notsent_lowat",
    "net.core.somaxconn",
    "kernel.msgmax",
    "net/ipv4/tcp_rmem",
    "",
];

/// The pod's security context; `complete` says whether it has what `restricted` asks for.
pub(super) fn pod_security(random: &mut Random, faults: &Faults, complete: bool) -> String {
    let mut object = Object::new();
    if complete {
        object.put("runAsNonRoot", true);
        object.put("seccompProfile", single("type", "RuntimeDefault"));
    } else {
        if random.percent(faults.root) && random.percent(50) {
            object.put("runAsNonRoot", random.percent(40));
        }
        if random.percent(faults.seccomp) && random.percent(50) {
            object.put("seccompProfile", seccomp(random, faults));
        }
    }
    if random.percent(5 + faults.sysctls) {
        let known = if random.percent(faults.sysctls) { SYSCTLS } else { &SYSCTLS[..5] };
        let names = some(random, 3, known);
        let sysctls: Vec<String> = names.iter().map(|name| single("name", name)).collect();
        object.put("sysctls", list(&sysctls));
    }
    shared(random, faults, &mut object, 5);
    object.end()
}

const ALLOWED_VOLUMES: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

const OTHER_VOLUMES: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "gitRepo",
    "nfs",
    "iscsi",
    "glusterfs",
    "rbd",
    "flexVolume",
    "cinder",
    "cephfs",
    "flocker",
    "fc",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "storageos",
];

pub(super) fn volume(random: &mut Random, faults: &Faults, number: usize) -> String {
    let mut object = Object::new();
    object.text("name", &format!("{}{number}", pick(random, &["data", "sock", "x\"y", ""])));
    let mut source = |kind: &str| object.put(kind, "{}");
    // Some volumes have two sources or none, which the server would refuse for other reasons.
    match (random.percent(faults.host_paths), random.percent(faults.volumes)) {
        (false, false) => source(pick(random, ALLOWED_VOLUMES)),
        (true, false) => source("hostPath"),
        (false, true) => source(pick(random, OTHER_VOLUMES)),
        (true, true) if random.percent(50) => {
            source("hostPath");
            source(pick(random, ALLOWED_VOLUMES));
        }
        (true, true) => {}
    }
    if random.percent(faults.volumes) && random.percent(20) {
        object.put("gitRepo", "{}");
    }
    object.end()
}

/// A container's ports.
pub(super) fn ports(random: &mut Random, faults: &Faults) -> String {
    let ports = (0..1 + random.below(3)).map(|_| {
        let mut object = Object::new();
        object.put("containerPort", 8080);
        if random.percent(faults.host_ports) {
            object.put("hostPort", random.pick(&[80, 443, 8080, 9090, 9, 10250, 0]).copied().unwrap_or(0));
        } else if random.percent(20) {
            object.put("hostPort", 0);
        }
        object.end()
    });
    list(&ports.collect::<Vec<_>>())
}

/// A probe or a lifecycle handler.
pub(super) fn handler(random: &mut Random, faults: &Faults) -> String {
    let mut action = Object::new();
    action.put("port", 8080);
    if random.percent(faults.hosts) {
        action.text("host", pick(random, &["127.0.0.1", "localhost", "", "example.com", "::1", "a\"b"]));
    }
    let action = action.end();
    let mut object = Object::new();
    match random.below(4) {
        0 | 1 => object.put("httpGet", action),
        2 => object.put("tcpSocket", action),
        _ => object.put("exec", r#"{"command":["true"]}"#),
    }
    object.end()
}

const SECCOMP_VALUES: &[&str] =
    &["runtime/default", "docker/default", "localhost/x", "unconfined", "", "localhost", "ä\n\"\u{1}"];
const APP_ARMOR_VALUES: &[&str] =
    &["runtime/default", "localhost/x", "unconfined", "", "localhost", "\u{200b}\t\\", "docker/default"];

/// The pod's annotations, some of them about its containers.
pub(super) fn annotations(random: &mut Random, faults: &Faults, names: &[&str]) -> Vec<(String, String)> {
    let mut all = vec![("example.com/team".to_owned(), "a".to_owned())];
    let value = |random: &mut Random, faults: usize, values: &[&str]| {
        let value = if random.percent(faults) { pick(random, values) } else { values[0] };
        value.to_owned()
    };
    if random.percent(5 + faults.seccomp_annotations / 2) {
        let value = value(random, faults.seccomp_annotations, SECCOMP_VALUES);
        all.push(("seccomp.security.alpha.kubernetes.io/pod".to_owned(), value));
    }
    for name in names.iter().chain(&["absent"]) {
        if random.percent(3 + faults.seccomp_annotations / 2) {
            let value = value(random, faults.seccomp_annotations, SECCOMP_VALUES);
            all.push((format!("container.seccomp.security.alpha.kubernetes.io/{name}"), value));
        }
        if random.percent(3 + faults.app_armor / 3) {
            let value = value(random, faults.app_armor, APP_ARMOR_VALUES);
            all.push((format!("container.apparmor.security.beta.kubernetes.io/{name}"), value));
        }
    }
    // A JSON object has each key once.
    all.sort();
    all.dedup_by(|later, first| later.0 == first.0);
    all
}
