//! `dnsPolicy` and `dnsConfig`.

use k8s_openapi::api::core::v1::PodDNSConfig;

use crate::apiserver::content::{is_dns1123_subdomain_with_underscore, is_valid_ip_for_legacy_field, report};
use crate::apiserver::context::Context;
use crate::apiserver::error::{BadValue, Errors};
use crate::gates::Gate;
use crate::path::Path;

/// Upstream: `core/validation.MaxDNSNameservers`.
const MAX_DNS_NAMESERVERS: usize = 3;
/// Upstream: `core/validation.MaxDNSSearchPaths`.
const MAX_DNS_SEARCH_PATHS: usize = 32;
/// Upstream: `core/validation.MaxDNSSearchListChars`.
const MAX_DNS_SEARCH_LIST_CHARS: usize = 2048;

/// `dnsPolicy` is one of four values.
///
/// Upstream: `core/validation.validateDNSPolicy`.
pub(super) fn validate_dns_policy(policy: &str, path: &Path<'_>, errors: &mut Errors) {
    let supported = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    if policy.is_empty() {
        errors.required(path, "");
    } else if !supported.contains(&policy) {
        errors.not_supported(path, policy, &supported);
    }
}

/// Nameservers, search domains and options are valid, and there are not too many of them. The policy `None` requires at least one
/// nameserver.
///
/// Upstream: `core/validation.validatePodDNSConfig`.
pub(super) fn validate_pod_dns_config(
    config: Option<&PodDNSConfig>,
    policy: &str,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let Some(config) = config else {
        if policy == "None" {
            errors.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
        }
        return;
    };
    let nameservers = config.nameservers.as_deref().unwrap_or_default();
    let nameservers_path = path.field("nameservers");
    if policy == "None" && nameservers.is_empty() {
        let detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
        errors.required(&nameservers_path, detail);
        return;
    }
    if nameservers.len() > MAX_DNS_NAMESERVERS {
        let detail = format!("must not have more than {MAX_DNS_NAMESERVERS} nameservers");
        errors.invalid(&nameservers_path, BadValue::Omitted, detail);
    }
    let strict = cx.enabled(Gate::StrictIPCIDRValidation);
    for (index, server) in nameservers.iter().enumerate() {
        let path = nameservers_path.index(index);
        report(is_valid_ip_for_legacy_field(server, strict), server, &path, errors);
    }
    let searches = config.searches.as_deref().unwrap_or_default();
    validate_searches(searches, &path.field("searches"), errors);
    let options = path.field("options");
    for (index, option) in config.options.iter().flatten().enumerate() {
        if option.name.as_deref().unwrap_or_default().is_empty() {
            errors.required(&options.index(index), "must not be empty");
        }
    }
}

/// Search domains are DNS subdomains. The root domain `.` alone is allowed, and so is a trailing dot.
fn validate_searches(searches: &[String], path: &Path<'_>, errors: &mut Errors) {
    if searches.len() > MAX_DNS_SEARCH_PATHS {
        let detail = format!("must not have more than {MAX_DNS_SEARCH_PATHS} search paths");
        errors.invalid(path, BadValue::Omitted, detail);
    }
    // The domains are joined with spaces, which count as well.
    let joined = searches
        .iter()
        .fold(0_usize, |sum, search| sum.saturating_add(search.len()).saturating_add(1))
        .saturating_sub(1);
    if joined > MAX_DNS_SEARCH_LIST_CHARS {
        let detail = format!(
            "must not have more than {MAX_DNS_SEARCH_LIST_CHARS} characters (including spaces) in the search list"
        );
        errors.invalid(path, BadValue::Omitted, detail);
    }
    for (index, search) in searches.iter().enumerate() {
        if search != "." {
            let search = search.strip_suffix('.').unwrap_or(search);
            report(is_dns1123_subdomain_with_underscore(search), search, &path.index(index), errors);
        }
    }
}
