//! A cluster's snapshot from files: any of Node, NodeList, or List with Nodes and Pods, as `kubectl get -o yaml|json` prints them.

mod read;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use daemonset_validation::placement::Snapshot;
use daemonset_validation::{NodeId, Tree};

use crate::explain::Cluster;
use crate::files::reason;
use crate::source::{self, Content, LineIndex};

/// Reads the files into one snapshot. A node that stands in several files counts once: the first one.
///
/// # Errors
///
/// A sentence that names the file, where one cannot be read or parsed, or where none holds a Node.
pub(crate) fn from_files(files: &[PathBuf]) -> Result<Cluster, String> {
    let mut snapshot = Snapshot::default();
    let mut names = HashSet::new();
    for file in files {
        let before = snapshot.nodes.len();
        let pods = snapshot.pods;
        add_file(file, &mut snapshot, &mut names)?;
        if snapshot.nodes.len() == before && snapshot.pods == pods && names.is_empty() {
            return Err(format!(
                "--nodes {}: there is no Node in it; `kubectl get nodes,pods -A -o yaml` prints what is needed",
                file.display()
            ));
        }
    }
    if snapshot.nodes.is_empty() {
        return Err("--nodes: there is no Node in these files; `kubectl get nodes,pods -A -o yaml` prints what is needed".into());
    }
    Ok(Cluster { source: "file", snapshot })
}

fn add_file(file: &Path, snapshot: &mut Snapshot, names: &mut HashSet<String>) -> Result<(), String> {
    let shown = file.display();
    let bytes = std::fs::read(file).map_err(|error| format!("--nodes {shown}: {}", reason(&error)))?;
    let text = source::decode(bytes).map_err(|error| format!("--nodes {shown}: {}", error.message))?;
    for document in source::documents(&text) {
        let tree = match document.content {
            Content::Empty => continue,
            Content::Tree(tree) => tree,
            Content::Broken(error) => {
                let lines = LineIndex::new(&text);
                let (line, column) = lines.position(&text, error.span.start as usize);
                return Err(format!("--nodes {shown}:{line}:{column}: {}", error.message));
            }
        };
        add_objects(&tree, tree.root(), snapshot, names);
    }
    Ok(())
}

/// Adds the nodes and pods of a document. Support bundles hold nodes and lists that do not say what they are, so those are known
/// by what only a node has.
fn add_objects(tree: &Tree<'_>, root: NodeId, snapshot: &mut Snapshot, names: &mut HashSet<String>) {
    let mut pending = vec![root];
    while let Some(object) = pending.pop() {
        match tree.get_str(object, "kind") {
            Some("Node") if tree.get_str(object, "apiVersion") == Some("v1") => {
                add_node(tree, object, snapshot, names)
            }
            Some("Pod") => snapshot.pods = snapshot.pods.saturating_add(1),
            None if read::looks_like_node(tree, object) => add_node(tree, object, snapshot, names),
            Some(kind) if !kind.ends_with("List") => {}
            // Items of a typed list do without a kind of their own.
            kind => {
                let items = tree.get(object, "items").map(|items| tree.items(items)).unwrap_or_default();
                if kind == Some("PodList") {
                    snapshot.pods = snapshot.pods.saturating_add(items.len());
                } else {
                    pending.extend(items.iter().rev());
                }
            }
        }
    }
}

fn add_node(tree: &Tree<'_>, object: NodeId, snapshot: &mut Snapshot, names: &mut HashSet<String>) {
    let node = read::node(tree, object);
    if names.insert(node.name.clone()) {
        snapshot.nodes.push(node);
    }
}
