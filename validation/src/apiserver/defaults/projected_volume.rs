//! Defaults of projected volumes.

use k8s_openapi::api::core::v1::ProjectedVolumeSource;

use super::downward_api::set_downward_api_files;

/// The default of `expirationSeconds`.
const TOKEN_EXPIRATION_SECONDS: i64 = 3600;

/// Sets the defaults of the sources.
///
/// Upstream: `core/v1.SetDefaults_ProjectedVolumeSource`, `core/v1.SetDefaults_ServiceAccountTokenProjection`.
pub(super) fn set_projected_volume_source(projected: &mut ProjectedVolumeSource) {
    for source in projected.sources.iter_mut().flatten() {
        if let Some(downward) = &mut source.downward_api {
            set_downward_api_files(downward.items.as_mut());
        }
        if let Some(token) = &mut source.service_account_token {
            token.expiration_seconds.get_or_insert(TOKEN_EXPIRATION_SECONDS);
        }
    }
}
