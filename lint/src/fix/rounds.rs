//! Makes the fixes of a text, round by round, until there is none left that makes the text better.
//!
//! Each round makes all fixes whose edits do not overlap, reads the result and judges it. Where an object has more errors than before, or
//! not fewer findings, half of its fixes are tried, then half of those: what does not help is left out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use daemonset_validation::{Edit, Severity};

use super::candidates::{Barred, Candidate, apart, barred, edits_of, has_fix, in_order, of_findings};
use super::plan::{Position, Sheet};
use super::text_edit::{TextEdit, applied, composed};
use crate::engine::outcome::FileReport;

/// The rounds of a text. Of fixes that wait for each other, each round makes at least one.
const ROUNDS: usize = 32;

/// How often the text is judged to find out which fixes help, in each round.
const TRIALS: usize = 64;

/// What was made of a text.
#[derive(Debug, Default)]
pub(super) struct Mended {
    /// The edits of the text as it was; empty if nothing was mended. Sorted and apart from each other.
    pub(super) edits: Vec<TextEdit>,
    /// The text with the edits.
    pub(super) text: String,
    /// How many fixes of each rule were made.
    pub(super) rules: BTreeMap<&'static str, usize>,
    /// Why fixes were not made.
    pub(super) barred: Option<Barred>,
}

/// Judges a text by itself, with all its findings.
pub(super) type Judge<'j> = &'j dyn Fn(&str) -> FileReport;

/// Makes the safe fixes, or all.
pub(super) fn mend(text: &str, with_unsafe: bool, judge: Judge<'_>) -> Mended {
    let mut mended = Mended { text: text.to_owned(), ..Mended::default() };
    let mut report = judge(text);
    if !has_fix(&report) {
        return mended;
    }
    mended.barred = barred(&report);
    if mended.barred.is_some() {
        return mended;
    }
    for _ in 0..ROUNDS {
        let mut candidates: Vec<Candidate> = of_findings(&report).into_values().collect();
        candidates.retain(|candidate| with_unsafe || candidate.safe);
        candidates.sort_by_key(|candidate| (candidate.edits.first().map(|edit| edit.start), candidate.position));
        let chosen = apart(candidates.iter());
        let mut round = Round { text: &mended.text, sheet: Sheet::new(&mended.text), before: &report, judge, trials: TRIALS };
        let mut good = round.good(&chosen);
        if good.candidates.is_empty() {
            // Those that overlapped the ones that do not help.
            let rest: Vec<&Candidate> = candidates.iter().collect();
            good = round.first_good(&rest);
        }
        let Some(after) = good.after.take() else { break };
        let Some(edits) = edits_of(&good.candidates) else { break };
        for candidate in &good.candidates {
            let count = mended.rules.entry(candidate.rule).or_default();
            *count = count.saturating_add(1);
        }
        mended.edits = composed(text.len(), &mended.edits, &edits);
        let (next, next_report) = after;
        mended.text = next;
        report = next_report;
    }
    mended
}

/// Candidates that were tried together and help, with the text that they make and its report.
#[derive(Default)]
struct Good<'c> {
    candidates: Vec<&'c Candidate>,
    after: Option<(String, FileReport)>,
}

struct Round<'r> {
    text: &'r str,
    sheet: Sheet<'r>,
    before: &'r FileReport,
    judge: Judge<'r>,
    trials: usize,
}

/// What trying candidates together shows.
enum Trial {
    /// All is better.
    Good(String, FileReport),
    /// Objects of these documents are not better; `None` if it is not known which.
    Bad(Option<BTreeSet<Position>>),
}

impl Round<'_> {
    /// As many of the candidates as help.
    fn good<'c>(&mut self, candidates: &[&'c Candidate]) -> Good<'c> {
        if candidates.is_empty() {
            return Good::default();
        }
        let bad = match self.trial(candidates) {
            None => return Good::default(),
            Some(Trial::Good(text, report)) => {
                return Good { candidates: candidates.to_vec(), after: Some((text, report)) };
            }
            Some(Trial::Bad(bad)) => bad,
        };
        let is_bad = |candidate: &Candidate| bad.as_ref().is_none_or(|bad| bad.contains(&candidate.position));
        let (doubtful, mut kept): (Vec<&Candidate>, Vec<&Candidate>) =
            candidates.iter().partition(|candidate| is_bad(candidate));
        let mut by_object: BTreeMap<Position, Vec<&Candidate>> = BTreeMap::new();
        for candidate in doubtful {
            by_object.entry(candidate.position).or_default().push(candidate);
        }
        let one_object = by_object.len() == 1 && kept.is_empty();
        for candidates in by_object.into_values() {
            if one_object && candidates.len() == 1 {
                continue;
            }
            let middle = if one_object { candidates.len().div_ceil(2) } else { candidates.len() };
            let (first, second) = candidates.split_at(middle.min(candidates.len()));
            for half in [first, second] {
                kept.extend(self.good(half).candidates);
            }
        }
        if kept.is_empty() {
            return Good::default();
        }
        kept.sort_by_key(|candidate| candidate.edits.first().map(|edit| edit.start));
        match self.trial(&kept) {
            Some(Trial::Good(text, report)) => Good { candidates: kept, after: Some((text, report)) },
            _ => self.first_good(&kept),
        }
    }

    /// The first candidate that helps alone.
    fn first_good<'c>(&mut self, candidates: &[&'c Candidate]) -> Good<'c> {
        for candidate in candidates {
            match self.trial(&[candidate]) {
                None => break,
                Some(Trial::Good(text, report)) => {
                    return Good { candidates: vec![*candidate], after: Some((text, report)) };
                }
                Some(Trial::Bad(_)) => {}
            }
        }
        Good::default()
    }

    /// Tries candidates together; `None` if there were too many trials.
    fn trial(&mut self, candidates: &[&Candidate]) -> Option<Trial> {
        self.trials = self.trials.checked_sub(1)?;
        let text = edits_of(candidates).and_then(|edits| applied(self.text, &edits));
        let Some(text) = text else { return Some(Trial::Bad(None)) };
        let separates = matches!(candidates, [only] if matches!(only.fix.as_slice(), [Edit::Separate { .. }]));
        if !separates {
            let differing = self.sheet.differing(&Sheet::new(&text), &in_order(candidates));
            match differing {
                None => return Some(Trial::Bad(None)),
                Some(differing) if !differing.is_empty() => {
                    let positions = candidates.iter().map(|candidate| candidate.position);
                    let bad: BTreeSet<_> = positions.filter(|position| differing.contains(&position.0)).collect();
                    return Some(Trial::Bad((!bad.is_empty()).then_some(bad)));
                }
                Some(_) => {}
            }
        }
        let report = (self.judge)(&text);
        let bad = if separates {
            let better = Score::of_file(&report) < Score::of_file(self.before);
            (!better).then(BTreeSet::new)
        } else {
            self.worse(&report, candidates)
        };
        Some(match bad {
            None => Trial::Good(text, report),
            Some(bad) => Trial::Bad((!bad.is_empty()).then_some(bad)),
        })
    }

    /// The objects that are not better; `None` if all are.
    fn worse(&self, after: &FileReport, candidates: &[&Candidate]) -> Option<BTreeSet<Position>> {
        let mut bad = BTreeSet::new();
        if after.findings.len() > self.before.findings.len() {
            return Some(bad);
        }
        let mut wanted: HashMap<Position, Score> = HashMap::new();
        for candidate in candidates {
            wanted.entry(candidate.position).or_default().count(candidate.severity);
        }
        let (before, after) = (scores(self.before), scores(after));
        if before.len() != after.len() {
            return Some(bad);
        }
        for (position, old) in &before {
            let Some(new) = after.get(position) else { return Some(BTreeSet::new()) };
            let good = match wanted.get(position) {
                None => new <= old,
                Some(wanted) => new < old && old.covers(new, wanted),
            };
            if !good {
                bad.insert(*position);
            }
        }
        (!bad.is_empty()).then_some(bad)
    }
}

/// The numbers of findings, the more serious first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    errors: usize,
    warnings: usize,
    infos: usize,
}

impl Score {
    fn count(&mut self, severity: Severity) {
        let count = match severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
            Severity::Info => &mut self.infos,
        };
        *count = count.saturating_add(1);
    }

    fn of_file(report: &FileReport) -> Self {
        let mut score = Self::default();
        report.all_findings().for_each(|located| score.count(located.finding.severity));
        score
    }

    /// Whether at least as many findings are gone as were to be mended. Where there were errors, the server said nothing else, so only
    /// they are counted.
    fn covers(&self, after: &Self, wanted: &Self) -> bool {
        let gone = |before: usize, after: usize| before.saturating_sub(after);
        if wanted.errors > 0 {
            return gone(self.errors, after.errors) >= wanted.errors;
        }
        gone(self.warnings.saturating_add(self.infos), after.warnings.saturating_add(after.infos))
            >= wanted.warnings.saturating_add(wanted.infos)
    }
}

/// The score of each object.
fn scores(report: &FileReport) -> BTreeMap<Position, Score> {
    let mut scores: BTreeMap<Position, Score> = BTreeMap::new();
    for document in &report.documents {
        let score = scores.entry((document.index, document.item)).or_default();
        document.findings.iter().for_each(|located| score.count(located.finding.severity));
    }
    scores
}
