//! Findings that concern several DaemonSets, which can only be made when all texts have been judged.

use daemonset_validation::peers::{Peer, Peers};
use daemonset_validation::rules::check_peers;

use super::context::{Engine, NAMED_NODES};
use super::locate::{Manifest, with_object};
use super::outcome::{FileReport, Located};
use crate::source::LineIndex;

/// Adds to the reports what the rules find in all DaemonSets together, and in those of the cluster.
pub(super) fn compare(files: &mut [FileReport], engine: &Engine<'_>) {
    for file in files.iter_mut() {
        for document in &mut file.documents {
            let line = document.line;
            if let Some(peer) = &mut document.peer {
                peer.origin = format!("{}:{line}", file.path);
            }
        }
    }
    let places: Vec<(usize, usize)> = files
        .iter()
        .enumerate()
        .flat_map(|(file, report)| (0..report.documents.len()).map(move |document| (file, document)))
        .filter(|(file, document)| peer(files, *file, *document).is_some())
        .collect();
    let checked = places.iter().filter_map(|(file, document)| peer(files, *file, *document)).collect();
    let peers = match engine.cluster {
        Some(cluster) => Peers::on_cluster(checked, &cluster.snapshot, &engine.server, NAMED_NODES),
        None => Peers::without_cluster(checked),
    };
    let found = check_peers(&peers, &engine.levels);
    let located: Vec<(usize, usize, Located)> = found
        .into_iter()
        .filter_map(|(place, finding)| {
            let (file, document) = places.get(place).copied()?;
            let report = files.get(file)?;
            let of = report.documents.get(document)?;
            // A report does not keep its documents, so the place is looked up in the text again; `ds/NAME` has no text.
            let place = with_object(&report.text, of.index, of.item, |tree, subject| {
                let lines = LineIndex::new(&report.text);
                let manifest = Manifest { tree, root: subject.node, text: &report.text, lines: &lines };
                manifest.place(&finding.path, finding.anchor)
            });
            Some((file, document, Located { finding, place: place.unwrap_or_default() }))
        })
        .collect();
    for (file, document, found) in located {
        if let Some(report) = files.get_mut(file).and_then(|file| file.documents.get_mut(document)) {
            report.findings.push(found);
            report.findings.sort_by_key(|located| located.place.exact.start);
        }
    }
}

fn peer(files: &[FileReport], file: usize, document: usize) -> Option<&Peer> {
    files.get(file)?.documents.get(document)?.peer.as_ref()
}
