//! The fixes of a report that can be made in its text.

use std::collections::{BTreeSet, HashMap, HashSet};

use daemonset_validation::{Edit, Severity};

use super::plan::{Position, Sheet};
use super::text_edit::{TextEdit, Written, applied, sorted};
use crate::engine::outcome::{DocumentReport, FileReport, Reading, Verdict};
use crate::engine::role::Role;

/// A fix of a finding, ready to be made.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) position: Position,
    pub(super) rule: &'static str,
    pub(super) severity: Severity,
    pub(super) fix: Vec<Edit>,
    /// Sorted and apart from each other.
    pub(super) edits: Vec<TextEdit>,
    pub(super) safe: bool,
    /// Whether other places of the document change with it, by an alias or a merge key.
    pub(super) shared: bool,
}

/// Why nothing in a file is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Barred {
    /// It is a template.
    Template,
    /// A part of it cannot be read.
    Broken,
    /// It is a patch, or what is in it is not judged.
    Part,
}

impl Barred {
    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::Template => {
                "it holds expressions of a template, `{{ }}`; mend the template, or what it renders"
            }
            Self::Broken => "a part of it cannot be read",
            Self::Part => "it is a patch, and not a whole object",
        }
    }
}

/// Why nothing in the file is changed; `None` if its fixes can be made. Only of a file with a fix it is asked.
pub(super) fn barred(report: &FileReport) -> Option<Barred> {
    if report.rendered.is_some()
        || report.text.contains("{{")
        || report.role == Role::Template
        || matches!(report.reading, Reading::Template(_))
    {
        return Some(Barred::Template);
    }
    if report.role == Role::Patch {
        return Some(Barred::Part);
    }
    let broken = report.unreadable.is_some()
        || report.reading != Reading::Whole
        || report.findings.iter().any(|located| located.finding.rule.starts_with("file/"));
    if broken {
        return Some(Barred::Broken);
    }
    (report.role == Role::Old).then_some(Barred::Part)
}

/// Whether fixes of the object can be made: of patches, and of objects with placeholders, it is not known what is whole.
fn is_whole(document: &DocumentReport) -> bool {
    document.placeholders == 0
        && !matches!(document.verdict, Verdict::Part | Verdict::Unfilled | Verdict::Skipped)
}

/// Whether the file has a finding with a fix.
pub(super) fn has_fix(report: &FileReport) -> bool {
    report.all_findings().any(|located| located.finding.fix.is_some())
}

/// The place of each finding in a report, with the fix of the finding as edits of the text.
pub(super) fn of_findings(report: &FileReport) -> HashMap<(usize, usize), Candidate> {
    let mut found = HashMap::new();
    if !has_fix(report) || barred(report).is_some() {
        return found;
    }
    let sheet = Sheet::new(&report.text);
    let mut page = None;
    let mut written = None;
    for (at, document) in report.documents.iter().enumerate().filter(|(_, document)| is_whole(document)) {
        let position = (document.index, document.item);
        for (number, located) in document.findings.iter().enumerate() {
            let Some(fix) = located.finding.fix.as_ref().filter(|_| located.finding.is_shown()) else {
                continue;
            };
            if written != Some(document.index) {
                page = sheet.page(document.index);
                written = Some(document.index);
            }
            let Some(page) = &page else { continue };
            let Some(Written { edits, drops_comment, shared }) = sheet.edits(page, position, &fix.edits)
            else {
                continue;
            };
            let finding = &located.finding;
            let candidate = Candidate {
                position,
                rule: finding.rule,
                severity: finding.severity,
                fix: fix.edits.clone(),
                edits,
                safe: fix.safe && !drops_comment && !shared,
                shared,
            };
            found.insert((at, number), candidate);
        }
    }
    found
}

/// The same, of which each was tried: the text with its edits is the document that is meant. Of very many fixes in a large file only the
/// first ones are tried one by one, and those that fit together all at once.
pub(super) fn tried(report: &FileReport) -> HashMap<(usize, usize), Candidate> {
    let mut found = of_findings(report);
    if found.is_empty() {
        return found;
    }
    let sheet = Sheet::new(&report.text);
    let mut places: Vec<(usize, usize)> = found.keys().copied().collect();
    places.sort_by_key(|place| {
        found.get(place).map(|candidate| candidate.edits.first().map(|edit| edit.start))
    });
    let together = apart(places.iter().filter_map(|place| found.get(place)));
    let mut known: HashSet<*const Candidate> = HashSet::new();
    if is_meant_together(&sheet, &together) {
        known.extend(together.into_iter().map(std::ptr::from_ref));
    }
    let mut budget = BYTES;
    places.retain(|place| {
        let Some(candidate) = found.get(place) else { return false };
        !known.contains(&std::ptr::from_ref(candidate))
            && !is_meant(&sheet, candidate, report.text.len(), &mut budget)
    });
    for place in places {
        found.remove(&place);
    }
    found
}

/// The bytes that are parsed to try the fixes of a file one by one.
const BYTES: usize = 2 << 20;

fn is_meant(sheet: &Sheet<'_>, candidate: &Candidate, length: usize, budget: &mut usize) -> bool {
    let Some(left) = budget.checked_sub(length) else { return false };
    *budget = left;
    sheet.is_meant(candidate.position, &candidate.fix, &candidate.edits)
}

/// The candidates, in the order of the text, whose edits do not overlap those of one before.
pub(super) fn apart<'c>(candidates: impl Iterator<Item = &'c Candidate>) -> Vec<&'c Candidate> {
    let mut chosen: Vec<&Candidate> = Vec::new();
    let mut taken: BTreeSet<(usize, usize)> = BTreeSet::new();
    let separates = |candidate: &Candidate| matches!(candidate.fix.as_slice(), [Edit::Separate { .. }]);
    for candidate in candidates {
        let is_free = |edit: &TextEdit| {
            let own = (edit.start, edit.end);
            let before = taken.range(..(edit.end, 0)).next_back();
            let before = before.is_none_or(|(_, end)| *end <= edit.start);
            before && !taken.contains(&own)
        };
        if candidate.edits.is_empty() || !candidate.edits.iter().all(is_free) {
            continue;
        }
        // Behind a new separator, documents count on.
        if separates(candidate) && !chosen.is_empty() {
            continue;
        }
        taken.extend(candidate.edits.iter().map(|edit| (edit.start, edit.end)));
        chosen.push(candidate);
        if separates(candidate) {
            break;
        }
    }
    chosen
}

/// The text with the edits of all of them.
pub(super) fn edits_of(candidates: &[&Candidate]) -> Option<Vec<TextEdit>> {
    sorted(candidates.iter().flat_map(|candidate| candidate.edits.iter().cloned()).collect())
}

fn is_meant_together(sheet: &Sheet<'_>, candidates: &[&Candidate]) -> bool {
    let text = edits_of(candidates).and_then(|edits| applied(sheet.text(), &edits));
    let Some(text) = text else { return false };
    let fixes = in_order(candidates);
    sheet.differing(&Sheet::new(&text), &fixes).is_some_and(|differing| differing.is_empty())
}

/// The fixes in an order in which none moves the place of a later one: the last of the text first.
pub(super) fn in_order<'c>(candidates: &[&'c Candidate]) -> Vec<(Position, &'c [Edit])> {
    let mut sorted = candidates.to_vec();
    sorted.sort_by_key(|candidate| std::cmp::Reverse(candidate.edits.last().map(|edit| edit.start)));
    sorted.into_iter().map(|candidate| (candidate.position, candidate.fix.as_slice())).collect()
}
