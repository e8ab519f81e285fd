//! IP addresses, parsed as leniently as the server parses them.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::message::Messages;
use super::quote;
use crate::path::Path;

/// A parsed IP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SloppyIp {
    /// The address. An IPv4-mapped IPv6 address stays IPv6.
    pub(crate) address: IpAddr,
    /// Whether a number has more leading zeros than Go's strict parser accepts.
    pub(crate) leading_zeros: bool,
}

impl SloppyIp {
    /// Whether the address is an IPv4-mapped IPv6 address.
    fn is_mapped(&self) -> bool {
        matches!(self.address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some())
    }

    /// The address in canonical form.
    fn canonical(&self) -> IpAddr {
        match self.address {
            IpAddr::V6(address) => address.to_ipv4_mapped().map_or(self.address, IpAddr::V4),
            IpAddr::V4(_) => self.address,
        }
    }
}

/// Parses an address. Unlike Go's current parser it accepts leading zeros.
///
/// Upstream: `k8s.io/utils/net.ParseIPSloppy`, `net/netip.ParseAddr`.
pub(crate) fn parse_ip_sloppy(text: &str) -> Option<SloppyIp> {
    match text.bytes().find(|byte| matches!(byte, b'.' | b':'))? {
        b'.' => {
            let (octets, leading_zeros) = parse_ipv4(text)?;
            Some(SloppyIp { address: IpAddr::V4(Ipv4Addr::from(octets)), leading_zeros })
        }
        _ => parse_ipv6(text),
    }
}

/// Parses four decimal numbers below 256, separated by dots. The flag tells whether one of them has a leading zero.
fn parse_ipv4(text: &str) -> Option<([u8; 4], bool)> {
    let mut octets = [0_u8; 4];
    let mut leading_zeros = false;
    let mut parts = text.split('.');
    for octet in &mut octets {
        let digits = parts.next()?;
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        leading_zeros |= digits.len() > 1 && digits.starts_with('0');
        *octet = digits.parse().ok()?;
    }
    parts.next().is_none().then_some((octets, leading_zeros))
}

/// Parses hexadecimal groups separated by colons, with at most one `::` and an optional IPv4 address at the end.
fn parse_ipv6(text: &str) -> Option<SloppyIp> {
    let mut groups: Vec<u16> = Vec::with_capacity(8);
    let mut leading_zeros = false;
    let mut gap = None;
    let mut rest = text;
    if let Some(tail) = rest.strip_prefix("::") {
        gap = Some(0);
        rest = tail;
    }
    while groups.len() < 8 && !(rest.is_empty() && gap == Some(groups.len())) {
        let end = rest.find(|character: char| !character.is_ascii_hexdigit()).unwrap_or(rest.len());
        let (digits, tail) = rest.split_at_checked(end)?;
        if tail.starts_with('.') {
            let in_place = if gap.is_none() { groups.len() == 6 } else { groups.len() <= 6 };
            let (octets, zeros) = if in_place { parse_ipv4(rest)? } else { return None };
            let [a, b, c, d] = octets;
            groups.extend([u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]);
            leading_zeros |= zeros;
            rest = "";
            break;
        }
        leading_zeros |= digits.len() > 4;
        groups.push(u16::from_str_radix(digits, 16).ok()?);
        if tail.is_empty() {
            rest = tail;
            break;
        }
        rest = tail.strip_prefix(':').filter(|after| !after.is_empty())?;
        if let Some(after) = rest.strip_prefix(':') {
            if gap.is_some() {
                return None;
            }
            gap = Some(groups.len());
            rest = after;
        }
    }
    if !rest.is_empty() {
        return None;
    }
    match gap {
        Some(_) if groups.len() == 8 => return None,
        Some(place) => {
            let missing = 8_usize.saturating_sub(groups.len());
            groups.splice(place..place, std::iter::repeat_n(0, missing));
        }
        None => {}
    }
    let groups: [u16; 8] = groups.try_into().ok()?;
    Some(SloppyIp { address: IpAddr::V6(Ipv6Addr::from(groups)), leading_zeros })
}

/// A field that existed before the strict rules accepts any valid address. If `strict`, leading zeros and IPv4-mapped IPv6
/// addresses are rejected.
///
/// Upstream: `apimachinery/util/validation.IsValidIPForLegacyField`, `apimachinery/util/validation.parseIP`,
/// `core/validation.IsValidIPForLegacyField`.
pub(crate) fn is_valid_ip_for_legacy_field(value: &str, strict: bool) -> Messages {
    let Some(ip) = parse_ip_sloppy(value) else {
        return vec!["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)".into()];
    };
    match () {
        () if !strict => Messages::new(),
        () if ip.leading_zeros => vec!["must not have leading 0s".into()],
        () if ip.is_mapped() => vec!["must not be an IPv4-mapped IPv6 address".into()],
        () => Messages::new(),
    }
}

/// The server's warning about a valid address that is not in canonical form. `invalid_already` tells whether this minor rejects
/// non-standard addresses on create; earlier minors only announce it.
///
/// Upstream: `apimachinery/util/validation.GetWarningsForIP`.
pub(crate) fn get_warnings_for_ip(path: &Path<'_>, value: &str, invalid_already: bool) -> Option<String> {
    let ip = parse_ip_sloppy(value)?;
    let sentence = if ip.leading_zeros || ip.is_mapped() {
        let verdict = if invalid_already {
            "is invalid"
        } else {
            "will be considered invalid in a future Kubernetes release"
        };
        let canonical = ip.canonical();
        format!("non-standard IP address {} {verdict}: use \"{canonical}\"", quote(value))
    } else {
        let canonical = ip.address.to_string();
        if ip.address.is_ipv4() || canonical == value {
            return None;
        }
        format!("IPv6 address {} should be in RFC 5952 canonical format (\"{canonical}\")", quote(value))
    };
    Some(format!("{}: {sentence}", path.to_field_path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lenient_parser() {
        for (text, canonical) in [
            ("127.0.0.1", "127.0.0.1"),
            ("127.010.020.0030", "127.10.20.30"),
            ("::", "::"),
            ("::1", "::1"),
            ("1::", "1::"),
            ("FE80:0:0:0:0:0:0:0abc", "fe80::abc"),
            ("0:0:0:0:000000:ffff:127.1.2.3", "127.1.2.3"),
            ("::ffff:7f01:0203", "127.1.2.3"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            ("::1.2.3.4", "::102:304"),
            ("1::2:0:0:3", "1::2:0:0:3"),
        ] {
            let parsed = parse_ip_sloppy(text).map(|ip| ip.canonical().to_string());
            assert_eq!(parsed.as_deref(), Some(canonical), "{text}");
        }
        for text in [
            "",
            "a",
            "1.2.3",
            "1.2.3.4.",
            "1..3.4",
            "256.1.1.1",
            "-1.2.3.4",
            "1.2.3.4.5",
            ":",
            ":1",
            "1:",
            ":::",
            "1::2::3",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:8::",
            "1:2:3:4::5:6:7:8",
            "12345::",
            "fe80::1%lo0",
            "1:2:3:4:5:1.2.3.4",
            "::1.2.3.4:5",
            "::+1",
            "1:2:3:4:5:6:7",
        ] {
            assert_eq!(parse_ip_sloppy(text), None, "{text}");
        }
    }

    #[test]
    fn the_strict_rule() {
        for (text, detail) in [
            ("010.0.0.1", "must not have leading 0s"),
            ("00001::", "must not have leading 0s"),
            ("::ffff:01.2.3.4", "must not have leading 0s"),
            ("::ffff:1.2.3.4", "must not be an IPv4-mapped IPv6 address"),
        ] {
            assert_eq!(is_valid_ip_for_legacy_field(text, true), [detail], "{text}");
            assert!(is_valid_ip_for_legacy_field(text, false).is_empty(), "{text}");
        }
        assert!(is_valid_ip_for_legacy_field("FE80::0abc", true).is_empty());
    }
}
