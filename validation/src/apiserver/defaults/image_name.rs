//! Image names, as far as the default of the pull policy depends on them.
//!
//! Upstream: `github.com/distribution/reference`.

/// Whether the image name is valid and has the tag `latest`, or neither a tag nor a digest.
///
/// Upstream: `util/parsers.ParseImageName`.
pub(super) fn is_latest(image: &str) -> bool {
    tag(image).is_some_and(|tag| tag == "latest")
}

/// The tag of a valid image name: `latest` if it has neither tag nor digest, and empty if it only has a digest. `None` for an
/// invalid name.
fn tag(image: &str) -> Option<&str> {
    // Names are ASCII, and 64 hexadecimal digits are an image ID.
    if !image.is_ascii() || is_lower_hex(image, 64) {
        return None;
    }
    let (domain, remainder) = split_domain(image);
    let repository = remainder.split(':').next().unwrap_or_default();
    if repository.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }

    let (named, digest) = match remainder.split_once('@') {
        Some((named, digest)) => (named, Some(digest)),
        None => (remainder, None),
    };
    if digest.is_some_and(|digest| !is_digest(digest)) {
        return None;
    }
    // A colon starts a tag only after the last slash.
    let last = named.rfind('/').map_or(0, |slash| slash.saturating_add(1));
    let (path, tag) = match named.get(last..).and_then(|component| component.split_once(':')) {
        Some((component, tag)) => (named.get(..last.saturating_add(component.len()))?, Some(tag)),
        None => (named, None),
    };
    if tag.is_some_and(|tag| !is_tag(tag)) || !is_repository(domain, path) {
        return None;
    }
    Some(match (tag, digest) {
        (Some(tag), _) => tag,
        (None, Some(_)) => "",
        (None, None) => "latest",
    })
}

/// Splits off the registry host, if the name starts with one.
///
/// Upstream: `reference.splitDockerDomain`.
fn split_domain(image: &str) -> (Option<&str>, &str) {
    match image.split_once('/') {
        Some((first, rest))
            if first == "localhost"
                || first.bytes().any(|byte| matches!(byte, b'.' | b':') || byte.is_ascii_uppercase()) =>
        {
            (Some(first), rest)
        }
        _ => (None, image),
    }
}

/// Whether host and path are a repository of at most 255 characters.
fn is_repository(domain: Option<&str>, path: &str) -> bool {
    if !path.split('/').all(is_path_component) {
        return false;
    }
    let is_docker_hub = matches!(domain, None | Some("docker.io" | "index.docker.io"));
    let length = if is_docker_hub && !path.contains('/') {
        path.len().saturating_add("library/".len())
    } else {
        path.len()
    };
    match domain {
        None => length <= 255,
        Some(domain) if is_domain_and_port(domain) => length <= 255,
        // The first part may be part of the path if it is not a host.
        Some(first) => {
            is_path_component(first) && length.saturating_add(first.len()).saturating_add(1) <= 255
        }
    }
}

fn is_domain_and_port(text: &str) -> bool {
    let (host, port) = if let Some(bracketed) = text.strip_prefix('[') {
        let Some((address, rest)) = bracketed.split_once(']') else { return false };
        let in_address = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
        if address.is_empty() || !address.bytes().all(in_address) {
            return false;
        }
        (None, rest.strip_prefix(':').or(if rest.is_empty() { None } else { Some("") }))
    } else {
        match text.split_once(':') {
            Some((host, port)) => (Some(host), Some(port)),
            None => (Some(text), None),
        }
    };
    let port_fits =
        port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    port_fits && host.is_none_or(|host| host.split('.').all(is_domain_component))
}

fn is_domain_component(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Lowercase letters and digits, separated by a dot, one or two underscores, or any number of dashes.
fn is_path_component(text: &str) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_joint = |joint: &str| matches!(joint, "." | "_" | "__") || joint.bytes().all(|byte| byte == b'-');
    let ends = text.bytes().next().zip(text.bytes().next_back());
    ends.is_some_and(|(first, last)| is_alphanumeric(first) && is_alphanumeric(last))
        && text
            .split(|character: char| character.is_ascii_lowercase() || character.is_ascii_digit())
            .all(is_joint)
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(is_word)
        && text.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

/// Whether the text is a digest with one of the three supported algorithms.
fn is_digest(text: &str) -> bool {
    match text.split_once(':') {
        Some(("sha256", encoded)) => is_lower_hex(encoded, 64),
        Some(("sha384", encoded)) => is_lower_hex(encoded, 96),
        Some(("sha512", encoded)) => is_lower_hex(encoded, 128),
        _ => false,
    }
}

fn is_lower_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_decides_and_only_a_well_formed_name_has_one() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for (image, expected) in [
            ("nginx", Some("latest")),
            ("nginx:1.25", Some("1.25")),
            ("registry.example:5000/nginx", Some("latest")),
            ("registry.example:5000/team/nginx:1", Some("1")),
            ("[::1]:5000/nginx:1", Some("1")),
            ("[::1]x/nginx:1", None),
            ("Upper/nginx", Some("latest")),
            ("under_score.example/nginx", Some("latest")),
            ("nginX", None),
            ("nginx:", None),
            ("nginx:-1", None),
            ("a..b", None),
            ("a__b", Some("latest")),
            ("a___b", None),
            ("a---b", Some("latest")),
            ("a/", None),
            ("/a", None),
            ("", None),
            (&format!("nginx@{digest}"), Some("")),
            (&format!("nginx:latest@{digest}"), Some("latest")),
            ("nginx@sha256:0a", None),
            (&"0a".repeat(32), None),
        ] {
            assert_eq!(tag(image), expected, "{image}");
        }
    }
}
