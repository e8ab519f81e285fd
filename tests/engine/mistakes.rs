//! One mistake gives one finding, at the right line, and advice that is followed leaves fewer findings: thousands of typical mistakes in
//! the manifests of `mistakes/`.
//!
//! The manifests of `mistakes/cases` have one mistake each, at the line that their first line names. What is said of them is in
//! `docs/messages.md`.
//!
//! `SHOW=kind` prints what is wrong with the mutants of a kind, at most `SHOWN` of them.

use std::collections::BTreeMap;

use daemonset_tests::mistakes::{Mutant, judge, mutants};
use daemonset_tests::{compare_with_file, root, setting};

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    mutants: usize,
    valid: usize,
    one: usize,
    line: usize,
    advised: usize,
    with_fix: usize,
    followed: usize,
    helped: usize,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.mutants += other.mutants;
        self.valid += other.valid;
        self.one += other.one;
        self.line += other.line;
        self.advised += other.advised;
        self.with_fix += other.with_fix;
        self.followed += other.followed;
        self.helped += other.helped;
    }

    /// Tenths of a percent.
    fn share(part: usize, whole: usize) -> usize {
        (part * 1000).checked_div(whole).unwrap_or(1000)
    }

    fn row(self, kind: &str) -> String {
        let wrong = self.mutants - self.valid;
        let percent = |part: usize, whole: usize| {
            let share = Self::share(part, whole);
            format!("{}.{} %", share / 10, share % 10)
        };
        format!(
            "| {kind} | {} | {} | {} | {} | {} | {} | {} |",
            self.mutants,
            self.valid,
            percent(self.one, wrong),
            percent(self.line, wrong),
            percent(self.advised, wrong),
            percent(self.with_fix, wrong),
            percent(self.helped, self.followed),
        )
    }
}

fn measure(mutant: &Mutant) -> Counts {
    let judged = judge(&mutant.text);
    let mut counts = Counts { mutants: 1, ..Counts::default() };
    if judged.shown.is_empty() {
        counts.valid = 1;
        return counts;
    }
    counts.one = usize::from(judged.shown.len() == 1);
    counts.line = usize::from(judged.shown.iter().all(|shown| mutant.lines.contains(&shown.line)));
    counts.advised = usize::from(judged.shown.iter().all(|shown| shown.finding.help.is_some()));
    counts.with_fix = usize::from(judged.shown.iter().all(|shown| shown.finding.fix.is_some()));
    counts.followed = judged.shown.iter().filter(|shown| shown.helps.is_some()).count();
    counts.helped = judged.shown.iter().filter(|shown| shown.helps == Some(true)).count();
    counts
}

/// Prints a mutant of which something is wrong.
fn show(mutant: &Mutant, original: &str) {
    let judged = judge(&mutant.text);
    println!("==== {} (lines {:?})", mutant.kind, mutant.lines);
    let (old, new): (Vec<&str>, Vec<&str>) = (original.lines().collect(), mutant.text.lines().collect());
    for (number, line) in new.iter().enumerate() {
        if old.get(number) != Some(line) {
            println!("{:>4} {line}", number + 1);
        }
        if old.len() == new.len() && old[number] != *line {
            println!("   was {}", old[number]);
        }
        if old.len() != new.len() && old.get(number) != Some(line) && number > 3 {
            for next in new.iter().skip(number + 1).take(4) {
                println!("     {next}");
            }
            break;
        }
    }
    for shown in &judged.shown {
        let finding = &shown.finding;
        println!(
            "  line {} [{}] {}: {}\n      help {:?} fix {:?} helps {:?}",
            shown.line,
            finding.rule,
            finding.field,
            finding.sentence(),
            finding.help,
            finding.fix,
            shown.helps
        );
    }
}

/// The manifests of a folder beside this file, by name.
fn manifests(folder: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(root().join("tests/engine/mistakes").join(folder)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let named = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&path).unwrap())
    };
    files.into_iter().map(named).collect()
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[test]
fn each_case_has_one_finding_at_its_line_with_advice_that_helps() {
    let mut rows = String::new();
    let mut faults = Vec::new();
    for (name, text) in manifests("cases") {
        let line: usize = text.lines().next().unwrap().strip_prefix("# line ").unwrap().parse().unwrap();
        let judged = judge(&text);
        let [shown] = judged.shown.as_slice() else {
            faults.push(format!("{name}: {} findings", judged.shown.len()));
            continue;
        };
        let help = shown.finding.help.as_deref().unwrap_or_default();
        if shown.line != line || help.is_empty() || shown.helps == Some(false) {
            faults.push(format!("{name}: line {} of {line}, helps {:?}: {help}", shown.line, shown.helps));
        }
        let written = text.lines().nth(line - 1).unwrap().trim();
        let sentence = cell(shown.finding.sentence());
        rows.push_str(&format!("| `{}` | {sentence} | {} |\n", cell(written), cell(help)));
    }
    assert!(faults.is_empty(), "{faults:#?}");
    let page = format!("{PAGE}\n| the line | what is wrong | what to do |\n|---|---|---|\n{rows}");
    compare_with_file(&root().join("docs/messages.md"), &page);
}

const PAGE: &str = "# What the command says of typical mistakes

One mistake has one finding, at the line to change, and what it says to do resolves it. Findings that only follow from another one are left
out of the text and of its count. The JSON report has them all, with `consequenceOf`: the `field` of the finding that they follow from.

What the server says of a mistake is in the JSON report (`cause`, `field`, `message`) and below the help in the text (`server:`), if the
headline says it in other words.

How it works: changes that are plausible for a finding are applied to the document, which is checked again. A change is offered as `fix`, and
described in the help, if its finding is gone and no other is new. The findings that are gone with it come from the same mistake.

The table is recorded by `UPDATE=1 cargo test -p daemonset-tests --test mistakes` from `tests/engine/mistakes/cases`.
";

#[test]
fn one_mistake_is_one_finding_with_advice_that_helps() {
    let wanted = std::env::var("SHOW").ok();
    let criterion = std::env::var("OF").unwrap_or_default();
    let mut left = setting("SHOWN", 20);
    let mut kinds: BTreeMap<&'static str, Counts> = BTreeMap::new();
    let mut all = Counts::default();
    for (name, text) in manifests("base") {
        let judged = judge(&text);
        assert!(judged.all == 0, "{name}: {judged:?}");
        for mutant in mutants(&text) {
            let counts = measure(&mutant);
            let bad = match criterion.as_str() {
                "one" => counts.one == 0,
                "line" => counts.line == 0,
                "fix" => counts.with_fix == 0,
                "help" => counts.advised == 0,
                "follow" => counts.helped < counts.followed,
                _ => counts.one == 0 || counts.line == 0 || counts.helped < counts.followed,
            };
            if counts.valid == 0 && bad && left > 0 && wanted.as_deref() == Some(mutant.kind) {
                show(&mutant, &text);
                left -= 1;
            }
            kinds.entry(mutant.kind).or_default().add(counts);
            all.add(counts);
        }
    }
    println!(
        "| mistake | mutants | valid | one finding | right line | with help | with a fix | followed advice helps |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (kind, counts) in &kinds {
        println!("{}", counts.row(kind));
    }
    println!("{}", all.row("all"));
    assert!(all.mutants >= 2_000, "only {} mutants", all.mutants);
    let wrong = all.mutants - all.valid;
    assert!(Counts::share(all.one, wrong) >= 990, "mistakes with one finding");
    assert!(Counts::share(all.line, wrong) >= 990, "mistakes at the right line");
    assert!(Counts::share(all.advised, wrong) >= 990, "mistakes with help");
    assert_eq!(all.helped, all.followed, "advice that was followed");
}
