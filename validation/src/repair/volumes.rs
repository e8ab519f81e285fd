//! Changes for a mount whose volume does not exist.

use crate::edit::{Edit, NewValue};
use crate::finding::{Anchor, Finding};
use crate::path::FieldPath;
use crate::tree::Value;

use super::candidate::{Candidate, Rank};
use super::look::{Look, last_name};
use super::samples::{mounted, volume_names};

/// The list of volumes.
pub(super) fn volumes_path() -> FieldPath {
    FieldPath::of(&["spec", "template", "spec", "volumes"])
}

/// Adds what may resolve the finding: the volumes that are missing.
pub(super) fn candidates(finding: &Finding, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let segments = finding.path.segments();
    let Some(name) = look.text(segments).filter(|_| last_name(segments) == Some("name")) else { return };
    let volume = |name: &str| {
        NewValue::Map(vec![
            ("name".to_owned(), NewValue::from(name)),
            ("emptyDir".to_owned(), NewValue::Map(Vec::new())),
        ])
    };
    let place = volumes_path();
    let pod = look.daemon_set.spec.template.spec.as_ref();
    let list = look.value(place.segments());
    if list.is_some_and(|list| matches!(list, Value::Sequence(_))) {
        let value = volume(name);
        let help = format!("add a volume to `spec.template.spec.volumes`, for example `- {value}`");
        found.push(Candidate::new(Rank::Sample, vec![Edit::Append { path: place, value }], help));
        return;
    }
    let mut names = mounted(pod);
    names.retain(|name| !volume_names(pod).contains(name));
    names.sort();
    names.dedup();
    let value = NewValue::List(names.iter().map(|name| volume(name)).collect());
    let help = format!("add `volumes`, for example `volumes: {value}`");
    let above = FieldPath::of(&["spec", "template", "spec"]);
    let edit = Edit::Insert { path: above.clone(), key: "volumes".to_owned(), value };
    let empty = list.is_some();
    let label = format!("there is no volume, but `{name}` is mounted");
    let candidate = Candidate::new(Rank::Sample, vec![edit], help).label(label);
    found.push(candidate.at(if empty { place } else { above }, Anchor::Key));
}
