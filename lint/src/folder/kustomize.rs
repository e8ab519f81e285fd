//! What kustomizations name: the patches, which are parts of objects, and the resources, which are whole ones.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use daemonset_validation::{NodeId, Tree};

use crate::source::{self, Content};

/// The names of a kustomization's file. Kustomize accepts one of them in a folder.
const FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// How many folders above a file are searched for a kustomization.
const ABOVE: usize = 8;

/// The files that kustomizations name, by absolute path.
#[derive(Debug, Default)]
pub(crate) struct Kustomizations {
    read: HashSet<PathBuf>,
    patches: HashSet<PathBuf>,
    resources: HashSet<PathBuf>,
    components: HashSet<PathBuf>,
}

/// Whether the file is a kustomization by its name.
pub(crate) fn is_kustomization(file: &Path) -> bool {
    file.file_name().is_some_and(|name| FILES.iter().any(|known| name == *known))
}

impl Kustomizations {
    /// Reads a kustomization, once.
    pub(crate) fn add(&mut self, file: &Path) {
        let file = super::absolute(file);
        let Some(folder) = file.parent().map(Path::to_path_buf) else { return };
        if !self.read.insert(file.clone()) {
            return;
        }
        let Ok(text) = std::fs::read_to_string(&file) else { return };
        for document in source::documents(&text) {
            if let Content::Tree(tree) = document.content {
                if tree.get_str(tree.root(), "kind") == Some("Component") {
                    self.components.insert(file.clone());
                }
                self.collect(&tree, &folder);
            }
        }
    }

    /// Reads the kustomizations of a folder and of those above it, up to the root of the repository.
    pub(super) fn add_above(&mut self, folder: &Path) {
        for folder in super::absolute(folder).ancestors().take(ABOVE) {
            FILES
                .iter()
                .map(|name| folder.join(name))
                .filter(|file| file.is_file())
                .for_each(|file| self.add(&file));
            if folder.join(".git").exists() {
                break;
            }
        }
    }

    /// Whether a kustomization names the file as a patch.
    pub(crate) fn is_patch(&self, file: &Path) -> bool {
        !self.patches.is_empty() && self.patches.contains(&super::absolute(file))
    }

    /// Whether a kustomization names the file as a resource.
    pub(crate) fn is_resource(&self, file: &Path) -> bool {
        !self.resources.is_empty() && self.resources.contains(&super::absolute(file))
    }

    /// Whether a kustomization that was read is built by itself: no other one names its folder, and it is no component.
    pub(crate) fn is_root(&self, file: &Path) -> bool {
        let file = super::absolute(file);
        let is_named = file.parent().is_some_and(|folder| self.resources.contains(folder));
        !is_named && !self.components.contains(&file)
    }

    fn collect(&mut self, tree: &Tree<'_>, folder: &Path) {
        let root = tree.root();
        let items = |key: &str| tree.get(root, key).map(|list| tree.items(list)).unwrap_or_default();
        let file = |name: &str| super::absolute(&folder.join(name));
        let text = |node: NodeId| match tree.value(node) {
            // An inline patch is no path.
            daemonset_validation::Value::String(text) if !text.contains('\n') => Some(file(text)),
            _ => None,
        };
        let of_path = |item: &NodeId| tree.get_str(*item, "path").map(file);
        for key in ["patches", "patchesJson6902"] {
            self.patches.extend(items(key).iter().filter_map(of_path));
        }
        self.patches.extend(items("patchesStrategicMerge").iter().filter_map(|item| text(*item)));
        for key in ["resources", "bases"] {
            self.resources.extend(items(key).iter().filter_map(|item| text(*item)));
        }
    }
}
