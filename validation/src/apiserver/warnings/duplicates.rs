//! Duplicate host aliases and image pull secrets.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::PodSpec;

use super::list::Warnings;
use crate::apiserver::content::quote;
use crate::path::Path;

/// Warns about host aliases with the same IP, of which only the last one counts, about duplicate pull secrets, which may be lost on
/// apply, and about pull secrets without a name, which have no effect.
pub(super) fn warn_about_duplicates(spec: &PodSpec, path: &Path<'_>, warnings: &mut Warnings) {
    let aliases = path.field("hostAliases");
    let addresses = spec.host_aliases.iter().flatten().map(|alias| alias.ip.as_str());
    for (index, address) in repeated(addresses) {
        let path = aliases.index(index);
        warnings.push(&path.field("ip"), format_args!("duplicate ip {}", quote(address)));
    }
    let secrets = path.field("imagePullSecrets");
    let names = || spec.image_pull_secrets.iter().flatten().map(|secret| secret.name.as_str());
    for (index, name) in repeated(names()) {
        let path = secrets.index(index);
        warnings.push(&path.field("name"), format_args!("duplicate name {}", quote(name)));
    }
    for (index, _) in names().enumerate().filter(|(_, name)| name.is_empty()) {
        let path = secrets.index(index);
        warnings.push(&path.field("name"), format_args!("invalid empty name \"\""));
    }
}

/// The texts that occurred before, with their indexes.
fn repeated<'s>(texts: impl Iterator<Item = &'s str>) -> impl Iterator<Item = (usize, &'s str)> {
    let mut seen = BTreeSet::new();
    texts.enumerate().filter(move |(_, text)| !seen.insert(*text))
}
