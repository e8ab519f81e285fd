//! Cluster trust bundles in projected volumes.

use k8s_openapi::api::core::v1::ClusterTrustBundleProjection;

use super::file::validate_user_field;
use super::required::required;
use crate::apiserver::content::{
    Messages, local_non_reserved_path, name_is_dns_subdomain, report, validate_signer_name,
};
use crate::apiserver::error::{BadValue, Errors, Origin};
use crate::apiserver::label_selector::validate_label_selector;
use crate::path::Path;

/// A bundle is selected either by name or by signer name, and has a file path.
///
/// Upstream: `core/validation.validateProjectionSources`.
pub(super) fn validate_cluster_trust_bundle(
    bundle: &ClusterTrustBundleProjection,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    match (bundle.name.as_deref(), bundle.signer_name.as_deref()) {
        (Some(_), Some(_)) => {
            errors.invalid(path, BadValue::Omitted, "only one of name and signerName may be used");
        }
        (Some(name), None) => {
            validate_name(name, &path.field("name"), errors);
            if bundle.label_selector.is_some() {
                let detail = "labelSelector must be unset if name is specified";
                errors.invalid(&path.field("labelSelector"), BadValue::Omitted, detail);
            }
        }
        (None, Some(signer)) => {
            let signer_path = path.field("signerName");
            if signer.is_empty() {
                errors.required(&signer_path, "must be a valid signer name");
            }
            validate_signer_name(signer, &signer_path, errors);
            let selector = bundle.label_selector.as_ref();
            validate_label_selector(selector, false, &path.field("labelSelector"), errors);
        }
        (None, None) => errors.required(path, "either name or signerName must be specified"),
    }
    let file_path = path.field("path");
    required(&bundle.path, &file_path, errors);
    validate_user_field(bundle.user, &path.field("user"), errors);
    report(local_non_reserved_path(&bundle.path), &bundle.path, &file_path, errors);
}

/// Checks the name of a bundle, which may start with its signer.
fn validate_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    if name.is_empty() {
        errors.required(path, "must be a valid object name");
    }
    for message in validate_cluster_trust_bundle_name(name) {
        let origin = message.format.filter(|_| !name.contains(':')).map(Origin::Format);
        errors.invalid_by(origin, path, name, format!("not a valid clustertrustbundlename: {message}"));
    }
}

/// The name is a DNS subdomain. If it belongs to a signer, it starts with the signer name, with colons in place of slashes, and a
/// colon.
///
/// Upstream: `core/validation.ValidateClusterTrustBundleName`,
/// `core/validation.extractSignerNameFromClusterTrustBundleName`.
fn validate_cluster_trust_bundle_name(name: &str) -> Messages {
    let Some((signer, rest)) = name.rsplit_once(':') else { return name_is_dns_subdomain(name, false) };
    if signer.is_empty() {
        return vec!["ClusterTrustBundle without signer name must not have \":\" in its name".into()];
    }
    // The signer name comes from the bundle name, with slashes in place of colons. The way back only differs if the name already
    // had a slash.
    if signer.contains('/') {
        let (slashes, colons) = (signer.replace(':', "/"), signer.replace('/', ":"));
        let message =
            format!("ClusterTrustBundle for signerName {slashes} must be named with prefix {colons}:");
        return vec![message.into()];
    }
    name_is_dns_subdomain(rest, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_and_without_signer() {
        let count = |name: &str| validate_cluster_trust_bundle_name(name).len();
        assert_eq!(count("my-bundle"), 0);
        assert_eq!(count("example.com:signer:my-bundle"), 0);
        assert_eq!(count("example.com:signer:"), 1);
        assert_eq!(
            validate_cluster_trust_bundle_name(":a"),
            ["ClusterTrustBundle without signer name must not have \":\" in its name"]
        );
        assert_eq!(
            validate_cluster_trust_bundle_name("a:b/c:d"),
            ["ClusterTrustBundle for signerName a/b/c must be named with prefix a:b:c:"]
        );
    }
}
