//! The versions of the Pod Security Standards.

use std::fmt;

/// A version of the Pod Security Standards.
///
/// Upstream: `pod-security-admission/api.Version`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PodSecurityVersion {
    /// The newest that the server knows.
    #[default]
    Latest,
    /// That of the minor of Kubernetes 1 with this number; the newest where the server does not know it.
    Minor(u64),
}

impl PodSecurityVersion {
    /// Reads `latest` or `v1.N`, with N in decimal and without leading zeros; `None` for everything else.
    ///
    /// Upstream: `pod-security-admission/api.ParseVersion`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "latest" {
            return Some(Self::Latest);
        }
        let number = text.strip_prefix("v1.")?;
        let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
        if !is_plain || (number.starts_with('0') && number != "0") {
            return None;
        }
        // The server reads the number into a signed one.
        number.parse::<i64>().ok().and_then(|number| u64::try_from(number).ok()).map(Self::Minor)
    }
}

impl fmt::Display for PodSecurityVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Minor(number) => write!(f, "v1.{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_server_reads() {
        let largest = i64::MAX.unsigned_abs();
        for (text, expected) in [
            ("latest", Some(PodSecurityVersion::Latest)),
            ("v1.0", Some(PodSecurityVersion::Minor(0))),
            ("v1.30", Some(PodSecurityVersion::Minor(30))),
            ("v1.9223372036854775807", Some(PodSecurityVersion::Minor(largest))),
            ("v1.9223372036854775808", None),
            ("v1.030", None),
            ("v1.00", None),
            ("v1.", None),
            ("v1.-1", None),
            ("v1.+1", None),
            ("v1.3 ", None),
            ("v2.3", None),
            ("1.30", None),
            ("Latest", None),
            ("", None),
        ] {
            assert_eq!(PodSecurityVersion::parse(text), expected, "{text:?}");
            if let Some(version) = expected {
                assert_eq!(version.to_string(), text);
            }
        }
    }
}
