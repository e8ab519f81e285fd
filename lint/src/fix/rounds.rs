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

/// The fixes that do not help alone and are followed to see whether they help with others.
const FURTHER: usize = 8;

/// How often the text is judged to find out which fixes help, in each round; a large text less often.
const TRIALS: usize = 64;

/// The bytes that are judged in each round.
const BYTES: usize = 64 << 20;

/// How often a text of this length is judged, at most `most` times.
fn times(most: usize, length: usize) -> usize {
    BYTES.checked_div(length).unwrap_or(most).clamp(2, most.max(2))
}

/// What was made of a text.
#[derive(Debug, Default)]
pub(super) struct Mended {
    /// The edits of the text as it was; empty if nothing was mended. Sorted and apart from each other.
    pub(super) edits: Vec<TextEdit>,
    /// The text with the edits.
    pub(super) text: String,
    /// How many fixes of each rule were made.
    pub(super) rules: BTreeMap<&'static str, usize>,
    /// How many findings are left whose fixes are not safe.
    pub(super) waiting: usize,
    /// Why fixes were not made.
    pub(super) barred: Option<Barred>,
}

/// Judges a text by itself, with all its findings.
pub(super) type Judge<'j> = &'j dyn Fn(&str) -> FileReport;

/// Makes the safe fixes, or all.
pub(super) fn mend(text: &str, with_unsafe: bool, judge: Judge<'_>) -> Mended {
    let mut mended = Mended { text: text.to_owned(), ..Mended::default() };
    let report = judge(text);
    if !has_fix(&report) {
        return mended;
    }
    mended.barred = barred(&report);
    if mended.barred.is_some() {
        return mended;
    }
    let mut state = State {
        length: text.len(),
        edits: Vec::new(),
        text: text.to_owned(),
        rules: BTreeMap::new(),
        report,
    };
    for _ in 0..ROUNDS {
        state.settle(with_unsafe, judge);
        match state.further(with_unsafe, judge) {
            Some(next) => state = next,
            None => break,
        }
    }
    let others = || state.candidates(true).iter().filter(|candidate| !candidate.safe).count();
    let waiting = if with_unsafe { 0 } else { others() };
    Mended { edits: state.edits, text: state.text, rules: state.rules, waiting, barred: None }
}

/// A text on the way, with what was made so far.
struct State {
    /// The length of the text at the beginning.
    length: usize,
    edits: Vec<TextEdit>,
    text: String,
    rules: BTreeMap<&'static str, usize>,
    report: FileReport,
}

impl State {
    fn candidates(&self, with_unsafe: bool) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = of_findings(&self.report).into_values().collect();
        candidates.retain(|candidate| with_unsafe || candidate.safe);
        candidates
            .sort_by_key(|candidate| (candidate.edits.first().map(|edit| edit.start), candidate.position));
        candidates
    }

    /// Makes fixes until none is left that makes the text better.
    fn settle(&mut self, with_unsafe: bool, judge: Judge<'_>) {
        for _ in 0..ROUNDS {
            let candidates = self.candidates(with_unsafe);
            if candidates.is_empty() {
                break;
            }
            let good = {
                let mut round = Round {
                    text: &self.text,
                    sheet: Sheet::new(&self.text),
                    before: &self.report,
                    judge,
                    trials: times(TRIALS, self.text.len()),
                };
                let good = round.good(&apart(candidates.iter()));
                if good.after.is_some() {
                    good
                } else {
                    // Those that overlapped the ones that do not help.
                    round.first_good(&candidates.iter().collect::<Vec<_>>())
                }
            };
            let (Some(after), Some(edits)) = (good.after, edits_of(&good.candidates)) else { break };
            self.take(&good.candidates, &edits, after);
        }
    }

    fn take(&mut self, candidates: &[&Candidate], edits: &[TextEdit], after: (String, FileReport)) {
        for candidate in candidates {
            let count = self.rules.entry(candidate.rule).or_default();
            *count = count.saturating_add(1);
        }
        self.edits = composed(self.length, &self.edits, edits);
        (self.text, self.report) = after;
    }

    /// A fix that brings to light what it hid, such as that of the version of an object, with the fixes of that: all together are better.
    fn further(&self, with_unsafe: bool, judge: Judge<'_>) -> Option<Self> {
        let candidates = self.candidates(with_unsafe);
        for candidate in
            candidates.iter().filter(|candidate| !separates(candidate)).take(times(FURTHER, self.text.len()))
        {
            let Some(text) = applied(&self.text, &candidate.edits) else { continue };
            let sheet = Sheet::new(&self.text);
            let differing = sheet.differing(&Sheet::new(&text), &in_order(&[candidate]));
            if differing.is_none_or(|differing| !differing.is_empty()) {
                continue;
            }
            let report = judge(&text);
            let mut next = Self {
                length: self.length,
                edits: self.edits.clone(),
                text: String::new(),
                rules: self.rules.clone(),
                report: FileReport::empty(String::new()),
            };
            next.take(&[candidate], &candidate.edits, (text, report));
            next.settle(with_unsafe, judge);
            let (before, after) = (scores(&self.report), scores(&next.report));
            let no_worse = before.len() == after.len()
                && before.iter().all(|(position, old)| after.get(position).is_some_and(|new| new <= old));
            let same_file = next.report.findings.len() <= self.report.findings.len();
            if no_worse && same_file && Score::of_file(&next.report) < Score::of_file(&self.report) {
                return Some(next);
            }
        }
        None
    }
}

fn separates(candidate: &Candidate) -> bool {
    matches!(candidate.fix.as_slice(), [Edit::Separate { .. }])
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
    Good(String, Box<FileReport>),
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
                return Good { candidates: candidates.to_vec(), after: Some((text, *report)) };
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
            Some(Trial::Good(text, report)) => Good { candidates: kept, after: Some((text, *report)) },
            _ => self.first_good(&kept),
        }
    }

    /// The first candidate that helps alone.
    fn first_good<'c>(&mut self, candidates: &[&'c Candidate]) -> Good<'c> {
        for candidate in candidates {
            match self.trial(&[candidate]) {
                None => break,
                Some(Trial::Good(text, report)) => {
                    return Good { candidates: vec![*candidate], after: Some((text, *report)) };
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
        let separates = matches!(candidates, [only] if separates(only));
        // What has an anchor is changed at other places as well, which only judging can show.
        let shared = matches!(candidates, [only] if only.shared);
        if !separates && !shared {
            let differing = self.sheet.differing(&Sheet::new(&text), &in_order(candidates));
            match differing {
                None => return Some(Trial::Bad(None)),
                Some(differing) if !differing.is_empty() => {
                    let positions = candidates.iter().map(|candidate| candidate.position);
                    let bad: BTreeSet<_> =
                        positions.filter(|position| differing.contains(&position.0)).collect();
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
            None => Trial::Good(text, Box::new(report)),
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
