//! The part that both checks of capabilities have.

use std::collections::BTreeSet;

use super::subject::Subject;
use super::violation::{FieldChange, Wanted, change};
use super::words::{containers, join_quoted};

/// The detail about capabilities that are added and not among those that may be; `None` where there are none.
pub(super) fn added_besides(
    allowed: &[&str],
    pod: Subject<'_>,
    changes: &mut Vec<FieldChange>,
) -> Option<String> {
    let (mut names, mut forbidden) = (Vec::new(), BTreeSet::new());
    for part in pod.containers() {
        let added = part.security.and_then(|security| security.capabilities.as_ref()?.add.as_ref());
        let mut is_bad = false;
        for (index, capability) in added.into_iter().flatten().enumerate() {
            if !allowed.contains(&capability.as_str()) {
                is_bad = true;
                forbidden.insert(capability.as_str());
                let path = part.security_path().field("capabilities").field("add").index(index);
                changes.push(change(path, Wanted::Absent));
            }
        }
        if is_bad {
            names.push(part.name);
        }
    }
    (!names.is_empty()).then(|| {
        format!(
            "{} must not include {} in securityContext.capabilities.add",
            containers(&names),
            join_quoted(forbidden)
        )
    })
}
