//! The objects that a pod names and cannot do without.

use k8s_openapi::api::core::v1::{Container, KeyToPath, PodSpec, Volume};

use crate::path::FieldPath;
use crate::placement::Kind;

/// An object that a pod names and cannot do without.
#[derive(Clone, Debug)]
pub(crate) struct Reference<'p> {
    /// Its kind.
    pub(crate) kind: Kind,
    /// Its name.
    pub(crate) name: &'p str,
    /// The key of it that is wanted.
    pub(crate) key: Option<&'p str>,
    /// The place that names it.
    pub(crate) path: FieldPath,
}

/// Collects references in the order of the manifest.
#[derive(Default)]
struct List<'p>(Vec<Reference<'p>>);

impl<'p> List<'p> {
    /// An object, and the keys of it that are wanted. One that is optional is no reference.
    fn object(
        &mut self,
        (kind, name): (Kind, Option<&'p str>),
        optional: Option<bool>,
        key: Option<&'p str>,
        path: FieldPath,
    ) {
        if let Some(name) = name.filter(|name| !name.is_empty() && optional != Some(true)) {
            self.0.push(Reference { kind, name, key, path });
        }
    }

    fn items(
        &mut self,
        (kind, name): (Kind, Option<&'p str>),
        optional: Option<bool>,
        items: Option<&'p Vec<KeyToPath>>,
        (path, field): (&FieldPath, &'static str),
    ) {
        self.object((kind, name), optional, None, path.clone().field(field));
        for (place, item) in items.into_iter().flatten().enumerate() {
            let path = path.clone().field("items").index(place).field("key");
            self.object((kind, name), optional, Some(&item.key), path);
        }
    }
}

/// The objects that a pod names and cannot do without.
pub(crate) fn references(spec: &PodSpec) -> Vec<Reference<'_>> {
    let root = FieldPath::of(&["spec", "template", "spec"]);
    let mut list = List::default();
    let of_pod = [
        (Kind::ServiceAccount, &spec.service_account_name, "serviceAccountName"),
        (Kind::PriorityClass, &spec.priority_class_name, "priorityClassName"),
        (Kind::RuntimeClass, &spec.runtime_class_name, "runtimeClassName"),
    ];
    for (kind, name, field) in of_pod {
        list.object((kind, name.as_deref()), None, None, root.clone().field(field));
    }
    let init = spec.init_containers.iter().flatten().enumerate().map(|one| ("initContainers", one));
    for (field, (place, one)) in init.chain(spec.containers.iter().enumerate().map(|one| ("containers", one)))
    {
        container(one, &root.clone().field(field).index(place), &mut list);
    }
    for (place, one) in spec.volumes.iter().flatten().enumerate() {
        volume(one, &root.clone().field("volumes").index(place), &mut list);
    }
    list.0
}

fn container<'p>(container: &'p Container, path: &FieldPath, list: &mut List<'p>) {
    for (place, source) in container.env_from.iter().flatten().enumerate() {
        let path = path.clone().field("envFrom").index(place);
        if let Some(found) = &source.config_map_ref {
            let path = path.clone().field("configMapRef").field("name");
            list.object((Kind::ConfigMap, Some(found.name.as_str())), found.optional, None, path);
        }
        if let Some(found) = &source.secret_ref {
            let path = path.clone().field("secretRef").field("name");
            list.object((Kind::Secret, Some(found.name.as_str())), found.optional, None, path);
        }
    }
    for (place, variable) in container.env.iter().flatten().enumerate() {
        let Some(source) = &variable.value_from else { continue };
        let path = path.clone().field("env").index(place).field("valueFrom");
        if let Some(found) = &source.config_map_key_ref {
            let path = path.clone().field("configMapKeyRef");
            let object = (Kind::ConfigMap, Some(found.name.as_str()));
            list.object(object, found.optional, None, path.clone().field("name"));
            list.object(object, found.optional, Some(&found.key), path.field("key"));
        }
        if let Some(found) = &source.secret_key_ref {
            let path = path.clone().field("secretKeyRef");
            let object = (Kind::Secret, Some(found.name.as_str()));
            list.object(object, found.optional, None, path.clone().field("name"));
            list.object(object, found.optional, Some(&found.key), path.field("key"));
        }
    }
}

fn volume<'p>(volume: &'p Volume, path: &FieldPath, list: &mut List<'p>) {
    if let Some(found) = &volume.config_map {
        let object = (Kind::ConfigMap, Some(found.name.as_str()));
        let path = path.clone().field("configMap");
        list.items(object, found.optional, found.items.as_ref(), (&path, "name"));
    }
    if let Some(found) = &volume.secret {
        let object = (Kind::Secret, found.secret_name.as_deref());
        let path = path.clone().field("secret");
        list.items(object, found.optional, found.items.as_ref(), (&path, "secretName"));
    }
    if let Some(found) = &volume.persistent_volume_claim {
        let path = path.clone().field("persistentVolumeClaim").field("claimName");
        list.object((Kind::PersistentVolumeClaim, Some(found.claim_name.as_str())), None, None, path);
    }
    let sources = volume.projected.iter().flat_map(|projected| projected.sources.iter().flatten());
    for (place, source) in sources.enumerate() {
        let path = path.clone().field("projected").field("sources").index(place);
        if let Some(found) = &source.config_map {
            let object = (Kind::ConfigMap, Some(found.name.as_str()));
            let path = path.clone().field("configMap");
            list.items(object, found.optional, found.items.as_ref(), (&path, "name"));
        }
        if let Some(found) = &source.secret {
            let object = (Kind::Secret, Some(found.name.as_str()));
            let path = path.clone().field("secret");
            list.items(object, found.optional, found.items.as_ref(), (&path, "name"));
        }
    }
}
