//! Findings that concern several DaemonSets, or a DaemonSet and other objects of the files. They are made after all texts have been judged.

use std::collections::{BTreeMap, HashMap};

use daemonset_validation::peers::{Peer, Peers};
use daemonset_validation::rules::{Levels, check_peers, check_together};
use daemonset_validation::together::{Member, OperatingSystem, Together, Uses};
use daemonset_validation::{Finding, subjects};

use super::allow::Whole;
use super::context::{Engine, NAMED_NODES};
use super::locate::{Manifest, Place};
use super::outcome::{Allowed, FileReport, Located, at};
use crate::source::{self, Content, LineIndex};

/// Findings by the position of their document in the file's report.
type ByDocument = BTreeMap<usize, Vec<Finding>>;

/// Adds to the reports what the rules find in all DaemonSets together, and in those of the cluster.
pub(super) fn compare(files: &mut [FileReport], engine: &Engine<'_>) {
    let top = common_folder(files);
    for file in files.iter_mut() {
        let below = if file.role.is_found() { file.path.get(top..).unwrap_or_default() } else { "" };
        let (rendered, path) = (&file.rendered, &file.path);
        for document in &mut file.documents {
            let line = document.line;
            if let Some(peer) = &mut document.peer {
                peer.origin = at(path, rendered.as_deref(), line);
                below.clone_into(&mut peer.file);
            }
        }
        for companion in &mut file.companions {
            companion.origin = at(path, rendered.as_deref(), companion.line);
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
    let levels = highest(files, &engine.levels);
    let of_both = check_together(&together, &levels);
    for (position, mut finding) in check_peers(&peers, &levels).into_iter().chain(of_both) {
        let Some((file, document)) = positions.get(position) else { continue };
        if let Some(settings) = files.get(*file).and_then(|file| file.settings.as_ref()) {
            let Some(severity) = settings.levels().of(finding.rule).severity() else { continue };
            finding.severity = severity;
        }
        found.entry(*file).or_default().entry(*document).or_default().push(finding);
    }
    found
}

/// The highest level that each rule has for any of the files.
fn highest(files: &[FileReport], levels: &Levels) -> Levels {
    let mut of_files: Vec<&Levels> =
        files.iter().filter_map(|file| Some(file.settings.as_ref()?.levels())).collect();
    of_files.dedup();
    if of_files.len() < files.len() || files.is_empty() {
        of_files.push(levels);
    }
    Levels::by(|rule| of_files.iter().map(|levels| levels.of(rule.id)).max().unwrap_or(rule.level))
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
    let mut allowed: Vec<(usize, Allowed)> = Vec::new();
    let mut allowances = report.allowances.take();
    for document in source::documents(&report.text) {
        let Content::Tree(tree) = document.content else { continue };
        for subject in subjects(&tree) {
            let Some(at) = positions.get(&(document.index, subject.item)) else { continue };
            let manifest = Manifest { tree: &tree, root: subject.node, text: &report.text, lines: &lines };
            let whole = allowances.as_ref().map(|_| Whole::of(&manifest, document.index, &subject));
            for finding in findings.remove(at).into_iter().flatten() {
                let place = manifest.place(&finding.path, finding.anchor);
                let found = Located { finding, place };
                let covering = allowances.as_mut().zip(whole.as_ref()).and_then(|(allowances, whole)| {
                    allowances.covering(found.finding.rule, place, whole, &lines)
                });
                match covering {
                    Some((by, reason)) => allowed.push((*at, Allowed { located: found, by, reason })),
                    None => located.push((*at, found)),
                }
            }
        }
    }
    // The object of `ds/NAME` has no text.
    for (at, findings) in findings {
        let without_place = |finding| (at, Located { finding, place: Place::default() });
        located.extend(findings.into_iter().map(without_place));
    }
    report.allowances = allowances;
    for (at, allowed) in allowed {
        if let Some(document) = report.documents.get_mut(at) {
            document.allowed.push(allowed);
        }
    }
    for (at, located) in located {
        if let Some(document) = report.documents.get_mut(at) {
            document.findings.push(located);
            document.findings.sort_by_key(|located| located.place.exact.start);
        }
    }
}
