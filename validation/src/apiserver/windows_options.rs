//! Windows options: gMSA credential specs, user names and HostProcess containers.

use k8s_openapi::api::core::v1::{PodSpec, WindowsSecurityContextOptions};

use crate::apiserver::container_visit::visit_containers_with_path;
use crate::apiserver::content::{is_dns1123_subdomain, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// The maximum length of a credential spec in bytes.
const CREDENTIAL_SPEC_MAX_LENGTH: usize = 64 * 1024;
/// A domain name must be shorter than this, in bytes.
const DOMAIN_LENGTH_LIMIT: usize = 256;
/// The maximum length of a user name in bytes.
const USER_MAX_LENGTH: usize = 104;

/// The name of a credential spec is a DNS subdomain, its content is not empty and not too long, and the user name is valid on
/// Windows.
///
/// Upstream: `core/validation.validateWindowsSecurityContextOptions`.
pub(super) fn validate_windows_security_context_options(
    options: Option<&WindowsSecurityContextOptions>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let Some(options) = options else { return };
    if let Some(name) = &options.gmsa_credential_spec_name {
        report(is_dns1123_subdomain(name), name, &path.field("gmsaCredentialSpecName"), errors);
    }
    if let Some(text) = &options.gmsa_credential_spec {
        let text_path = path.field("gmsaCredentialSpec");
        if text.is_empty() {
            errors.invalid(&text_path, text, "gmsaCredentialSpec cannot be an empty string");
        } else if text.len() > CREDENTIAL_SPEC_MAX_LENGTH {
            errors.invalid(&text_path, text, "gmsaCredentialSpec size must be under 64 KiB");
        }
    }
    if let Some(name) = &options.run_as_user_name {
        validate_user_name(name, &path.field("runAsUserName"), errors);
    }
}

/// A user name is `user` or `domain\user`. The parts are checked only if the number of parts is valid.
fn validate_user_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    let mut say = |detail: &'static str| errors.invalid(path, name, detail);
    if name.is_empty() {
        return say("runAsUserName cannot be an empty string");
    }
    if name.bytes().any(|byte| byte.is_ascii_control()) {
        return say("runAsUserName cannot contain control characters");
    }
    let (domain, user) = match name.split_once('\\') {
        None => (None, name),
        Some((_, rest)) if rest.contains('\\') => {
            return say("runAsUserName cannot contain more than one backslash");
        }
        Some((domain, user)) => (Some(domain), user),
    };
    if let Some(domain) = domain {
        if domain.len() >= DOMAIN_LENGTH_LIMIT {
            say("runAsUserName's Domain length must be under 256 characters");
        }
        if !is_net_bios_domain(domain) && !is_dns_domain(domain) {
            say("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
        }
    }
    if user.is_empty() {
        say("runAsUserName's User cannot be empty");
    } else if user.len() > USER_MAX_LENGTH {
        say("runAsUserName's User length must not be longer than 104 characters");
    }
    if !user.is_empty() && user.bytes().all(|byte| matches!(byte, b'.' | b' ')) {
        say("runAsUserName's User cannot contain only periods or spaces");
    }
    if user.contains(['"', '/', '\\', ':', ';', '|', '=', ',', '+', '*', '?', '<', '>', '@', '[', ']']) {
        say(r#"runAsUserName's User cannot contain the following characters: "/\:;|=,+*?<>@[]"#);
    }
}

/// A NetBIOS domain has 1 to 15 characters, no leading dot, and none of the characters that Windows reserves.
///
/// Upstream: `core/validation.validNetBiosRegex`.
fn is_net_bios_domain(domain: &str) -> bool {
    let forbidden = ['\\', '/', ':', '*', '?', '"', '<', '>', '|'];
    (1..=15).contains(&domain.chars().take(16).count())
        && !domain.starts_with('.')
        && !domain.contains(forbidden)
}

/// A DNS domain is a dot-separated list of labels with up to 63 letters of either case, digits and dashes.
///
/// Upstream: `core/validation.validWindowsUserDomainDNSRegex`.
fn is_dns_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

/// Either all containers are HostProcess containers or none is. They require `hostNetwork: true`, and the settings of pod and
/// containers must agree.
///
/// Upstream: `core/validation.validateWindowsHostProcessPod`.
pub(super) fn validate_windows_host_process_pod(spec: &PodSpec, path: &Path<'_>, errors: &mut Errors) {
    let pod_context = spec.security_context.as_ref();
    let pod_choice = pod_context
        .and_then(|context| context.windows_options.as_ref())
        .and_then(|options| options.host_process);
    let (mut all, mut some) = (true, false);
    visit_containers_with_path(spec, path, |container, path| {
        let options = container.security_context.and_then(|context| context.windows_options.as_ref());
        let choice = options.and_then(|options| options.host_process);
        if let (Some(pod), Some(own)) = (pod_choice, choice)
            && pod != own
        {
            let path = path.field("securityContext.windowsOptions.hostProcess");
            let detail = format!("pod hostProcess value must be identical if both are specified, was {pod}");
            errors.invalid(&path, own, detail);
        }
        let is_host_process = choice.or(pod_choice).unwrap_or(false);
        all &= is_host_process;
        some |= is_host_process;
    });
    if !some {
        return;
    }
    if !all {
        let detail =
            "If pod contains any hostProcess containers then all containers must be HostProcess containers";
        errors.invalid(path, "", detail);
    }
    if !spec.host_network.unwrap_or(false) {
        let detail = "hostNetwork must be true if pod contains any hostProcess containers";
        errors.invalid(&path.field("hostNetwork"), false, detail);
    }
}

#[cfg(test)]
mod tests {
    use super::validate_user_name;
    use crate::apiserver::error::Errors;
    use crate::path::Path;

    #[test]
    fn user_names() {
        let long = "x".repeat(105);
        for (name, complaints) in [
            ("user", 0),
            ("NT AUTHORITY\\SYSTEM", 0),
            ("a.b-c.example.com\\user", 0),
            ("", 1),
            ("tab\tbed", 1),
            ("a\\b\\c", 1),
            ("\\", 2),
            (".DOMAIN\\...", 2),
            ("sixteen-letters_\\u@ser", 2),
            (long.as_str(), 1),
        ] {
            let mut errors = Errors::new();
            validate_user_name(name, &Path::root("runAsUserName"), &mut errors);
            assert_eq!(errors.len(), complaints, "{name}");
        }
    }
}
