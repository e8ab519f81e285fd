//! Defaults of downward API files.

use k8s_openapi::api::core::v1::DownwardAPIVolumeFile;

use super::fill::text_or;

/// The default of `fieldRef.apiVersion` is `v1`.
///
/// Upstream: `core/v1.SetDefaults_ObjectFieldSelector`.
pub(super) fn set_downward_api_files(files: Option<&mut Vec<DownwardAPIVolumeFile>>) {
    for field in files.into_iter().flatten().filter_map(|file| file.field_ref.as_mut()) {
        text_or(&mut field.api_version, "v1");
    }
}
