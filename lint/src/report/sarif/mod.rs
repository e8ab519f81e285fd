//! SARIF 2.1.0: the format of GitHub's code scanning, and of editors.

mod model;
mod text;

use std::collections::HashMap;
use std::io::{self, Write};

use daemonset_validation::Severity;
use daemonset_validation::levels::Level;
use daemonset_validation::rules::{Rule, find};
use daemonset_validation::words::count::thousands;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use self::model::{
    ArtifactChange, ArtifactLocation, Configuration, Content, Descriptor, Driver, Fix, Invocation, Location,
    Log, LogicalLocation, Message, Multiformat, Notification, PhysicalLocation, PropertyBag, Region,
    Replacement, Result, SarifRun, Suppression, Tool, UriBases,
};
use super::fingerprint::Fingerprints;
use super::source_root::{STANDARD_INPUT, SourcePath, SourceRoot};
use crate::engine::Run;
use crate::engine::allow::By;
use crate::engine::outcome::{Allowed, DocumentReport, FileReport, Located};
use crate::fix::{TextFix, text_fixes};
use crate::report::finding::{At, has_name, headline, object_name};
use crate::report::link;
use crate::shown::shown;
use crate::source::LineIndex;

/// The name of the root, as GitHub knows it.
const ROOT: &str = "%SRCROOT%";

/// The key of the fingerprint; its version changes if the fingerprint is made of other parts.
const FINGERPRINT: &str = "ruleObjectField/v1";

/// What may stand unencoded in a path. A colon may not: the first part of the path would be a scheme.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Prints the findings.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn write(run: &Run<'_>, root: &SourceRoot, out: &mut dyn Write) -> io::Result<()> {
    let mut rules = Rules::default();
    let mut fingerprints = Fingerprints::default();
    let mut results = Vec::new();
    let mut notifications: Vec<Notification> = run
        .errors
        .iter()
        .map(|error| notification("error", &format!("{}: {}", error.path, error.message), None))
        .collect();
    for file in &run.files {
        let lines = LineIndex::new(&file.text);
        // The lines of a rendered text are not those of its template, so nothing can be replaced there.
        let fixes = if file.rendered.is_some() { HashMap::new() } else { text_fixes(file) };
        let fix = |at: usize, number: usize, located: &Located| {
            fixes.get(&(at, number)).map(|one| fix(one, file, located, &lines, root)).into_iter().collect()
        };
        let own = file.findings.iter().map(|located| (None, located, Vec::new()));
        let of_objects = file.documents.iter().enumerate().flat_map(|(at, document)| {
            let findings = document.findings.iter().enumerate();
            findings.map(move |(number, located)| (Some(document), located, (at, number)))
        });
        let of_objects =
            of_objects.map(|(object, located, (at, number))| (object, located, fix(at, number, located)));
        for (object, located, fixes) in own.chain(of_objects) {
            if located.finding.is_shown() {
                let fingerprint = fingerprints.next(file, object, located);
                let result = result(file, object, located, &lines, root, &mut rules, fingerprint);
                let suppressions = run.shows_allowed.then(Vec::new);
                results.push(Result { fixes, suppressions, ..result });
            }
        }
        if let Some(reason) = &file.unreadable {
            let message = format!("{} cannot be read: {reason}", file.path);
            notifications.push(notification("error", &message, Some(artifact(&file.path, root))));
        }
        for more in &file.more {
            let message =
                format!("and {} more findings of {} in {}", thousands(more.count), more.rule, file.path);
            notifications.push(notification("warning", &message, Some(artifact(&file.path, root))));
        }
    }
    // They are last, so that they change no fingerprint of the others.
    for file in run.files.iter().filter(|_| run.shows_allowed) {
        let lines = LineIndex::new(&file.text);
        for (object, allowed) in file.all_allowed() {
            let located = &allowed.located;
            let fingerprint = fingerprints.next(file, object, located);
            let result = result(file, object, located, &lines, root, &mut rules, fingerprint);
            results.push(Result { suppressions: Some(vec![suppression(allowed)]), ..result });
        }
    }
    let successful = run.errors.is_empty() && run.files.iter().all(|file| file.unreadable.is_none());
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [SarifRun {
            tool: Tool {
                driver: Driver {
                    name: "daemonset-lint",
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: link::repository(),
                    rules: rules.descriptors(),
                },
            },
            invocations: [Invocation {
                execution_successful: successful,
                tool_execution_notifications: notifications,
            }],
            original_uri_base_ids: UriBases {
                root: ArtifactLocation {
                    uri: None,
                    uri_base_id: None,
                    description: Some(Message::plain("the root of the repository")),
                },
            },
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// The rules that have results, in the order of the first one.
#[derive(Default)]
struct Rules {
    places: HashMap<&'static str, usize>,
    ids: Vec<&'static str>,
}

impl Rules {
    fn place(&mut self, id: &'static str) -> usize {
        *self.places.entry(id).or_insert_with(|| {
            self.ids.push(id);
            self.ids.len().saturating_sub(1)
        })
    }

    fn descriptors(&self) -> Vec<Descriptor> {
        self.ids.iter().map(|id| descriptor(id, find(id))).collect()
    }
}

fn descriptor(id: &'static str, rule: Option<&'static Rule>) -> Descriptor {
    let summary = rule.map_or(id, |rule| rule.summary);
    let full = rule.and_then(|rule| link::paragraph(rule, "What it does"));
    let level = rule.map_or(Level::Warning, |rule| rule.level);
    Descriptor {
        id,
        short_description: Message::plain(summary),
        full_description: Message::plain(full.as_deref().unwrap_or(summary)),
        help: Multiformat {
            text: text::escaped(rule.map_or(summary, |rule| rule.page)),
            markdown: rule.map(|rule| rule.page),
        },
        help_uri: link::of(id),
        default_configuration: Configuration {
            enabled: level != Level::Off,
            level: level.severity().map_or("none", word),
        },
        properties: PropertyBag {
            tags: rule.map(|rule| vec!["kubernetes", rule.family.as_str()]).unwrap_or_default(),
        },
    }
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(
    file: &FileReport,
    object: Option<&DocumentReport>,
    located: &Located,
    lines: &LineIndex,
    root: &SourceRoot,
    rules: &mut Rules,
    fingerprint: String,
) -> Result {
    let finding = &located.finding;
    let mut message = shown(&headline(located)).into_owned();
    if let Some(help) = &finding.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    let region = At::new(file, located, lines).region.map(|region| Region {
        start_line: region.line,
        start_column: region.column,
        end_line: region.end_line,
        end_column: region.end_column,
    });
    let object = object.filter(|object| has_name(object));
    Result {
        rule_id: finding.rule,
        rule_index: rules.place(finding.rule),
        level: word(finding.severity),
        message: Message { text: text::escaped(&message) },
        locations: [Location {
            physical_location: PhysicalLocation { artifact_location: artifact(&file.path, root), region },
            logical_locations: object.map(|object| logical(object, &finding.field)).into_iter().collect(),
        }],
        partial_fingerprints: [(FINGERPRINT, fingerprint)].into(),
        fixes: Vec::new(),
        suppressions: None,
    }
}

fn fix(fix: &TextFix, file: &FileReport, located: &Located, lines: &LineIndex, root: &SourceRoot) -> Fix {
    let replacements = fix.edits.iter().map(|edit| {
        let (start_line, start_column) = lines.position(&file.text, edit.start);
        let (end_line, end_column) = lines.position(&file.text, edit.end);
        Replacement {
            deleted_region: Region { start_line, start_column, end_line, end_column },
            inserted_content: (!edit.text.is_empty()).then(|| Content { text: edit.text.clone() }),
        }
    });
    let help = located.finding.help.as_deref().unwrap_or("change it");
    let note = if fix.safe { "" } else { " (review it)" };
    Fix {
        description: Message { text: text::escaped(&format!("{help}{note}")) },
        artifact_changes: [ArtifactChange {
            artifact_location: artifact(&file.path, root),
            replacements: replacements.collect(),
        }],
    }
}

fn suppression(allowed: &Allowed) -> Suppression {
    let kind = match allowed.by {
        By::Comment | By::Annotation => "inSource",
        By::Baseline => "external",
    };
    Suppression { kind, justification: allowed.reason.as_deref().map(text::escaped) }
}

fn logical(object: &DocumentReport, field: &str) -> LogicalLocation {
    let object_name = object_name(object);
    let full = if field.is_empty() { object_name } else { format!("{object_name}: {field}") };
    LogicalLocation { name: object.name.clone(), fully_qualified_name: full, kind: "object" }
}

fn artifact(path: &str, root: &SourceRoot) -> ArtifactLocation {
    let encoded = |path: &str| utf8_percent_encode(path, PATH).to_string();
    let (uri, base) = match root.path(path) {
        SourcePath::Below(path) => (encoded(&path), Some(ROOT)),
        SourcePath::Elsewhere(path) => (format!("file://{}", encoded(&path)), None),
        SourcePath::StandardInput => (STANDARD_INPUT.to_owned(), None),
    };
    ArtifactLocation { uri: Some(uri), uri_base_id: base, description: None }
}

fn notification(level: &'static str, message: &str, artifact: Option<ArtifactLocation>) -> Notification {
    let location = |artifact_location| Location {
        physical_location: PhysicalLocation { artifact_location, region: None },
        logical_locations: Vec::new(),
    };
    Notification {
        level,
        message: Message { text: text::escaped(message) },
        locations: artifact.map(location).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_relative_reference() {
        let encoded = |path: &str| utf8_percent_encode(path, PATH).to_string();
        assert_eq!(encoded("a/b-c_d.e~f.yaml"), "a/b-c_d.e~f.yaml");
        assert_eq!(encoded("x:y z%ü?#[.yaml"), "x%3Ay%20z%25%C3%BC%3F%23%5B.yaml");
        assert_eq!(encoded("a\nb\u{1b}"), "a%0Ab%1B");
    }
}
