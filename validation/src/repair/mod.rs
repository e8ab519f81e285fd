//! Which findings come from one mistake, and which change resolves it.
//!
//! Changes that are plausible for a finding are tried: they are applied to the document, which is checked again. A change is good if its
//! finding is gone and no other finding is new. All findings that are gone with it are consequences of the same mistake, so people are
//! shown one of them. Advice therefore helps when it is followed. Only documents that the server refuses are tried, and only within a
//! budget.

mod candidate;
mod consequence;
mod displaced_item;
mod duplicate_key;
mod homes;
mod invalid;
mod labels;
mod look;
mod missing;
mod names;
mod quotes;
mod required;
mod safe;
mod samples;
mod second_object;
mod swallowed;
mod trial;
mod unknown_field;
mod volumes;
mod wrong_type;

use crate::check::Checked;
use crate::finding::{Finding, Severity};
use crate::rules::Levels;
use crate::server::Server;
use crate::stored::Stored;
use crate::subject::Subject;
use crate::subtree::subtree;
use crate::tree::Tree;

use candidate::Candidate;
use look::Look;
use trial::{Outcome, Trials};

/// Findings beyond this number get no trial.
const FINDINGS: usize = 40;

/// With more errors than this, nothing is tried or joined: nobody mends so many one by one, and the work would grow with their square.
const ERRORS: usize = 200;

/// A document with more nodes than this is not tried.
const NODES: usize = 100_000;

/// Joins the findings of one mistake, gives each mistake a change that resolves it, if there is one, and says which of the changes are
/// safe.
pub fn repair(
    tree: &Tree<'_>,
    subject: &Subject,
    stored: Option<Stored<'_>>,
    server: &Server,
    levels: &Levels,
    checked: &mut Checked,
) {
    join(tree, subject, stored, server, levels, checked);
    safe::mark(tree, subject.node, &mut checked.findings);
}

fn join(
    tree: &Tree<'_>,
    subject: &Subject,
    stored: Option<Stored<'_>>,
    server: &Server,
    levels: &Levels,
    checked: &mut Checked,
) {
    let errors = checked.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if errors > ERRORS {
        quotes::advise(tree, subject.node, &mut checked.findings);
    }
    if checked.daemon_set.is_none() || errors == 0 || errors > ERRORS {
        return;
    }
    // The trials of an object of a list copy the object only. One whose kind only its list says stays in the list.
    if subject.node != tree.root() && tree.get(subject.node, "kind").is_some() {
        let own = subtree(tree, subject.node);
        let subject = Subject { node: own.root(), ..subject.clone() };
        return repair_in(&own, &subject, stored, server, levels, checked);
    }
    repair_in(tree, subject, stored, server, levels, checked);
}

fn repair_in(
    tree: &Tree<'_>,
    subject: &Subject,
    stored: Option<Stored<'_>>,
    server: &Server,
    levels: &Levels,
    checked: &mut Checked,
) {
    let Some(daemon_set) = &checked.daemon_set else { return };
    let findings = &mut checked.findings;
    if tree.len() > NODES {
        return;
    }
    let look = Look { tree, root: subject.node, daemon_set, server };
    let mut trials = Trials::new(tree, subject, stored, server, levels, findings);
    let mut good: Vec<(usize, Candidate, Outcome)> = Vec::new();
    let errors = findings.iter().enumerate().filter(|(_, finding)| finding.severity == Severity::Error);
    let errors: Vec<usize> = errors.map(|(position, _)| position).take(FINDINGS).collect();
    for position in &errors {
        let Some(finding) = findings.get(*position) else { continue };
        for candidate in candidates(finding, findings, &look) {
            match trials.outcome(&candidate.edits, *position) {
                Some(outcome) if outcome.resolves => good.push((*position, candidate, outcome)),
                _ => {}
            }
        }
    }
    // The change that resolves most comes first; of equals the more plausible one.
    good.sort_by_key(|(position, candidate, outcome)| {
        (std::cmp::Reverse(outcome.gone.len()), outcome.warnings, candidate.rank, *position)
    });
    let mut settled = vec![false; findings.len()];
    let done = |settled: &[bool], position: usize| settled.get(position).copied().unwrap_or(true);
    for (position, candidate, outcome) in good {
        if done(&settled, position) {
            continue;
        }
        let Some(finding) = findings.get_mut(position) else { continue };
        candidate.adopt(finding);
        let cause = finding.field.clone();
        for gone in outcome.gone {
            if let Some(other) = findings.get_mut(gone)
                && gone != position
                && !done(&settled, gone)
            {
                other.consequence_of = Some(cause.clone());
            }
            if let Some(mark) = settled.get_mut(gone) {
                *mark = true;
            }
        }
    }
    for position in errors {
        // A change that was tried and does not help is no advice.
        if !done(&settled, position)
            && let Some(finding) = findings.get_mut(position)
            && trials.was_tried(position)
            && finding.fix.is_some()
        {
            finding.fix = None;
            finding.help = None;
        }
    }
    consequence::mark(findings, &look);
    second_object::advise(findings);
}

fn is_toleration(finding: &Finding) -> bool {
    finding.field.starts_with("spec.template.spec.tolerations")
}

/// What may resolve the finding.
fn candidates(finding: &Finding, all: &[Finding], look: &Look<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    // Of two equal changes the first is kept; these name the label.
    if missing::is_mismatch(finding) {
        labels::candidates(look, &mut found);
    }
    if let Some(fix) = &finding.fix {
        found.push(Candidate::own(fix.edits.clone()));
    }
    missing::candidates(finding, look, &mut found);
    displaced_item::candidates(finding, look, &mut found);
    match finding.rule {
        "api/unknown-field" => unknown_field::candidates(finding, all, look, &mut found),
        "api/decode" => wrong_type::candidates(finding, all, look, &mut found),
        "api/required" => required::candidates(finding, look, &mut found),
        "api/not-found" => volumes::candidates(finding, look, &mut found),
        "api/duplicate-key" => duplicate_key::candidates(finding, look, &mut found),
        "api/invalid" if missing::is_mismatch(finding) => {}
        "api/invalid" if look.is_empty(&finding.path) && !is_toleration(finding) => {
            required::candidates(finding, look, &mut found);
            invalid::candidates(finding, look, &mut found);
        }
        _ => invalid::candidates(finding, look, &mut found),
    }
    // The first of equal changes has the more specific words.
    let mut position = 0_usize;
    while let Some(candidate) = found.get(position) {
        let edits = candidate.edits.clone();
        let known = found.iter().take(position).any(|earlier| earlier.edits == edits);
        if known {
            found.remove(position);
        } else {
            position = position.saturating_add(1);
        }
    }
    found
}
