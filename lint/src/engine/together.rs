//! Findings that concern several DaemonSets, or a DaemonSet and other objects of the files. They are made after all texts have been judged.

use std::collections::{BTreeMap, HashMap};

use daemonset_validation::peers::{Peer, Peers};
use daemonset_validation::rules::{check_peers, check_together};
use daemonset_validation::together::{Member, OperatingSystem, Together, Uses};
use daemonset_validation::{Finding, subjects};

use super::context::{Engine, NAMED_NODES};
use super::locate::{Manifest, Place};
use super::outcome::{FileReport, Located};
use crate::source::{self, Content, LineIndex};

/// Findings by the position of their document in the file's report.
type ByDocument = BTreeMap<usize, Vec<Finding>>;

/// Adds to the reports what the rules find in all DaemonSets together, and in those of the cluster.
pub(super) fn compare(files: &mut [FileReport], engine: &Engine<'_>) {
    let top = common_folder(files);
    for file in files.iter_mut() {
        let below = if file.role.is_found() { file.path.get(top..).unwrap_or_default() } else { "" };
        for document in &mut file.documents {
            let line = document.line;
            if let Some(peer) = &mut document.peer {
                peer.origin = format!("{}:{line}", file.path);
                below.clone_into(&mut peer.file);
            }
        }
        for companion in &mut file.companions {
            below.clone_into(&mut companion.file);
        }
    }
    for (file, findings) in find(files, engine) {
        if let Some(report) = files.get_mut(file) {
            add(report, findings);
        }
    }
}

/// The length of the path of the folder that all files are in which were found by an absolute path. What it is named says nothing about
/// the files in it.
fn common_folder(files: &[FileReport]) -> usize {
    let mut absolute = files.iter().filter(|file| file.role.is_found() && file.path.starts_with('/'));
    let Some(first) = absolute.next() else { return 0 };
    let folder = |path: &str| path.rfind('/').map_or(0, |slash| slash.saturating_add(1));
    let mut length = folder(&first.path);
    for file in absolute {
        let common =
            first.path.bytes().zip(file.path.bytes()).take_while(|(one, other)| one == other).count();
        let common = first.path.get(..common.min(length)).unwrap_or_default();
        length = folder(common);
    }
    length
}

/// The findings, by the position of their file.
fn find(files: &[FileReport], engine: &Engine<'_>) -> BTreeMap<usize, ByDocument> {
    let positions: Vec<(usize, usize)> = files
        .iter()
        .enumerate()
        .flat_map(|(file, report)| (0..report.documents.len()).map(move |document| (file, document)))
        .filter(|(file, document)| peer(files, *file, *document).is_some())
        .collect();
    let checked = positions.iter().filter_map(|(file, document)| peer(files, *file, *document)).collect();
    let peers = match engine.cluster {
        Some(cluster) => Peers::on_cluster(checked, &cluster.snapshot, &engine.server, NAMED_NODES),
        None => Peers::without_cluster(checked),
    };
    let mut found: BTreeMap<usize, ByDocument> = BTreeMap::new();
    // The object of `ds/NAME` stands in no file.
    let nothing = Uses { os: OperatingSystem::Other, ..Uses::default() };
    let members = positions.iter().filter_map(|(file, document)| {
        let document = files.get(*file)?.documents.get(*document)?;
        Some(Member { peer: document.peer.as_deref()?, uses: document.uses.as_deref().unwrap_or(&nothing) })
    });
    let companions = files.iter().flat_map(|report| &report.companions);
    let mut together = Together::new(members.collect(), companions);
    together.knows_nodes = engine.cluster.is_some();
    let of_both = check_together(&together, &engine.levels);
    for (position, finding) in check_peers(&peers, &engine.levels).into_iter().chain(of_both) {
        if let Some((file, document)) = positions.get(position) {
            found.entry(*file).or_default().entry(*document).or_default().push(finding);
        }
    }
    found
}

fn peer(files: &[FileReport], file: usize, document: usize) -> Option<&Peer> {
    files.get(file)?.documents.get(document)?.peer.as_deref()
}

/// Adds findings to the documents of a file. A report does not keep the trees of its documents, so the text is parsed once more.
fn add(report: &mut FileReport, mut findings: ByDocument) {
    let lines = LineIndex::new(&report.text);
    let with_findings = report.documents.iter().enumerate().filter(|(at, _)| findings.contains_key(at));
    let positions: HashMap<(usize, Option<usize>), usize> =
        with_findings.map(|(at, document)| ((document.index, document.item), at)).collect();
    let mut located: Vec<(usize, Located)> = Vec::new();
    for document in source::documents(&report.text) {
        let Content::Tree(tree) = document.content else { continue };
        for subject in subjects(&tree) {
            let Some(at) = positions.get(&(document.index, subject.item)) else { continue };
            let manifest = Manifest { tree: &tree, root: subject.node, text: &report.text, lines: &lines };
            for finding in findings.remove(at).into_iter().flatten() {
                let place = manifest.place(&finding.path, finding.anchor);
                located.push((*at, Located { finding, place }));
            }
        }
    }
    // The object of `ds/NAME` has no text.
    for (at, findings) in findings {
        let without_place = |finding| (at, Located { finding, place: Place::default() });
        located.extend(findings.into_iter().map(without_place));
    }
    for (at, located) in located {
        if let Some(document) = report.documents.get_mut(at) {
            document.findings.push(located);
            document.findings.sort_by_key(|located| located.place.exact.start);
        }
    }
}
