//! Host aliases and pull secrets that are listed twice.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::PodSpec;

use super::list::Warnings;
use crate::apiserver::content::quote;
use crate::path::Path;

/// Only the last of two host aliases of one address counts; a second pull secret of one name may be lost when it is applied; one
/// without a name is useless.
pub(super) fn warn_of_duplicates(spec: &PodSpec, path: &Path<'_>, warnings: &mut Warnings) {
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

/// The texts that stood in the list before, with their places.
fn repeated<'s>(texts: impl Iterator<Item = &'s str>) -> impl Iterator<Item = (usize, &'s str)> {
    let mut seen = BTreeSet::new();
    texts.enumerate().filter(move |(_, text)| !seen.insert(*text))
}
