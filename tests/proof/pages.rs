//! The page of each rule is true: its example gives the finding, and what it says to use instead does not.

use std::ffi::OsString;
use std::sync::Arc;

use daemonset_lint::engine::outcome::Verdict;
use daemonset_lint::engine::{Engine, Run};
use daemonset_tests::command::lint;
use daemonset_tests::{compare_with_file, root, values};
use daemonset_validation::Server;
use daemonset_validation::levels::Level;
use daemonset_validation::placement::{Budget, KINDS, Kind, SnapshotBuilder};
use daemonset_validation::rules::{Check, Family, Levels as RuleLevels, RULES, Rule, find};
use daemonset_webhook::cache::View;
use daemonset_webhook::placement::{Old, Question, judge};
use daemonset_webhook::policy::Levels;
use serde_json::Value;

/// The headings of every page, in order.
const HEADINGS: [&str; 5] =
    ["## What it does", "## Why it matters", "## Example", "## Use instead", "## When to ignore it"];

/// The rules whose page has no example that can be executed, and why.
const WITHOUT_EXAMPLE: &[(&str, &str)] = &[
    ("api/internal", "no manifest is known that gives it"),
    ("api/type-invalid", "no manifest is known that gives it"),
    ("file/encoding", "a page holds only valid text; a session in tests/cli has a file that is not"),
    ("file/internal-error", "no text is known that makes the program fail"),
    ("file/unreadable", "a page holds only text; a session in tests/cli has a file that cannot be opened"),
];

/// A fenced block of a page.
struct Block<'p> {
    /// The words behind the fence.
    info: Vec<&'p str>,
    text: String,
}

/// The part of the page below a heading.
fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("\n{heading}\n")).unwrap();
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

fn blocks(section: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let text =
                lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
            blocks.push(Block { info: info.split_whitespace().collect(), text });
        }
    }
    blocks
}

/// The blocks of a page's section that say what to lint: manifests, and what they are linted against.
struct Case {
    manifests: Vec<String>,
    cluster: Option<String>,
    stored: Option<String>,
}

impl Case {
    fn of(section: &str) -> Self {
        let mut case = Self { manifests: Vec::new(), cluster: None, stored: None };
        for block in blocks(section) {
            match block.info.as_slice() {
                ["yaml" | "text"] => case.manifests.push(block.text),
                ["yaml", "cluster"] => case.cluster = Some(block.text),
                ["yaml", "stored"] => case.stored = Some(block.text),
                _ => {}
            }
        }
        case
    }

    /// What the command finds, as its JSON report has it.
    fn report(&self) -> Value {
        self.report_with(None)
    }

    /// The same, with the text of a config.
    fn report_with(&self, config: Option<&str>) -> Value {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.into_os_string()
        };
        let mut args: Vec<OsString> = vec!["--format".into(), "json".into()];
        if let Some(cluster) = &self.cluster {
            args.extend(["--explain".into(), "--nodes".into(), write("cluster.yaml", cluster)]);
        }
        if let Some(stored) = &self.stored {
            args.extend(["--against".into(), write("stored.yaml", stored)]);
        }
        if let Some(config) = config {
            args.extend(["--config".into(), write("config.yaml", config)]);
        }
        for (place, manifest) in self.manifests.iter().enumerate() {
            args.push(write(&format!("manifest-{place}.yaml"), manifest));
        }
        let report = lint(args, &[]).json().unwrap();
        if self.cluster.is_some() { report["lint"].clone() } else { report }
    }

    /// Whether a finding of the rule has a fix.
    fn has_fix(&self, id: &str) -> bool {
        let is_off = find(id).is_some_and(|rule| rule.level == Level::Off);
        let config = is_off.then(|| format!("levels: {{ {id}: warning }}\n"));
        let report = self.report_with(config.as_deref());
        let files = report["files"].as_array().unwrap();
        let findings = |one: &'_ Value| one["findings"].as_array().unwrap().clone();
        let documents = files.iter().flat_map(|file| file["documents"].as_array().unwrap());
        let mut all = documents.flat_map(findings).chain(files.iter().flat_map(findings));
        all.any(|finding| finding["rule"] == id && !finding["fix"].is_null())
    }

    /// The ids of what the command finds, and whether the server accepts every manifest.
    fn run(&self) -> (Vec<String>, bool) {
        let lint = self.report();
        let mut ids = Vec::new();
        let mut accepted = true;
        for file in lint["files"].as_array().unwrap() {
            let documents = file["documents"].as_array().unwrap();
            let judged = documents.iter().filter(|document| document["verdict"] != "skipped");
            accepted &= judged.into_iter().all(|document| document["verdict"] == "accepted");
            let findings = documents.iter().flat_map(|document| document["findings"].as_array().unwrap());
            for finding in findings.chain(file["findings"].as_array().unwrap()) {
                ids.push(finding["rule"].as_str().unwrap().to_owned());
            }
        }
        (ids, accepted)
    }
}

impl Case {
    /// The ids of what the command finds with a rule turned on, and whether the server accepts every manifest.
    fn run_turned_on(&self, rule: &Rule) -> (Vec<String>, bool) {
        let level = |one: &Rule| if one.id == rule.id { Level::Warning } else { one.level };
        let engine = Engine { levels: RuleLevels::by(level), ..Engine::default() };
        let check = |(place, text): (usize, &String)| {
            engine.check(format!("manifest-{place}.yaml"), text.clone().into_bytes())
        };
        let run = Run::new(self.manifests.iter().enumerate().map(check).collect(), &engine);
        let documents = run.files.iter().flat_map(|file| &file.documents);
        let accepted =
            documents.filter(|one| one.is_daemon_set()).all(|one| one.verdict == Verdict::Accepted);
        let found = run.files.iter().flat_map(|file| file.all_findings());
        (found.map(|located| located.finding.rule.to_owned()).collect(), accepted)
    }

    /// The ids of what the webhook finds on the cluster.
    fn run_in_webhook(&self) -> Vec<String> {
        let mut builder = SnapshotBuilder::new(Server::newest());
        for document in values::read_all(self.cluster.as_deref().unwrap()) {
            let items = document["items"].as_array().cloned().unwrap_or_else(|| vec![document]);
            for object in items {
                let word = |key: &str| object[key].as_str().unwrap_or_default();
                let kind = Kind::of(word("apiVersion"), word("kind")).unwrap();
                builder.add(kind, object.clone()).unwrap();
            }
        }
        KINDS.iter().for_each(|kind| builder.mark_read(*kind));
        let snapshot = Arc::new(builder.finish());
        let (server, levels, budget) = (Server::newest(), Levels::default(), Budget::unbounded());
        let question = Question { server: &server, levels: &levels, named_nodes: 3, budget: &budget };
        let judged = self.manifests.iter().flat_map(|manifest| {
            let daemon_set = serde_json::from_value(values::read(manifest)).unwrap();
            judge(&daemon_set, &mut || Old::None, &View::Ready(snapshot.clone()), &question).introduced
        });
        judged.map(|finding| finding.rule.to_owned()).collect()
    }
}

fn check(rule: &Rule) -> Result<(), String> {
    let mut rest = rule.page;
    for heading in HEADINGS {
        (_, rest) = rest.split_once(&format!("\n{heading}\n")).ok_or(format!("lacks {heading:?}"))?;
    }
    if WITHOUT_EXAMPLE.iter().any(|(id, _)| *id == rule.id) {
        return Ok(());
    }
    let example = Case::of(section(rule.page, "## Example"));
    let mut instead = Case::of(section(rule.page, "## Use instead"));
    if example.manifests.is_empty() || instead.manifests.is_empty() {
        return Err("has no example, or no manifest to use instead".to_owned());
    }
    let run = |case: &Case| match (rule.level, &rule.check) {
        (Level::Off, Check::Object(_) | Check::Together(_)) => case.run_turned_on(rule),
        // What else is off in the command is on in the webhook.
        (Level::Off, _) => (case.run_in_webhook(), true),
        _ => case.run(),
    };
    let (ids, _) = run(&example);
    if !ids.iter().any(|id| id == rule.id) {
        return Err(format!("the example does not give the finding, but {ids:?}"));
    }
    instead.cluster = instead.cluster.or(example.cluster);
    instead.stored = instead.stored.or(example.stored);
    let (ids, accepted) = run(&instead);
    if ids.iter().any(|id| id == rule.id) {
        return Err("what is to be used instead gives the finding as well".to_owned());
    }
    if !accepted {
        return Err(format!("the server rejects what is to be used instead: {ids:?}"));
    }
    Ok(())
}

#[test]
fn each_page_is_true() {
    let faults: Vec<String> = RULES
        .iter()
        .filter_map(|rule| check(rule).err().map(|fault| format!("{}: {fault}", rule.id)))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Every page and every file with a check belongs to one rule of the list.
#[test]
fn each_file_of_the_rules_is_in_the_list() {
    let list = std::fs::read_to_string(root().join("validation/src/rules/list.rs")).unwrap();
    let (mut pages, mut faults) = (0, Vec::new());
    for family in Family::ALL {
        let folder = root().join("validation/src/rules").join(family.as_str());
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            if path.extension().is_some_and(|extension| extension == "md") {
                pages += 1;
                if !RULES.iter().any(|rule| rule.page == text && rule.family == family) {
                    faults.push(format!("{} is the page of no rule of its family", path.display()));
                }
            } else if name != "mod" {
                if !list.contains(&format!("&{}::{name}::RULE,", family.as_str())) {
                    faults.push(format!("{} is not in the list", path.display()));
                }
                if !text.contains(&format!("include_str!(\"{name}.md\")")) {
                    faults.push(format!("{} does not have its page", path.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(pages, RULES.len());
}

/// What docs/rules.md says above its tables.
const INDEX: &str = "\
# Rules

Every id that a report can have, by family. `daemonset-lint rules` prints the list with the levels, `daemonset-lint rules ID` the page of one rule, and
`daemonset-lint rules --json` both for programs. The pages are beside the code, and their examples are executed by a test.

A rule with the level `off` is checked where a configuration gives it another level. The webhook has levels of its own
([webhook-config.md](webhook-config.md)). *Fix* says whether the finding of the page's example comes with a change: `fix` in the JSON report.

This page is written by `UPDATE=1 cargo test -p daemonset-tests --test pages`.
";

/// docs/rules.md has a row for each rule.
#[test]
fn the_index_of_the_rules_is_up_to_date() {
    let mut text = INDEX.to_owned();
    for family in Family::ALL {
        let rules: Vec<_> = RULES.iter().filter(|rule| rule.family == family).collect();
        text.push_str(&format!("\n## {}: {}\n\n", family.as_str(), family.summary()));
        text.push_str("| rule | level | since | fix | what it finds |\n|---|---|---|---|---|\n");
        for rule in rules {
            let page = rule.page_path();
            assert_eq!(std::fs::read_to_string(root().join(&page)).unwrap(), rule.page, "{page}");
            let is_executed = !WITHOUT_EXAMPLE.iter().any(|(id, _)| *id == rule.id);
            let fix = if is_executed && Case::of(section(rule.page, "## Example")).has_fix(rule.id) {
                "yes"
            } else {
                "no"
            };
            let (id, level, since) = (rule.id, rule.level, rule.since);
            text.push_str(&format!(
                "| [`{id}`](../{page}) | {level} | {since} | {fix} | {} |\n",
                rule.summary
            ));
        }
    }
    compare_with_file(&root().join("docs/rules.md"), &text);
}

/// The page on what is no rule names only rules that exist.
#[test]
fn what_is_no_rule_names_rules() {
    let text = std::fs::read_to_string(root().join("docs/not-rules.md")).unwrap();
    let words = text.split('`').skip(1).step_by(2);
    let is_id = |word: &&str| {
        word.contains(['-', '/'])
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'/'))
    };
    let ids: Vec<&str> = words.filter(is_id).filter(|word| !word.starts_with(['-', '/'])).collect();
    let unknown: Vec<_> = ids.iter().filter(|id| !RULES.iter().any(|rule| rule.id == **id)).collect();
    assert!(!ids.is_empty() && unknown.is_empty(), "{unknown:?}");
}
