//! The defaults of downward API files.

use k8s_openapi::api::core::v1::DownwardAPIVolumeFile;

use super::fill::text_or;

/// A field of the pod is read in version `v1` unless another is named.
///
/// Upstream: `core/v1.SetDefaults_ObjectFieldSelector`.
pub(super) fn set_downward_api_files(files: Option<&mut Vec<DownwardAPIVolumeFile>>) {
    for field in files.into_iter().flatten().filter_map(|file| file.field_ref.as_mut()) {
        text_or(&mut field.api_version, "v1");
    }
}
