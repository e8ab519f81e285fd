//! Which reports a run writes, and where.
//!
//! One report goes to standard output, others to files. A file is there as a whole or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use daemonset_validation::Severity;

use crate::args::{Args, Format, FormatFile};
use crate::ci::{InertWriter, Service};
use crate::engine::Run;
use crate::engine::outcome::FileReport;
use crate::files::{Input, reason};
use crate::output::Output;
use crate::report::github::Others;
use crate::report::source_root::SourceRoot;
use crate::report::{self, Style, attempt};
use crate::shown::{SafeWriter, shown_path};

/// The reports of a run.
pub(crate) struct Outputs {
    /// What goes to standard output.
    stdout: Format,
    /// Whether the text on standard output is followed by commands that annotate files on GitHub.
    annotates: bool,
    /// Whether standard output is the log of a CI service.
    is_log: bool,
    files: Vec<(Format, PathBuf, Output)>,
}

/// What the formats have in common.
pub(crate) struct Setting<'s> {
    /// How text on standard output is laid out.
    pub(crate) style: Style,
    /// The root of the repository.
    pub(crate) root: &'s SourceRoot,
    /// The lowest severity that counts.
    pub(crate) from: Severity,
    /// Whether text leaves out what does not count.
    pub(crate) quiet: bool,
    /// Whether text has the number of findings of each rule in place of the findings.
    pub(crate) statistics: bool,
    /// Whether the files were mended before.
    pub(crate) has_fixed: bool,
}

impl Outputs {
    /// The reports that the arguments ask for. Their files are begun, so that what cannot be written is known before anything is read.
    ///
    /// # Errors
    ///
    /// A message, if they contradict each other or a file cannot be written.
    pub(crate) fn of(args: &Args, service: Option<Service>) -> Result<Self, String> {
        let named = args.format.map(|format| (format, format!("--format {}", name(format))));
        let on_stdout = args.output.iter().filter(|output| output.path.as_os_str() == "-");
        let on_stdout =
            on_stdout.map(|output| (output.format, format!("--output {}=-", name(output.format))));
        let stdout: Vec<(Format, String)> = named.into_iter().chain(on_stdout).collect();
        if let [(_, one), (_, other), ..] = stdout.as_slice() {
            return Err(format!(
                "standard output can hold one report, but {one} and {other} ask for it; write one to a file: --output FORMAT=FILE"
            ));
        }
        let asked = stdout.first().map(|(format, _)| *format);
        let format = asked.unwrap_or(Format::Text);
        let formats = || args.output.iter().map(|output| output.format).chain([format]);
        if formats().any(|format| format == Format::Html) && !args.explain {
            return Err(HTML_EXPLAINS.to_owned());
        }
        if !args.only.is_empty() && !formats().any(|format| format == Format::Text) {
            return Err(ONLY_IS_FOR_TEXT.to_owned());
        }
        if args.statistics && format != Format::Text {
            return Err("--statistics is a table in the text format; leave out --format, or count by the rules of --format json".to_owned());
        }
        let mut outputs = Self {
            stdout: format,
            annotates: asked.is_none() && service == Some(Service::GitHub),
            is_log: service.is_some(),
            files: Vec::new(),
        };
        for output in args.output.iter().filter(|output| output.path.as_os_str() != "-") {
            outputs.add(output, args)?;
        }
        Ok(outputs)
    }

    fn add(&mut self, output: &FormatFile, args: &Args) -> Result<(), String> {
        let FormatFile { format, path } = output;
        let option = format!("--output {}={}", name(*format), shown_path(path));
        let file = Output::create(path).map_err(|reason| format!("{option}: {reason}"))?;
        if let Some(target) = file.target() {
            let is_same = |other: &PathBuf| other.canonicalize().is_ok_and(|other| other == target);
            if self.files.iter().any(|(_, _, other)| other.target() == Some(target)) {
                return Err(format!("{option}: two reports cannot be in one file"));
            }
            let read = args.paths.iter().chain(&args.nodes).chain(&args.against).chain(&args.kubeconfig);
            if read.chain(&args.snapshot).chain(&args.config).chain(&args.baseline).any(is_same) {
                return Err(format!(
                    "{option}: this file is read or written by another option or path; name another file"
                ));
            }
        }
        self.files.push((*format, path.clone(), file));
        Ok(())
    }

    /// Whether standard output has text for people.
    pub(crate) fn is_text(&self) -> bool {
        self.stdout == Format::Text
    }

    /// Leaves out files that were found in a folder and are reports of an earlier run: they are replaced.
    pub(crate) fn without_reports(&self, mut inputs: Vec<Input>) -> Vec<Input> {
        if !self.files.is_empty() {
            let is_report = |path: &Path| {
                path.canonicalize()
                    .is_ok_and(|path| self.files.iter().any(|(_, _, file)| file.target() == Some(&path)))
            };
            inputs.retain(|input| !input.path().is_some_and(is_report));
        }
        inputs
    }

    /// Writes all reports, those in files first. Returns a message for each file that made the program panic, and for each report that
    /// cannot be written.
    ///
    /// # Errors
    ///
    /// If standard output cannot be written.
    pub(crate) fn write(
        self,
        run: &mut Run<'_>,
        setting: &Setting<'_>,
        stdout: &mut dyn Write,
    ) -> io::Result<Vec<String>> {
        let mut failures = Vec::new();
        for (format, path, mut file) in self.files {
            let style = Style {
                color: false,
                columns: Style::UNWRAPPED,
                ascii: false,
                links: false,
                ..setting.style
            };
            let written = report(format, run, &style, setting, Others::Lines, &mut file);
            match written.and_then(|failures| file.finish().map(|()| failures)) {
                Ok(more) => failures.extend(more),
                Err(error) => {
                    let why = reason(&error);
                    failures.push(format!("--output {}={}: {why}", name(format), shown_path(&path)));
                }
            }
        }
        let is_for_people = matches!(self.stdout, Format::Text | Format::Concise | Format::Github);
        if setting.quiet && is_for_people {
            quieten(run, setting.from);
        }
        let is_text = matches!(self.stdout, Format::Text | Format::Concise);
        let mut inert = InertWriter::new(&mut *stdout);
        let out: &mut dyn Write = if self.is_log && is_text { &mut inert } else { inert.inner() };
        if self.stdout == Format::Text && setting.statistics {
            statistics(run, setting, out)?;
        } else {
            failures.extend(report(self.stdout, run, &setting.style, setting, Others::Lines, out)?);
        }
        out.flush()?;
        if self.annotates && has_findings(run) {
            writeln!(stdout, "::group::Annotations")?;
            failures.extend(report(Format::Github, run, &setting.style, setting, Others::Counted, stdout)?);
            writeln!(stdout, "::endgroup::")?;
        }
        Ok(failures)
    }
}

fn name(format: Format) -> String {
    format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn has_findings(run: &Run<'_>) -> bool {
    !run.errors.is_empty() || run.files.iter().any(|file| file.shown_findings().next().is_some())
}

/// Leaves only the findings from a severity on.
fn quieten(run: &mut Run<'_>, from: Severity) {
    for file in &mut run.files {
        file.findings.retain(|located| located.finding.severity >= from);
        file.more.retain(|more| more.severity >= from);
        for document in &mut file.documents {
            document.findings.retain(|located| located.finding.severity >= from);
        }
    }
}

fn statistics(run: &Run<'_>, setting: &Setting<'_>, out: &mut dyn Write) -> io::Result<()> {
    report::statistics::write(run, &setting.style, out)?;
    summary(run, setting, out)
}

/// The last line of the text. A quiet run without findings has none.
fn summary(run: &Run<'_>, setting: &Setting<'_>, out: &mut dyn Write) -> io::Result<()> {
    if setting.quiet && !has_findings(run) {
        return Ok(());
    }
    report::summary::write(&report::summary::of(run), run.errors.len(), out)
}

/// Writes one report.
fn report(
    format: Format,
    run: &mut Run<'_>,
    style: &Style,
    setting: &Setting<'_>,
    others: Others,
    out: &mut dyn Write,
) -> io::Result<Vec<String>> {
    let (root, from) = (setting.root, setting.from);
    match format {
        Format::Json => attempt::whole(run, report::json::write, &mut SafeWriter::new(out, &[])),
        Format::Html => attempt::whole(run, report::html::write, out),
        Format::Sarif => {
            let write = |run: &Run<'_>, out: &mut dyn Write| report::sarif::write(run, root, out);
            attempt::whole(run, write, &mut SafeWriter::new(out, &[]))
        }
        Format::Gitlab => {
            let write = |run: &Run<'_>, out: &mut dyn Write| report::gitlab::write(run, root, out);
            attempt::whole(run, write, &mut SafeWriter::new(out, &[]))
        }
        Format::Junit => attempt::whole(run, |run, out| report::junit::write(run, from, out), out),
        Format::Github => attempt::whole(run, |run, out| report::github::write(run, root, others, out), out),
        Format::Concise => {
            let shows_allowed = run.shows_allowed;
            let findings = |file: &FileReport, out: &mut dyn Write| {
                report::concise::findings(file, out)?;
                if shows_allowed { report::allowed::findings(file, out) } else { Ok(()) }
            };
            attempt::each(&run.files, findings, out)
        }
        Format::Text => text(run, style, setting, out),
    }
}

fn text(
    run: &mut Run<'_>,
    style: &Style,
    setting: &Setting<'_>,
    out: &mut dyn Write,
) -> io::Result<Vec<String>> {
    let shows_allowed = run.shows_allowed;
    let findings = |file: &FileReport, out: &mut dyn Write| {
        report::text::findings(file, style, out)?;
        if shows_allowed { report::allowed::findings(file, out) } else { Ok(()) }
    };
    let total = report::summary::of(run);
    let mendable = report::mended::Mendable::of(run);
    let unread = run.errors.len();
    let is_silent = setting.quiet && !has_findings(run);
    let mut failures = attempt::each(&run.files, findings, out)?;
    if run.cluster.is_some() {
        let write = |run: &Run<'_>, out: &mut dyn Write| report::explain::preview::write(run, style, out);
        let colors = if style.color { report::TABLE_COLORS } else { &[] };
        failures.extend(attempt::whole(run, write, &mut SafeWriter::new(out, colors))?);
    }
    if !is_silent {
        report::summary::write(&total, unread, out)?;
        mendable.write(&total, setting.has_fixed, out)?;
    }
    Ok(failures)
}

/// The message for `--only` without a text.
const ONLY_IS_FOR_TEXT: &str =
    "--only is for --format text; JSON has every node with its verdict, and the HTML page has a filter";

/// The message for `--format html` without `--explain`.
const HTML_EXPLAINS: &str = "--format html prints a map of nodes and DaemonSets, so it needs --explain:\n  \
    daemonset-lint --explain --format html --nodes cluster.yaml PATH… > map.html\n\
    For findings without a map, use --format text, concise or json.";
