//! A cluster's snapshot from files: any of Node, NodeList, or List with Nodes and Pods, as `kubectl get -o yaml|json` prints them.

mod read;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use daemonset_validation::placement::Snapshot;
use daemonset_validation::subjects;

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
        for subject in subjects(&tree) {
            match (subject.api_version.as_str(), subject.kind.as_str()) {
                ("v1", "Node") => {
                    if names.insert(subject.name.clone()) {
                        snapshot.nodes.push(read::node(&tree, subject.node));
                    }
                }
                ("v1", "Pod") => snapshot.pods = snapshot.pods.saturating_add(1),
                _ => {}
            }
        }
    }
    Ok(())
}
