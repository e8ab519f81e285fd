//! The rule `image-tag`. Its page is `image_tag.md`.

use std::collections::HashSet;

use super::rule;
use crate::levels::Level;
use crate::rules::pod::{containers, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "image-tag",
    Level::Warning,
    ("an image has the tag `latest` or none, so nodes run different versions", include_str!("image_tag.md")),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    let mut seen = HashSet::new();
    for listed in containers(spec) {
        let container = listed.container;
        let image = container.image.as_deref().unwrap_or_default();
        // Without a pull, the node has the image already.
        let policy = container.image_pull_policy.as_deref().unwrap_or_default();
        if policy == "Never" || is_template(image) || !seen.insert(image) {
            continue;
        }
        let what = match tag(image) {
            Tag::Latest => "the tag `latest`",
            Tag::Absent => "no tag, which means `latest`",
            Tag::Fixed => continue,
        };
        let message = if policy == "Always" {
            format!("the image has {what}: each node runs what was newest when its pod last started")
        } else {
            format!("the image has {what}: each node keeps what was newest when it first pulled it")
        };
        findings.push(RULE.finding(listed.path().field("image"), message).help("write the tag of a version"));
    }
}

/// Whether a program or a person replaces the text before it is applied. The name of an image has no capitals.
fn is_template(image: &str) -> bool {
    let name = image.split(['@', ':']).next().unwrap_or_default();
    image.is_empty()
        || image.contains(['$', '{', '<', '%', ' '])
        || name.rsplit('/').next().is_some_and(|name| name.bytes().any(|byte| byte.is_ascii_uppercase()))
        || image.split(['/', '-', '_', ':']).any(|word| word.eq_ignore_ascii_case("replace"))
}

/// What the name of an image says of its version.
#[derive(Debug, PartialEq, Eq)]
enum Tag {
    Absent,
    Latest,
    Fixed,
}

fn tag(image: &str) -> Tag {
    if image.contains('@') {
        return Tag::Fixed;
    }
    let name = image.rsplit('/').next().unwrap_or_default();
    match name.split_once(':') {
        None => Tag::Absent,
        Some((_, "latest")) => Tag::Latest,
        Some(_) => Tag::Fixed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_of_a_registry_is_no_tag() {
        assert_eq!(tag("localhost:5000/agent"), Tag::Absent);
        assert_eq!(tag("localhost:5000/agent:1.2"), Tag::Fixed);
        assert_eq!(tag("agent:latest"), Tag::Latest);
        assert_eq!(tag("agent@sha256:0123"), Tag::Fixed);
        assert!(is_template("$(IMAGE)") && is_template("{{ .Values.image }}"));
        assert!(is_template("VALUE_CONTAINER_IMAGE") && is_template("replace/this/image"));
        assert!(!is_template("registry.example/agent:RC1") && !is_template("registry.example/replacer"));
    }
}
