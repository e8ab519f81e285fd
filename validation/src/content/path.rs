//! File paths, and subscripted field paths.

use super::message::Messages;

/// A path on the node must not contain `..`.
///
/// Upstream: `core/validation.validatePathNoBacksteps`.
pub(crate) fn path_no_backsteps(target: &str) -> Messages {
    if target.split('/').any(|item| item == "..") {
        return vec!["must not contain '..'".into()];
    }
    Messages::new()
}

/// A path below a directory is relative and does not contain `..`.
///
/// Upstream: `core/validation.validateLocalDescendingPath`.
pub(crate) fn local_descending_path(target: &str) -> Messages {
    let mut messages = Messages::new();
    if target.starts_with('/') {
        messages.push("must be a relative path".into());
    }
    messages.extend(path_no_backsteps(target));
    messages
}

/// A path that the kubelet writes is also not allowed to start with `..`, because the kubelet uses such names itself.
///
/// Upstream: `core/validation.ValidateLocalNonReservedPath`.
pub(crate) fn local_non_reserved_path(target: &str) -> Messages {
    let mut messages = local_descending_path(target);
    if target.starts_with("..") && !target.starts_with("../") {
        messages.push("must not start with '..'".into());
    }
    messages
}

/// Splits `metadata.labels['a']` into the path and the key; `None` if there is no subscript.
///
/// Upstream: `fieldpath.SplitMaybeSubscriptedPath`.
pub(crate) fn split_maybe_subscripted_path(field_path: &str) -> Option<(&str, &str)> {
    let (path, subscript) = field_path.strip_suffix("']")?.split_once("['")?;
    (!path.is_empty()).then_some((path, subscript))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_paths() {
        assert!(local_non_reserved_path("a/b..c/...").is_empty());
        assert_eq!(local_non_reserved_path("/a/../b"), ["must be a relative path", "must not contain '..'"]);
        assert_eq!(local_non_reserved_path("..a"), ["must not start with '..'"]);
        assert_eq!(local_non_reserved_path("../a"), ["must not contain '..'"]);
        assert_eq!(local_non_reserved_path("..").len(), 2);
    }

    #[test]
    fn subscripts() {
        for (text, expected) in [
            ("metadata.annotations['myKey']", Some(("metadata.annotations", "myKey"))),
            ("metadata.annotations['a[b]c']", Some(("metadata.annotations", "a[b]c"))),
            ("metadata.labels['']", Some(("metadata.labels", ""))),
            ("a['b']['c']", Some(("a", "b']['c"))),
            ("metadata.labels", None),
            ("['a']", None),
            ("a']", None),
        ] {
            assert_eq!(split_maybe_subscripted_path(text), expected, "{text}");
        }
    }
}
