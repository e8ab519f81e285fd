//! Host aliases.

use k8s_openapi::api::core::v1::HostAlias;

use crate::apiserver::content::{is_dns1123_subdomain, is_valid_ip_for_legacy_field, report};
use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::gates::Gate;
use crate::path::Path;

/// A host alias has an IP address and hostnames, which are DNS subdomains.
///
/// Upstream: `core/validation.ValidateHostAliases`.
pub(super) fn validate_host_aliases(
    host_aliases: &[HostAlias],
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let strict = cx.enabled(Gate::StrictIPCIDRValidation);
    for (index, alias) in host_aliases.iter().enumerate() {
        let path = path.index(index);
        report(is_valid_ip_for_legacy_field(&alias.ip, strict), &alias.ip, &path.field("ip"), errors);
        let hostnames = path.field("hostnames");
        for (index, hostname) in alias.hostnames.iter().flatten().enumerate() {
            report(is_dns1123_subdomain(hostname), hostname, &hostnames.index(index), errors);
        }
    }
}
