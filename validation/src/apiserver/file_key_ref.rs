//! Volumes that `fileKeyRef` refers to.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PodSpec, Volume};

use crate::apiserver::container_visit::visit_containers_with_path;
use crate::apiserver::error::Errors;
use crate::path::Path;

/// A `fileKeyRef` refers to an `emptyDir` volume of the pod.
///
/// Upstream: `core/validation.validateFileKeyRefVolumes`.
pub(super) fn validate_file_key_ref_volumes(spec: &PodSpec, path: &Path<'_>, errors: &mut Errors) {
    // If several volumes have the same name, the last one counts. Few pods use `fileKeyRef`, so the map is only built on demand.
    let by_name = || spec.volumes.iter().flatten().map(|volume| (volume.name.as_str(), volume)).collect();
    let mut volumes: Option<BTreeMap<&str, &Volume>> = None;
    visit_containers_with_path(spec, path, |container, path| {
        let env = path.field("env");
        for (index, variable) in container.env.iter().enumerate() {
            let Some(file) = variable.value_from.as_ref().and_then(|source| source.file_key_ref.as_ref())
            else {
                continue;
            };
            let path = env.index(index);
            let path = path.field("valueFrom.fileKeyRef.volumeName");
            match volumes.get_or_insert_with(by_name).get(file.volume_name.as_str()) {
                None => errors.not_found(&path, &file.volume_name),
                Some(volume) if volume.empty_dir.is_none() => {
                    errors.invalid(&path, &file.volume_name, "referenced volume must be of type emptyDir");
                }
                Some(_) => {}
            }
        }
    });
}
