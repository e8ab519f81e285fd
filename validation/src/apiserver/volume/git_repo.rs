//! `gitRepo` volumes.

use k8s_openapi::api::core::v1::GitRepoVolumeSource;

use super::required::required;
use crate::apiserver::content::{local_descending_path, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// A `gitRepo` volume has a repository. The directory is a relative path without `..`.
///
/// Upstream: `core/validation.validateGitRepoVolumeSource`.
pub(super) fn validate_git_repo_volume_source(
    source: &GitRepoVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    required(&source.repository, &path.field("repository"), errors);
    let directory = source.directory.as_deref().unwrap_or_default();
    report(local_descending_path(directory), directory, &path.field("directory"), errors);
}
