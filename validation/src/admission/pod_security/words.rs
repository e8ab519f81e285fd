//! How the server's sentences list names.

/// The items in quotes, with commas between them. Nothing is escaped.
///
/// Upstream: `pod-security-admission/policy.joinQuote`.
pub(super) fn join_quoted<'s>(items: impl IntoIterator<Item = &'s str>) -> String {
    let mut text = String::new();
    for item in items {
        text.push_str(if text.is_empty() { "\"" } else { ", \"" });
        text.push_str(item);
        text.push('"');
    }
    text
}

/// The word for so many.
///
/// Upstream: `pod-security-admission/policy.pluralize`.
pub(super) const fn plural(count: usize, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}

/// `container "a"` or `containers "a", "b"`.
pub(super) fn containers(names: &[&str]) -> String {
    let word = plural(names.len(), "container", "containers");
    format!("{word} {}", join_quoted(names.iter().copied()))
}

/// Who sets a field to what is forbidden: `pod`, `container "a"`, or both with `and` between them.
pub(super) fn setters(pod: bool, names: &[&str]) -> String {
    match (pod, names.is_empty()) {
        (true, true) => "pod".to_owned(),
        (true, false) => format!("pod and {}", containers(names)),
        (false, _) => containers(names),
    }
}
