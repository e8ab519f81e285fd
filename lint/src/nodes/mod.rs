//! A cluster's snapshot from files: any of Node, NodeList, or List with Nodes and Pods, as `kubectl get -o yaml|json` prints them.

mod read;

use std::path::{Path, PathBuf};

use daemonset_validation::placement::{Kind, SnapshotBuilder};
use daemonset_validation::{NodeId, Server, Tree};

use crate::explain::Cluster;
use crate::files::reason;
use crate::source::{self, Content, LineIndex};

/// Reads the files into one snapshot. A node that stands in several files counts once: the first one.
///
/// # Errors
///
/// A sentence that names the file, where one cannot be read or parsed, or where none holds a Node.
pub(crate) fn from_files(files: &[PathBuf], server: &Server) -> Result<Cluster, String> {
    let mut builder = SnapshotBuilder::new(*server);
    for file in files {
        let before = builder.counts();
        add_file(file, &mut builder)?;
        if builder.counts() == before && before.0 == 0 {
            return Err(format!(
                "--nodes {}: there is no Node in it; `kubectl get nodes,pods -A -o yaml` prints what is needed",
                file.display()
            ));
        }
    }
    let snapshot = builder.finish();
    if snapshot.nodes().is_empty() {
        return Err("--nodes: there is no Node in these files; `kubectl get nodes,pods -A -o yaml` prints what is needed".into());
    }
    Ok(Cluster { source: "file", snapshot })
}

fn add_file(file: &Path, builder: &mut SnapshotBuilder) -> Result<(), String> {
    let shown = file.display();
    let bytes = std::fs::read(file).map_err(|error| format!("--nodes {shown}: {}", reason(&error)))?;
    let text = source::decode(bytes).map_err(|error| format!("--nodes {shown}: {}", error.message))?;
    let lines = LineIndex::new(&text);
    for document in source::documents(&text) {
        let tree = match document.content {
            Content::Empty => continue,
            Content::Tree(tree) => tree,
            Content::Broken(error) => {
                let (line, column) = lines.position(&text, error.span.start as usize);
                return Err(format!("--nodes {shown}:{line}:{column}: {}", error.message));
            }
        };
        add_objects(&tree, builder).map_err(|(object, message)| {
            let line = lines.line(tree.node(object).span.start as usize);
            format!("--nodes {shown}:{line}: {message}")
        })?;
    }
    Ok(())
}

/// Adds the objects of a document. Support bundles hold nodes and lists that do not say what they are, so those are known by what
/// only a node has.
fn add_objects(tree: &Tree<'_>, builder: &mut SnapshotBuilder) -> Result<(), (NodeId, String)> {
    // Items of a typed list do without a kind of their own.
    let mut pending = vec![(tree.root(), None)];
    while let Some((object, of_list)) = pending.pop() {
        let api_version = tree.get_str(object, "apiVersion");
        let known = match tree.get_str(object, "kind") {
            Some(kind) => Kind::of(api_version.unwrap_or_default(), kind),
            None => of_list.or_else(|| read::looks_like_node(tree, object).then_some(Kind::Node)),
        };
        if let Some(kind) = known {
            let add = builder.add(kind, read::json(tree, object));
            add.map_err(|error| (object, format!("this {} cannot be read: {error}", kind.as_str())))?;
            continue;
        }
        let list = tree.get_str(object, "kind");
        if list.is_some_and(|kind| !kind.ends_with("List")) {
            continue;
        }
        let of_list = list.and_then(Kind::of_list);
        if let Some(kind) = of_list {
            builder.mark_read(kind);
        }
        let items = tree.get(object, "items").map(|items| tree.items(items)).unwrap_or_default();
        pending.extend(items.iter().rev().map(|item| (*item, of_list)));
    }
    Ok(())
}
