//! What the files around a file say about it: the chart whose template it is, the kustomization that names it.

mod chart;
mod kustomize;
mod roles;
mod templates;
pub(crate) mod walk;

pub(crate) use chart::{Chart, quoted};
pub(crate) use kustomize::{Kustomizations, is_kustomization};
pub(crate) use roles::Roles;
pub(crate) use templates::explain_templates;

use std::path::{Component, Path, PathBuf};

/// The absolute path, with `.` and `..` resolved by their letters. Symbolic links stay.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let mut resolved = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                resolved.pop();
            }
            part => resolved.push(part),
        }
    }
    resolved
}
