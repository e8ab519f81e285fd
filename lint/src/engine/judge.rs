//! Makes the report of one text.

use std::cell::RefCell;
use std::collections::HashSet;

use daemonset_validation::facts::Unknown;
use daemonset_validation::levels::Level;
use daemonset_validation::peers::Peer;
use daemonset_validation::placement::{Budget, Cause, Preview, explain_within};
use daemonset_validation::rules::{
    Created, Creation, Previewed, check_creation, check_preview, placement_unknown, warn_once,
};
use daemonset_validation::together::Uses;
use daemonset_validation::{
    Bounds, Checked, FieldPath, Finding, MEMORY, ServerVerdict, Severity, Stored, Subject, SubjectKind,
    TooLarge, Tree, check_within, repair, subjects,
};
use k8s_openapi::api::apps::v1::DaemonSet;

use super::allow::{Allowances, Whole};
use super::applied::{Classes, applied};
use super::before::Previous;
use super::bounded::Bound;
use super::companions::companion;
use super::context::{Engine, NAMED_NODES};
use super::explain::Explanation;
use super::headless;
use super::indent;
use super::inline;
use super::locate::{Manifest, Place};
use super::namespace::in_namespace;
use super::origin::Origin;
use super::outcome::{Allowed, DocumentReport, FileReport, Located, Verdict};
use super::part::{findings_of_part, is_part_by_shape};
use super::placeholder::{self, is_nameless, without_placeholders};
use super::role::Role;
use super::written;
use crate::source::{self, Content, LineIndex, SyntaxError};

/// The report of a text, or of a file that could not be read for the given reason.
pub(super) fn judge_bytes(
    path: String,
    bytes: Result<Vec<u8>, String>,
    role: Role,
    origin: Origin,
    engine: &Engine<'_>,
) -> FileReport {
    let empty = FileReport { role, ..FileReport::empty(path) };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(reason) => {
            let message = format!("cannot be read: {reason}");
            let finding = Finding::new("file/unreadable", Severity::Error, FieldPath::document(), message);
            let findings = vec![Located { finding, place: Place::default() }];
            return FileReport { findings, unreadable: Some(reason), ..empty };
        }
    };
    match source::decode(bytes) {
        Ok(text) => judge(FileReport { text, ..empty }, origin, engine),
        Err(error) => FileReport { findings: vec![syntax(error)], ..empty },
    }
}

fn syntax(error: SyntaxError) -> Located {
    let finding = Finding::new(error.rule, Severity::Error, FieldPath::document(), error.message);
    let finding = match error.help {
        Some(help) => finding.help(help),
        None => finding,
    };
    Located { finding, place: Place { exact: error.span, frame: error.span } }
}

fn judge(mut report: FileReport, origin: Origin, engine: &Engine<'_>) -> FileReport {
    let text = std::mem::take(&mut report.text);
    let lines = LineIndex::new(&text);
    let bound = RefCell::new(Bound::new(engine.kept()));
    let allowances = RefCell::new(Allowances::default());
    // Of a text that is something else as a whole, its documents have the same errors.
    let mut said = HashSet::new();
    for document in source::documents(&text) {
        let line = lines.line(document.start);
        let template = source::template(&text, document.start);
        if !document.comments.is_empty() {
            allowances.borrow_mut().add_comments(&document.comments, &text, &lines);
        }
        match document.content {
            Content::Empty => {}
            Content::Broken(error) => {
                let source = template.map(str::to_owned);
                report
                    .documents
                    .push(DocumentReport { source, ..DocumentReport::unreadable(document.index, line) });
                // If the file is a template, it gets one finding, however many of its documents do not parse.
                if !error.whole_file || said.insert(error.message.clone()) {
                    let located = syntax(error);
                    report.findings.extend(bound.borrow_mut().passes(&located.finding).then_some(located));
                }
            }
            Content::Tree(tree) => {
                let (path, role) = (report.path.clone(), report.role);
                let position = Position {
                    index: document.index,
                    template,
                    text: &text,
                    lines: &lines,
                    origin,
                    path: &path,
                    role,
                    bound: &bound,
                    allowances: &allowances,
                };
                if let Some(error) = document.not_json.filter(|_| !headless::is_manifest(&tree)) {
                    report.documents.push(DocumentReport::unreadable(document.index, line));
                    let located = syntax(error);
                    report.findings.extend(bound.borrow_mut().passes(&located.finding).then_some(located));
                    continue;
                }
                let mut found = Vec::new();
                for mut subject in subjects(&tree) {
                    let misplaced =
                        in_namespace(&mut subject, &tree, engine.namespace).err().map(|finding| *finding);
                    if misplaced.is_none() {
                        report.applied.extend(applied(&tree, &subject, role, engine));
                        report.companions.extend(companion(&tree, &subject, &lines, role, engine));
                    }
                    found.push(object(&tree, &subject, misplaced, &position, engine));
                }
                for patch in inline::patches(&tree, &text) {
                    let position = Position { role: Role::Patch, ..position };
                    found.extend(
                        subjects(&patch)
                            .iter()
                            .map(|subject| object(&patch, subject, None, &position, engine)),
                    );
                }
                report.documents.append(&mut found);
            }
        }
    }
    report.more = bound.into_inner().rest();
    let allowances = allowances.into_inner();
    // Findings and explanations point into the text. The rules about several DaemonSets may still find something.
    let needed = report.all_findings().next().is_some()
        || !allowances.is_empty()
        || report.documents.iter().any(|document| document.peer.is_some() || document.explanation.is_some());
    report.text = if needed { text } else { String::new() };
    report.allowances = (!allowances.is_empty()).then(|| Box::new(allowances));
    report
}

struct Position<'p> {
    index: usize,
    template: Option<&'p str>,
    text: &'p str,
    lines: &'p LineIndex,
    origin: Origin,
    path: &'p str,
    role: Role,
    /// Counts the findings of the file.
    bound: &'p RefCell<Bound>,
    /// What allows findings of the file.
    allowances: &'p RefCell<Allowances>,
}

/// `misplaced` is the error where the object is of another namespace than the request.
fn object(
    tree: &Tree<'_>,
    subject: &Subject,
    misplaced: Option<Finding>,
    at: &Position<'_>,
    engine: &Engine<'_>,
) -> DocumentReport {
    let start = tree.node(subject.node).span.start as usize;
    let mut report = DocumentReport {
        source: at.template.map(str::to_owned),
        api_version: subject.api_version.clone(),
        kind: subject.kind.clone(),
        namespace: subject.namespace.clone(),
        name: subject.name.clone(),
        item: subject.item,
        verdict: Verdict::Skipped,
        ..DocumentReport::unreadable(at.index, at.lines.line(start))
    };
    let kind = subject.classify();
    if at.role.is_found() && is_setting(tree, subject) {
        return report;
    }
    if kind == SubjectKind::Other {
        if let Some(finding) = headless::finding(tree, subject, at.origin).filter(|_| at.role != Role::Patch)
        {
            report.verdict = Verdict::Unreadable;
            if !at.bound.borrow_mut().passes(&finding) {
                return report;
            }
            let manifest = Manifest { tree, root: subject.node, text: at.text, lines: at.lines };
            report.findings.push(Located { place: manifest.place(&finding.path, finding.anchor), finding });
        }
        return report;
    }
    // A patch with another version or spelling of the kind changes no DaemonSet.
    if kind == SubjectKind::DaemonSet && is_part(tree, subject, at) {
        return part(tree, subject, at, report, engine);
    }
    let previous = Previous::of(subject, engine);
    report.update = previous.stored().is_some();
    report.matched = previous.is_given();
    let Ok(mut checked) = checked(tree, subject, previous.stored(), engine) else {
        return too_large(tree, subject, at, report);
    };
    repair(tree, subject, previous.stored(), &engine.server, &engine.levels, &mut checked);
    report.verdict = match checked.verdict {
        ServerVerdict::Accepted if misplaced.is_none() => Verdict::Accepted,
        _ => Verdict::Rejected,
    };
    let manifest = Manifest { tree, root: subject.node, text: at.text, lines: at.lines };
    let mut findings = checked.findings;
    if at.role.is_found() {
        (findings, report.placeholders) = without_placeholders(findings, tree, subject.node, at.text);
        // What follows from a finding that comes from a placeholder comes from it as well.
        let shown = findings.iter().filter(|finding| finding.is_shown());
        let causes: HashSet<String> = shown.map(|finding| finding.field.clone()).collect();
        findings.retain(|finding| finding.consequence_of.as_ref().is_none_or(|cause| causes.contains(cause)));
        let is_refused =
            !checked.rest.is_empty() || findings.iter().any(|finding| finding.severity == Severity::Error);
        if report.verdict == Verdict::Rejected && !is_refused {
            report.verdict = Verdict::Unfilled;
        }
    } else {
        findings = placeholder::advise(findings, tree, subject.node, at.text);
    }
    findings.extend(misplaced);
    findings.extend(previous.finding(subject));
    if let Some(daemon_set) = &checked.daemon_set {
        report.classes = classes(daemon_set);
        if report.verdict == Verdict::Accepted
            && let Some(snapshot) = engine.snapshot()
        {
            let creation = Creation {
                daemon_set,
                is_update: report.update,
                has_nodes: engine.cluster.is_some(),
                snapshot,
                server: &engine.server,
            };
            let Created { is_stored, findings: of_creation } = check_creation(&creation, &engine.levels);
            if !is_stored {
                report.verdict = Verdict::Rejected;
            }
            findings.extend(of_creation);
        }
        let cluster = engine.cluster.filter(|_| report.verdict == Verdict::Accepted);
        let preview = cluster.and_then(|cluster| {
            let before = previous.template(daemon_set, engine);
            let budget = Budget::of_work(MOST_WORK);
            let found = explain_within(daemon_set, before, engine.snapshot().unwrap_or(&cluster.snapshot), &engine.server, &budget);
            if found.is_err() && engine.levels.of("placement-unknown") != Level::Off {
                let why = "the object takes too much work: shorten its affinity, tolerations, constraints and ports";
                findings.push(placement_unknown(Unknown::Work, why));
            }
            found.ok()
        });
        let (of_preview, peer) = preview_findings(daemon_set, preview.as_ref(), engine);
        findings.extend(of_preview);
        warn_once(&mut findings);
        let is_compared = !at.role.is_found() || !is_nameless(tree, subject.node, at.text);
        report.peer = is_compared.then(|| Box::new(peer));
        report.uses = is_compared.then(|| {
            let metadata = tree.get(subject.node, "metadata");
            let written = metadata.and_then(|metadata| tree.get_str(metadata, "namespace"));
            let is_written = written.is_some_and(|namespace| !namespace.is_empty());
            Box::new(Uses::new(daemon_set, is_written, previous.keeps_template(daemon_set, engine)))
        });
        report.explanation = cluster.zip(preview).map(|(cluster, preview)| {
            Box::new(Explanation::new(preview, cluster, |reason| match reason.cause {
                // A default of the server may be what is refused: the nearest field that is there is named.
                Cause::Refused(_) => Some(manifest.nearest_line(&reason.path)),
                _ => manifest.line(&reason.path),
            }))
        });
    }
    let located = |mut finding: Finding| {
        indent::advise(&mut finding, &manifest);
        written::keep(&mut finding, &manifest);
        let place = manifest.place(&finding.path, finding.anchor);
        Located { finding, place }
    };
    let (mut bound, mut allowances) = (at.bound.borrow_mut(), at.allowances.borrow_mut());
    allowances.add_annotation(&manifest, at.index, subject);
    let whole = (!allowances.is_empty()).then(|| Whole::of(&manifest, at.index, subject));
    if let Some(whole) = &whole {
        allowances.note(whole);
    }
    for finding in findings {
        let Some(whole) = whole.as_ref().filter(|_| allowances.has(finding.rule)) else {
            report.findings.extend(bound.passes(&finding).then(|| located(finding)));
            continue;
        };
        let located = located(finding);
        match allowances.covering(located.finding.rule, located.place, whole, at.lines) {
            Some((by, reason)) => report.allowed.push(Allowed { located, by, reason }),
            None => report.findings.extend(bound.passes(&located.finding).then_some(located)),
        }
    }
    // The ones in full first: they are kept.
    bound.count(&checked.rest);
    report.findings.sort_by_key(|located| located.place.exact.start);
    report
}

/// The classes that a DaemonSet names.
fn classes(daemon_set: &DaemonSet) -> Option<Classes> {
    let spec = daemon_set.spec.template.spec.as_ref()?;
    let name = |name: Option<&str>| name.filter(|name| !name.is_empty()).map(Box::from);
    let (priority, runtime) = (spec.priority_class_name.as_deref(), spec.runtime_class_name.as_deref());
    Some(Classes { priority: name(priority), runtime: name(runtime) })
}

/// The work of one preview in units of [`Budget`]: about a minute. No object that a server runs comes near it.
const MOST_WORK: u64 = 5_000_000_000;

/// Whether the object of a file that was found is no object but settings that have a `kind` among them, as the values of a chart have.
fn is_setting(tree: &Tree<'_>, subject: &Subject) -> bool {
    ["apiVersion", "metadata", "spec"].iter().all(|key| tree.get(subject.node, key).is_none())
}

/// Whether the object is a patch: a kustomization says so, or else its shape.
fn is_part(tree: &Tree<'_>, subject: &Subject, at: &Position<'_>) -> bool {
    match at.role {
        Role::Whole | Role::Resource | Role::Old => false,
        Role::Patch => true,
        Role::Found | Role::Template => is_part_by_shape(tree, subject.node, at.path),
    }
}

/// The report of a patch.
fn part(
    tree: &Tree<'_>,
    subject: &Subject,
    at: &Position<'_>,
    report: DocumentReport,
    engine: &Engine<'_>,
) -> DocumentReport {
    let Ok(checked) = checked(tree, subject, None, engine) else {
        return too_large(tree, subject, at, report);
    };
    let findings = findings_of_part(checked.findings, tree, subject.node);
    let (findings, placeholders) = without_placeholders(findings, tree, subject.node, at.text);
    let manifest = Manifest { tree, root: subject.node, text: at.text, lines: at.lines };
    let located =
        |finding: Finding| Located { place: manifest.place(&finding.path, finding.anchor), finding };
    let mut bound = at.bound.borrow_mut();
    let findings = findings.into_iter().filter(|finding| bound.passes(finding));
    let mut findings: Vec<Located> = findings.map(located).collect();
    findings.sort_by_key(|located| located.place.exact.start);
    DocumentReport { verdict: Verdict::Part, findings, placeholders, ..report }
}

/// Checks an object. What a file does not keep is only counted.
fn checked(
    tree: &Tree<'_>,
    subject: &Subject,
    stored: Option<Stored<'_>>,
    engine: &Engine<'_>,
) -> Result<Checked, TooLarge> {
    let bounds = Bounds::first(engine.kept()).memory(MEMORY);
    check_within(tree, subject, stored, &engine.server, &engine.levels, bounds)
}

/// The report of an object that is too large to be checked.
fn too_large(
    tree: &Tree<'_>,
    subject: &Subject,
    at: &Position<'_>,
    report: DocumentReport,
) -> DocumentReport {
    let message = format!(
        "{TooLarge}: decoded, it takes more than {} MiB of memory; a real DaemonSet takes less than one",
        MEMORY / (1024 * 1024)
    );
    let finding = Finding::new("file/unreadable", Severity::Error, FieldPath::document(), message)
        .help("look for a list with very many items");
    let manifest = Manifest { tree, root: subject.node, text: at.text, lines: at.lines };
    let findings = vec![Located { place: manifest.place(&finding.path, finding.anchor), finding }];
    DocumentReport { verdict: Verdict::Unreadable, findings, ..report }
}

/// The findings of the rules about a preview, and the parts of this DaemonSet that are compared with other DaemonSets.
pub(super) fn preview_findings(
    daemon_set: &DaemonSet,
    preview: Option<&Preview>,
    engine: &Engine<'_>,
) -> (Vec<Finding>, Peer) {
    let peer = Peer::new(daemon_set, preview);
    let findings = match (preview, engine.snapshot()) {
        (Some(preview), Some(snapshot)) => {
            let previewed = Previewed::new(daemon_set, preview, snapshot, NAMED_NODES);
            check_preview(&previewed, &engine.levels)
        }
        _ => Vec::new(),
    };
    (findings, peer)
}
