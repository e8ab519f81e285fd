//! The rule `frozen-registry`. Its page is `frozen_registry.md`.

use super::rule;
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::pod::{containers, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "frozen-registry",
    Level::Warning,
    ("an image of a registry that gets no new versions", include_str!("frozen_registry.md")),
    check,
);

/// The former registries of the Kubernetes project, and whether the new one has the same images.
const FROZEN: &[(&str, bool)] =
    &[("k8s.gcr.io/", true), ("gcr.io/google_containers/", false), ("gcr.io/google-containers/", false)];

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    let mut old = containers(spec).filter_map(|listed| {
        let image = listed.container.image.as_deref()?;
        let (frozen, is_same) = FROZEN.iter().find(|(frozen, _)| image.starts_with(frozen))?;
        Some((listed.path().field("image"), image, frozen, *is_same))
    });
    let Some((path, image, frozen, mut is_same)) = old.next() else { return };
    let new =
        |image: &str, frozen: &str| image.strip_prefix(frozen).map(|rest| format!("registry.k8s.io/{rest}"));
    let mut edits: Vec<Edit> = new(image, frozen)
        .map(|value| Edit::Replace { path: path.clone(), value: value.into() })
        .into_iter()
        .collect();
    let mut others = 0_usize;
    for (path, image, frozen, same) in old {
        others = others.saturating_add(1);
        is_same &= same;
        edits.extend(new(image, frozen).map(|value| Edit::Replace { path, value: value.into() }));
    }
    let more = match others {
        0 => String::new(),
        1 => ", as is another image here".to_owned(),
        count => format!(", as are {count} other images here"),
    };
    let name = frozen.trim_end_matches('/');
    let message =
        format!("`{name}` is a former registry of Kubernetes: it gets no new versions and may go away{more}");
    findings.push(RULE.finding(path, message).help("write `registry.k8s.io`").fix(is_same, edits));
}
