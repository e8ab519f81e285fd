//! Names of environment variables, ConfigMap and Secret keys, HTTP headers and sysctls.

use super::dns::DNS1123_SUBDOMAIN_MAX_LENGTH;
use super::message::{Message, Messages, max_len_error, regex_error};

const ENV_VAR_NAME_ERROR: &str = regex_error!(
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
    "[-._a-zA-Z][-._a-zA-Z0-9]*",
    "my.env-name",
    "MY_ENV.NAME",
    "MyEnvName1"
);
const CONFIG_MAP_KEY_ERROR: &str = regex_error!(
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    "[-._a-zA-Z0-9]+",
    "key.name",
    "KEY_NAME",
    "key-name"
);
const HTTP_HEADER_NAME_ERROR: &str = regex_error!(
    "a valid HTTP header must consist of alphanumeric characters or '-'",
    "[-A-Za-z0-9]+",
    "X-Header-Name"
);

/// The maximum length of a sysctl name in bytes.
pub(crate) const SYSCTL_MAX_LENGTH: usize = 253;
/// The pattern of sysctl names, as the server prints it.
pub(crate) const SYSCTL_REGEX: &str =
    "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

/// A name must not be `.` or `..`, and must not start with `..`.
///
/// Upstream: `apimachinery/util/validation.hasChDirPrefix`.
fn has_ch_dir_prefix(value: &str) -> Option<Message> {
    match value {
        "." => Some("must not be '.'".into()),
        ".." => Some("must not be '..'".into()),
        _ if value.starts_with("..") => Some("must not start with '..'".into()),
        _ => None,
    }
}

/// An environment variable name consists of letters, digits, `_`, `-` and `.`, and does not start with a digit.
///
/// Upstream: `apimachinery/util/validation.IsEnvVarName`.
pub(crate) fn is_env_var_name(value: &str) -> Messages {
    let mut messages = Messages::new();
    let first_is_good = value.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if !first_is_good || !value.bytes().all(is_word) {
        messages.push(ENV_VAR_NAME_ERROR.into());
    }
    messages.extend(has_ch_dir_prefix(value));
    messages
}

/// The relaxed rule for environment variable names: printable ASCII characters except `=`.
///
/// Upstream: `apimachinery/util/validation.IsRelaxedEnvVarName`, `apimachinery/util/validation.EmptyError`.
pub(crate) fn is_relaxed_env_var_name(value: &str) -> Messages {
    let mut messages = Messages::new();
    if value.is_empty() {
        messages.push("environment variable name must be non-empty".into());
    }
    if !value.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'=') {
        messages.push("a valid environment variable name must consist only of printable ASCII characters other than '='".into());
    }
    messages
}

/// A ConfigMap or Secret key has at most 253 letters, digits, `-`, `_` and `.`, and is not a relative path upwards.
///
/// Upstream: `apimachinery/util/validation.IsConfigMapKey`.
pub(crate) fn is_config_map_key(value: &str) -> Messages {
    let mut messages = Messages::new();
    if value.len() > DNS1123_SUBDOMAIN_MAX_LENGTH {
        messages.push(max_len_error(DNS1123_SUBDOMAIN_MAX_LENGTH));
    }
    if value.is_empty() || !value.bytes().all(is_word) {
        messages.push(CONFIG_MAP_KEY_ERROR.into());
    }
    messages.extend(has_ch_dir_prefix(value));
    messages
}

/// An HTTP header name consists of letters, digits and `-`.
///
/// Upstream: `apimachinery/util/validation.IsHTTPHeaderName`.
pub(crate) fn is_http_header_name(value: &str) -> Messages {
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Messages::new();
    }
    vec![HTTP_HEADER_NAME_ERROR.into()]
}

/// A sysctl name is a list of segments separated by `.` or `/`, at most 253 bytes long.
///
/// Upstream: `core/validation.IsValidSysctlName`.
pub(crate) fn is_valid_sysctl_name(name: &str) -> bool {
    let outer = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_segment = |segment: &str| {
        segment.bytes().next().is_some_and(outer)
            && segment.bytes().next_back().is_some_and(outer)
            && segment.bytes().all(|byte| outer(byte) || matches!(byte, b'-' | b'_'))
    };
    name.len() <= SYSCTL_MAX_LENGTH && name.split(['.', '/']).all(is_segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment() {
        for good in ["a", ".a", "-", "_", "A.b-c_9", "."] {
            assert_eq!(is_env_var_name(good).is_empty(), good != ".", "{good}");
        }
        assert_eq!(is_env_var_name("1a"), [ENV_VAR_NAME_ERROR]);
        assert_eq!(is_env_var_name(""), [ENV_VAR_NAME_ERROR]);
        assert_eq!(is_env_var_name("..a b").len(), 2);
        assert!(is_relaxed_env_var_name("1 a~").is_empty());
        for bad in ["", "a=b", "é", "a\tb", "\u{7f}"] {
            assert_eq!(is_relaxed_env_var_name(bad).len(), 1, "{bad}");
        }
    }

    #[test]
    fn keys() {
        assert!(is_config_map_key("a.b_C-9").is_empty());
        assert_eq!(is_config_map_key(".."), ["must not be '..'"]);
        assert_eq!(is_config_map_key(&"/".repeat(254)).len(), 2);
        assert_eq!(is_http_header_name("X_Y").len(), 1);
    }

    #[test]
    fn kernel_parameters() {
        for good in ["a", "net.ipv4.tcp_x", "a/b.c-d", "0"] {
            assert!(is_valid_sysctl_name(good), "{good}");
        }
        for bad in ["", ".a", "a.", "a..b", "a_.b", "A", "a/-b"] {
            assert!(!is_valid_sysctl_name(bad), "{bad}");
        }
    }
}
