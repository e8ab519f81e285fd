//! The JSON report for programs. Its format is stable and described by `schema/report.schema.json`.

use std::collections::HashMap;
use std::io::{self, Write};

use daemonset_validation::{Edit, FieldPath, Finding};
use serde::Serialize;

use crate::engine::Run;
use crate::engine::bounded::More;
use crate::engine::outcome::{Allowed, DocumentReport, FileReport, Located, Reading};
use crate::engine::role::Role;
use crate::fix::{TextEdit, TextFix, text_fixes};
use crate::report::explain::json as explain_json;
use crate::report::link;
use crate::source::LineIndex;

/// The version of the format; it changes when the meaning of a key changes.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Lint<'r> {
    schema_version: u32,
    tool: Tool,
    kubernetes_version: &'r str,
    files: Vec<File<'r>>,
    errors: Vec<ErrorItem<'r>>,
    summary: Totals,
}

#[derive(Serialize)]
struct ErrorItem<'r> {
    path: &'r str,
    message: &'r str,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

const TOOL: Tool = Tool { name: "daemonset-lint", version: env!("CARGO_PKG_VERSION") };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'r> {
    path: &'r str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    against: bool,
    /// The program that rendered the text in which lines and columns count; the path is that of the template.
    #[serde(skip_serializing_if = "Option::is_none")]
    rendered_by: Option<&'static str>,
    documents: Vec<Document<'r>>,
    findings: Vec<Item<'r>>,
    /// Findings that are counted only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    more: Vec<MoreItem>,
}

#[derive(Serialize)]
struct MoreItem {
    rule: &'static str,
    severity: &'static str,
    count: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'r> {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<usize>,
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'r str>,
    api_version: &'r str,
    kind: &'r str,
    namespace: &'r str,
    name: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static str>,
    verdict: &'static str,
    findings: Vec<Item<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'r> {
    rule: &'r str,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'r str>,
    field: &'r str,
    message: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'r str>,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    /// Of a text that was rendered, the line of the template.
    #[serde(skip_serializing_if = "Option::is_none")]
    template_line: Option<usize>,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    headline: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Fix>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consequence_of: Option<&'r str>,
    /// With `--show-allowed`, what allows the finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<AllowedItem<'r>>,
}

#[derive(Serialize)]
struct AllowedItem<'r> {
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'r str>,
}

#[derive(Serialize)]
struct Fix {
    safe: bool,
    /// What to change in the text; empty if the file is not changed.
    edits: Vec<TextEditItem>,
    /// The same as changes of the document.
    changes: Vec<EditItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TextEditItem {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    new_text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EditItem {
    action: &'static str,
    field: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Totals {
    files: usize,
    documents: usize,
    daemon_sets: usize,
    patches: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    placeholders: usize,
    files_without_daemon_sets: usize,
    files_not_parsable: usize,
    files_not_readable: usize,
    templates: usize,
    #[serde(skip_serializing_if = "is_zero")]
    files_excluded: usize,
    #[serde(skip_serializing_if = "is_zero")]
    allowed: usize,
    #[serde(skip_serializing_if = "is_zero")]
    in_baseline: usize,
}

const fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Explain<'r> {
    schema_version: u32,
    tool: Tool,
    kubernetes_version: &'r str,
    cluster: explain_json::ClusterItem<'r>,
    daemon_sets: Vec<explain_json::DaemonSetItem<'r>>,
    lint: Lint<'r>,
}

/// Prints the run as one object. With a cluster, the object holds the previews, and the findings in its key `lint`.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let kubernetes_version = run.server.minor();
    let lint = lint(run);
    let written = match run.cluster {
        None => serde_json::to_writer_pretty(&mut *out, &lint),
        Some(cluster) => {
            let explain = Explain {
                schema_version: SCHEMA_VERSION,
                tool: TOOL,
                kubernetes_version,
                cluster: explain_json::cluster(cluster),
                daemon_sets: explain_json::daemon_sets(&run.files),
                lint,
            };
            serde_json::to_writer_pretty(&mut *out, &explain)
        }
    };
    written.map_err(io::Error::from)?;
    out.write_all(b"\n")
}

fn lint<'r>(run: &'r Run<'_>) -> Lint<'r> {
    let totals = run.summary();
    Lint {
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        kubernetes_version: run.server.minor(),
        files: run
            .files
            .iter()
            .filter(|file| file.reading != Reading::WithoutDaemonSet)
            .map(|one| file(one, run.shows_allowed))
            .collect(),
        errors: errors(run),
        summary: Totals {
            files: totals.files,
            documents: totals.documents,
            daemon_sets: totals.daemon_sets,
            patches: totals.parts,
            errors: totals.errors,
            warnings: totals.warnings,
            infos: totals.infos,
            placeholders: totals.placeholders,
            files_without_daemon_sets: totals.without_daemon_set,
            files_not_parsable: totals.unparsable,
            files_not_readable: totals.unreadable,
            templates: totals.templates,
            files_excluded: totals.excluded,
            allowed: totals.allowed,
            in_baseline: totals.in_baseline,
        },
    }
}

/// What could not be read: paths, and files that were found.
fn errors<'r>(run: &'r Run<'_>) -> Vec<ErrorItem<'r>> {
    let paths = run.errors.iter().map(|error| ErrorItem { path: &error.path, message: &error.message });
    let files = run
        .files
        .iter()
        .filter_map(|file| Some(ErrorItem { path: &file.path, message: file.unreadable.as_deref()? }));
    paths.chain(files).collect()
}

fn file(file: &FileReport, shows_allowed: bool) -> File<'_> {
    let lines = LineIndex::new(&file.text);
    // The lines of a rendered text are not those of its template, so nothing can be replaced there.
    let fixes = if file.rendered.is_some() { HashMap::new() } else { text_fixes(file) };
    let shown = |allowed| if shows_allowed { allowed } else { Default::default() };
    let documents = file.documents.iter().enumerate().map(|(at, report)| {
        let findings = report.findings.iter().enumerate();
        let items = findings.map(|(number, located)| item(located, fixes.get(&(at, number)), file, &lines));
        let allowed = allowed_items(shown(report.allowed.as_slice()), file, &lines);
        document(report, items.chain(allowed).collect())
    });
    let findings = file.findings.iter().map(|located| item(located, None, file, &lines));
    File {
        path: &file.path,
        against: file.role == Role::Old,
        rendered_by: file.rendered.as_ref().map(|rendered| rendered.by),
        documents: documents.collect(),
        findings: findings.chain(allowed_items(shown(file.allowed.as_slice()), file, &lines)).collect(),
        more: file.more.iter().map(more).collect(),
    }
}

const fn more(more: &More) -> MoreItem {
    MoreItem { rule: more.rule, severity: more.severity.as_str(), count: more.count }
}

/// The findings that are allowed. They stand behind the others.
fn allowed_items<'r>(allowed: &'r [Allowed], file: &FileReport, lines: &LineIndex) -> Vec<Item<'r>> {
    let item = |one: &'r Allowed| {
        let by = AllowedItem { by: one.by.as_str(), reason: one.reason.as_deref() };
        Item { allowed: Some(by), ..item(&one.located, None, file, lines) }
    };
    allowed.iter().map(item).collect()
}

fn document<'r>(report: &'r DocumentReport, findings: Vec<Item<'r>>) -> Document<'r> {
    Document {
        index: report.index,
        item: report.item,
        line: report.line,
        source: report.source.as_deref(),
        api_version: &report.api_version,
        kind: &report.kind,
        namespace: &report.namespace,
        name: &report.name,
        operation: report.update.then_some("update"),
        verdict: report.verdict.as_str(),
        findings,
    }
}

fn item<'r>(
    located: &'r Located,
    text_fix: Option<&TextFix>,
    file: &FileReport,
    lines: &LineIndex,
) -> Item<'r> {
    let text = &file.text;
    let Finding { rule, severity, cause, field, message, headline, help, fix, consequence_of, .. } =
        &located.finding;
    let span = located.place.exact;
    let (line, column) = lines.position(&file.text, span.start as usize);
    let (end_line, end_column) = lines.position(&file.text, span.end as usize);
    Item {
        rule,
        severity: severity.as_str(),
        cause: *cause,
        field,
        message,
        help: help.as_deref(),
        line,
        column,
        end_line,
        end_column,
        template_line: file.rendered.as_ref().and_then(|rendered| rendered.line(line)),
        url: link::of(rule),
        headline: headline.as_deref(),
        consequence_of: consequence_of.as_deref(),
        allowed: None,
        fix: fix.as_ref().map(|fix| Fix {
            safe: text_fix.map_or(fix.safe, |text_fix| text_fix.safe),
            edits: text_edits(text_fix, text, lines),
            changes: fix.edits.iter().map(edit).collect(),
        }),
    }
}

fn text_edits(fix: Option<&TextFix>, text: &str, lines: &LineIndex) -> Vec<TextEditItem> {
    let edits = fix.map(|fix| fix.edits.as_slice()).unwrap_or_default().iter();
    let item = |edit: &TextEdit| {
        let ((line, column), (end_line, end_column)) =
            (lines.position(text, edit.start), lines.position(text, edit.end));
        TextEditItem { line, column, end_line, end_column, new_text: edit.text.clone() }
    };
    edits.map(item).collect()
}

fn edit(edit: &Edit) -> EditItem {
    let item = |action, path: &FieldPath| EditItem {
        action,
        field: path.to_string(),
        key: None,
        value: None,
        to: None,
    };
    match edit {
        Edit::Remove { path } => item("remove", path),
        Edit::Replace { path, value } => EditItem { value: Some(value.to_string()), ..item("replace", path) },
        Edit::Rename { path, key } => EditItem { key: Some(key.clone()), ..item("rename", path) },
        Edit::Insert { path, key, value } => {
            EditItem { key: Some(key.clone()), value: Some(value.to_string()), ..item("insert", path) }
        }
        Edit::Append { path, value } => EditItem { value: Some(value.to_string()), ..item("append", path) },
        Edit::Move { path, to } => EditItem { to: Some(to.to_string()), ..item("move", path) },
        Edit::Nest { path, key } => EditItem { key: Some(key.clone()), ..item("nest", path) },
        Edit::Enlist { path } => item("enlist", path),
        Edit::Unlist { path } => item("unlist", path),
        Edit::Separate { path } => item("separate", path),
    }
}
