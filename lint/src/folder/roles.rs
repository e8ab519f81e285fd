//! Decides what each file of a run is, before it is read.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::absolute;
use super::chart::Charts;
use super::kustomize::{Kustomizations, is_kustomization};
use crate::engine::origin::Origin;
use crate::engine::role::Role;
use crate::files::Input;

/// The roles of the files of a run.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    templates: HashSet<PathBuf>,
    kustomizations: Kustomizations,
}

impl Roles {
    /// Reads the kustomizations among the files that were found, and those above them, and finds their charts.
    pub(crate) fn of(inputs: &[Input]) -> Self {
        let mut roles = Self::default();
        let mut charts = Charts::default();
        let mut folders: HashSet<&Path> = HashSet::new();
        let is_below = |file: &Path| file.components().any(|part| part.as_os_str() == "templates");
        let within = is_below(&absolute(Path::new(".")));
        for file in inputs.iter().filter_map(found) {
            if is_kustomization(file) {
                roles.kustomizations.add(file);
            }
            if (within || is_below(file)) && charts.is_template(&absolute(file)) {
                roles.templates.insert(file.to_path_buf());
            }
            folders.extend(file.parent());
        }
        // A folder below another one that has files has the same folders above it.
        let tops =
            folders.iter().filter(|folder| !folder.ancestors().skip(1).any(|above| folders.contains(above)));
        for folder in tops {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            roles.kustomizations.add_above(folder);
        }
        roles
    }

    /// The role of a file that was found.
    pub(crate) fn role(&self, file: &Path) -> Role {
        if self.templates.contains(file) {
            Role::Template
        } else if self.kustomizations.is_resource(file) {
            Role::Resource
        } else if self.kustomizations.is_patch(file) {
            Role::Patch
        } else {
            Role::Found
        }
    }
}

fn found(input: &Input) -> Option<&Path> {
    match input {
        Input::File(path, Origin::Walked) => Some(path),
        _ => None,
    }
}
