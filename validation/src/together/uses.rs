//! What a DaemonSet uses of the other objects of the files.

use std::collections::HashSet;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::{Container, PodSpec};

use super::os::{OperatingSystem, operating_system};
use super::references::references;
use crate::matching::Labels;
use crate::path::FieldPath;
use crate::placement::Kind;

/// What a DaemonSet uses of the other objects of the files.
#[derive(Clone, Debug, Default)]
pub struct Uses {
    /// Whether `metadata.namespace` is written.
    pub namespace_is_written: bool,
    /// The operating system that the pods ask for.
    pub os: OperatingSystem,
    /// Whether the pods tolerate every taint that keeps pods off.
    pub tolerates_all: bool,
    /// Whether the pods tolerate a taint for their operating system.
    pub tolerates_system: bool,
    /// The names of the containers' ports.
    pub ports: Box<[Box<str>]>,
    /// The objects that the pods name and cannot do without, each once.
    pub references: Box<[Used]>,
    /// The keys of ConfigMaps and Secrets that the pods cannot do without.
    pub keys: Box<[UsedKey]>,
    /// The account of the pods.
    pub account: Option<Box<str>>,
    /// Whether something in the object tells that a change of its configuration starts a rollout.
    pub has_trigger: bool,
    /// Whether something in the pods, or a controller that an annotation names, reads configuration again or restarts the pods.
    pub reloads: bool,
    /// Whether it is an update that keeps the stored template, so that no pod is replaced.
    pub keeps_template: bool,
}

/// An object that the pods name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: Box<str>,
    /// The first place that names it.
    pub path: FieldPath,
}

/// A key of an object that the pods name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedKey {
    /// The kind of the object.
    pub kind: Kind,
    /// The name of the object.
    pub name: Box<str>,
    /// The key.
    pub key: Box<str>,
    /// The first place that names it.
    pub path: FieldPath,
}

impl Uses {
    /// What the DaemonSet uses.
    pub fn new(daemon_set: &DaemonSet, namespace_is_written: bool, keeps_template: bool) -> Self {
        let Some(spec) = &daemon_set.spec.template.spec else {
            return Self { namespace_is_written, keeps_template, ..Self::default() };
        };
        let (mut known, mut known_keys) = (HashSet::new(), HashSet::new());
        let all = references(spec);
        let keys = all.iter().filter_map(|one| Some((one, one.key?)));
        let keys = keys
            .filter(|(one, key)| known_keys.insert((one.kind, one.name, *key)))
            .map(|(one, key)| UsedKey {
                kind: one.kind,
                name: one.name.into(),
                key: key.into(),
                path: one.path.clone(),
            })
            .collect();
        let references = all
            .into_iter()
            .filter(|one| known.insert((one.kind, one.name)))
            .map(|one| Used { kind: one.kind, name: one.name.into(), path: one.path })
            .collect();
        let ports = containers(spec).flat_map(|one| one.ports.iter().flatten());
        Self {
            namespace_is_written,
            os: operating_system(spec),
            tolerates_all: tolerates(spec, |key| key.is_empty()),
            tolerates_system: tolerates(spec, |key| {
                key.split(['.', '/', '-']).any(|word| matches!(word, "os" | "windows"))
            }),
            ports: ports.filter_map(|port| port.name.as_deref()).map(Box::from).collect(),
            references,
            keys,
            account: spec.service_account_name.as_deref().map(Box::from),
            has_trigger: has_trigger(daemon_set),
            reloads: reloads(daemon_set, spec),
            keeps_template,
        }
    }
}

fn containers(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    spec.init_containers.iter().flatten().chain(&spec.containers)
}

/// Whether the pods tolerate a taint that keeps pods off whose key is of this kind.
fn tolerates(spec: &PodSpec, is_meant: impl Fn(&str) -> bool) -> bool {
    spec.tolerations.iter().flatten().any(|one| {
        is_meant(one.key.as_deref().unwrap_or_default())
            && matches!(one.effect.as_deref().unwrap_or_default(), "" | "NoSchedule")
    })
}

/// Words in the keys of annotations and labels of a template that change with the configuration.
const TRIGGERS: [&str; 6] = ["checksum", "hash", "sha256", "md5", "revision", "config-version"];

/// Words in the keys of annotations that controllers read which restart pods.
const RELOADERS: [&str; 2] = ["reloader.", "wave."];

fn has_word(keys: Option<&Labels>, words: &[&str]) -> bool {
    keys.into_iter().flatten().any(|(key, _)| {
        let key = key.to_ascii_lowercase();
        words.iter().any(|word| key.contains(word))
    })
}

fn has_trigger(daemon_set: &DaemonSet) -> bool {
    let template = daemon_set.spec.template.metadata.as_ref();
    has_word(template.and_then(|template| template.annotations.as_ref()), &TRIGGERS)
        || has_word(template.and_then(|template| template.labels.as_ref()), &TRIGGERS)
}

fn reloads(daemon_set: &DaemonSet, spec: &PodSpec) -> bool {
    let template = daemon_set.spec.template.metadata.as_ref();
    let of_container = |container: &Container| {
        let words = [&container.args, &container.command].into_iter().flatten().flatten();
        words.chain(&container.image).chain([&container.name]).any(|word| word.contains("reload"))
    };
    has_word(daemon_set.metadata.annotations.as_ref(), &RELOADERS)
        || has_word(template.and_then(|template| template.annotations.as_ref()), &RELOADERS)
        || containers(spec).any(of_container)
}
