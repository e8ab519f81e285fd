//! Whether a certificate is for a host, as crypto/x509 of Go decides it: the API server is written in Go.

use std::net::IpAddr;

/// Whether one of `names` (DNS names and IP addresses of the subject alternative name) is for `host`.
///
/// Upstream: crypto/x509.Certificate.VerifyHostname.
pub(crate) fn covers(names: &[String], host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return names.iter().any(|name| name.parse::<IpAddr>() == Ok(address));
    }
    names.iter().any(|name| matches(name, host))
}

/// Whether a DNS name, in which the first label may be `*`, is for a host.
fn matches(pattern: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    // A star alone is for no host.
    if pattern.is_empty() || host.is_empty() || pattern == "*" {
        return false;
    }
    let (mut pattern, mut host) = (pattern.split('.'), host.split('.'));
    let first = match (pattern.next(), host.next()) {
        (Some("*"), Some(label)) => !label.is_empty(),
        (Some(pattern), Some(label)) => pattern.eq_ignore_ascii_case(label),
        _ => false,
    };
    let rest: (Vec<&str>, Vec<&str>) = (pattern.collect(), host.collect());
    first
        && rest.0.len() == rest.1.len()
        && rest.0.iter().zip(&rest.1).all(|(one, other)| one.eq_ignore_ascii_case(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_go() {
        for (names, host, wanted) in [
            (&["hook.apps.svc"][..], "hook.apps.svc", true),
            (&["Hook.APPS.svc"], "hook.apps.svc", true),
            (&["hook.apps.svc"], "hook.apps.svc.", true),
            (&["other", "hook.apps.svc"], "hook.apps.svc", true),
            (&["*.apps.svc"], "hook.apps.svc", true),
            (&["*.svc"], "hook.apps.svc", false),
            (&["*.*.svc"], "hook.apps.svc", false),
            (&["h*.apps.svc"], "hook.apps.svc", false),
            (&["hook.*.svc"], "hook.apps.svc", false),
            (&["*"], "hook.apps.svc", false),
            (&["*"], "hook", false),
            (&["hook.apps"], "hook.apps.svc", false),
            (&["hook.apps.svc.cluster.local"], "hook.apps.svc", false),
            (&[""], "hook.apps.svc", false),
            (&[], "hook.apps.svc", false),
            (&["127.0.0.1"], "127.0.0.1", true),
            (&["::1"], "0:0:0:0:0:0:0:1", true),
            (&["127.0.0.2"], "127.0.0.1", false),
        ] {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(covers(&names, host), wanted, "{names:?} for {host}");
        }
    }
}
