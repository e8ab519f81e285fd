//! A cluster's snapshot from files. JSON of any size is read as a stream; YAML as a tree.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use daemonset_validation::placement::Kind;
use daemonset_validation::{NodeId, Server, Tree};

use super::window::Stop;
use super::{Collector, Saver, stream, tree as objects};
use crate::engine::cluster::{Cluster, Source};
use crate::files::reason;
use crate::limited_read::{self, MaxFileSize};
use crate::shown::shown_path;
use crate::source::{self, Content, LineIndex};
use crate::standard_input::is_standard_input;

/// Reads the files into one snapshot. Of a node that is in several files, the first one counts.
///
/// # Errors
///
/// A message that names the file, if one cannot be read or parsed; or if no file holds a Node, or none that can be read.
pub(crate) fn from_files(
    files: &[PathBuf],
    max: MaxFileSize,
    standard_input: &mut dyn Read,
    server: &Server,
    saver: Option<Saver>,
) -> Result<Cluster, String> {
    let mut collector = Collector::new(*server, saver);
    let mut standard_input_read = false;
    for file in files {
        if is_standard_input(file) && std::mem::replace(&mut standard_input_read, true) {
            continue;
        }
        if file.as_os_str() == "-" {
            add(Path::new("<stdin>"), standard_input, max, &mut collector)?;
        } else {
            let shown = shown_path(file);
            let mut opened =
                File::open(file).map_err(|error| format!("--nodes {shown}: {}", reason(&error)))?;
            add(file, &mut opened, max, &mut collector)?;
        }
    }
    // Checked before anything is saved: a snapshot without nodes must not replace an older one.
    if collector.counts().0 == 0 {
        return Err(collector.faults_as_one().unwrap_or_else(|| no_node(files)));
    }
    let (snapshot, faults) = collector.finish()?;
    Ok(Cluster { source: Source::File, snapshot, faults })
}

fn no_node(files: &[PathBuf]) -> String {
    let which = match files {
        [file] => format!(" {}: the file has", shown_path(file)),
        _ => ": these files have".to_owned(),
    };
    format!("--nodes{which} no Node; `kubectl get nodes,pods -A -o yaml` prints what is needed")
}

/// The number of bytes that decide whether a text is JSON or YAML.
const HEAD: u64 = 64 * 1024;

fn add(
    file: &Path,
    opened: &mut dyn Read,
    max: MaxFileSize,
    collector: &mut Collector,
) -> Result<(), String> {
    let shown = shown_path(file);
    let cannot = |error: std::io::Error| format!("--nodes {shown}: {}", reason(&error));
    let mut head = Vec::new();
    opened.take(HEAD).read_to_end(&mut head).map_err(cannot)?;
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head).trim_ascii_start();
    // A flow mapping of YAML begins with a brace as well, but usually not with a quoted key.
    let inside = text.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    if inside.is_some_and(|inside| matches!(inside.first(), Some(b'"' | b'}'))) {
        collector.source = format!("--nodes {shown}");
        return stream::read(&mut head.chain(opened), 1, max, collector).map_err(|stop| match stop {
            Stop::Source(error) => cannot(error),
            Stop::Syntax { line, message } => format!("--nodes {shown}:{line}: {message}"),
        });
    }
    limited_read::append(opened, &mut head, max).map_err(|reason| format!("--nodes {shown}: {reason}"))?;
    add_tree(file, head, collector)
}

fn add_tree(file: &Path, bytes: Vec<u8>, collector: &mut Collector) -> Result<(), String> {
    let shown = shown_path(file);
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
        for (object, message) in add_objects(&tree, collector) {
            let line = lines.line(tree.node(object).span.start as usize);
            collector.fault(format!("--nodes {shown}:{line}: {message}"));
        }
    }
    Ok(())
}

/// The object's namespace and name in brackets, if it has them.
fn name(tree: &Tree<'_>, object: NodeId) -> String {
    let metadata = tree.get(object, "metadata");
    let text = |key: &str| metadata.and_then(|metadata| tree.get_str(metadata, key));
    match (text("namespace"), text("name")) {
        (Some(namespace), Some(name)) => format!(" ({namespace}/{name})"),
        (_, Some(name)) => format!(" ({name})"),
        _ => String::new(),
    }
}

/// Adds the objects of a document, and returns those that cannot be read. Support bundles hold nodes and lists without `kind`, so nodes
/// are recognised by fields that only a node has.
fn add_objects(tree: &Tree<'_>, collector: &mut Collector) -> Vec<(NodeId, String)> {
    let mut faults = Vec::new();
    // Items of a typed list have no kind of their own.
    let mut pending = vec![(tree.root(), None)];
    while let Some((object, of_list)) = pending.pop() {
        let api_version = tree.get_str(object, "apiVersion");
        let known = match tree.get_str(object, "kind") {
            Some(kind) => Kind::of(api_version.unwrap_or_default(), kind),
            None => of_list.or_else(|| objects::looks_like_node(tree, object).then_some(Kind::Node)),
        };
        if let Some(kind) = known {
            if let Err(error) = collector.add(kind, objects::json(tree, object)) {
                faults.push((
                    object,
                    format!("this {}{} cannot be read: {error}", kind.as_str(), name(tree, object)),
                ));
            }
            continue;
        }
        let list = tree.get_str(object, "kind");
        if list.is_some_and(|kind| !kind.ends_with("List")) {
            continue;
        }
        let of_list = list.and_then(Kind::of_list);
        if let Some(kind) = of_list {
            collector.mark_read(kind);
        }
        let items = tree.get(object, "items").map(|items| tree.items(items)).unwrap_or_default();
        pending.extend(items.iter().rev().map(|item| (*item, of_list)));
    }
    faults
}
