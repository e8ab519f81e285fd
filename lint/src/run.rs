//! The command as a function.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::{CommandFactory, FromArgMatches};
use daemonset_validation::rules::{RULES, find};
use daemonset_validation::{Server, did_you_mean};

use crate::args::{Args, Color, Command, Format};
use crate::cluster::live::Target;
use crate::cluster::{self, Saver};
use crate::engine::cluster::Cluster;
use crate::engine::left_behind::left_behind;
use crate::engine::outcome::FileReport;
use crate::engine::{Engine, Overlay, Run, Unread, stored};
use crate::files::{Input, Selection};
use crate::folder::Roles;
use crate::progress::{Line, Progress, Task};
use crate::report::{self, Style, attempt};
use crate::shown::{SafeWriter, shown, shown_lines, shown_path};
use crate::terminal::Terminal;
use crate::{against, crash, files, folder, limited_read, meant, parallel, standard_input};

/// No findings that count for `--fail-on`.
const CLEAN: u8 = 0;
/// Findings that count for `--fail-on`.
const FINDINGS: u8 = 1;
/// The command could not do everything that the arguments ask for.
const COULD_NOT_RUN: u8 = 2;

/// The streams of a run.
pub struct Io<'io> {
    /// Read for the path `-`.
    pub stdin: &'io mut dyn Read,
    /// Findings go here.
    pub stdout: &'io mut dyn Write,
    /// Messages about the run itself go here.
    pub stderr: &'io mut (dyn Write + Send),
    /// The variables of the environment.
    pub environment: &'io dyn Fn(&str) -> Option<OsString>,
    /// How to write to them.
    pub terminal: Terminal,
}

/// Why a run ends before it has reported.
enum Stop {
    /// A message for standard error; exit code 2.
    Message(String),
    /// Standard output cannot be written, for example because `head` has closed it.
    Output(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Runs the command and returns its exit code: 0 clean, 1 findings, 2 could not run.
pub fn run(args: impl IntoIterator<Item = OsString>, io: &mut Io<'_>) -> u8 {
    let words: Vec<OsString> = args.into_iter().collect();
    if words.len() < 2 {
        return no_arguments(io);
    }
    let args = match parse(&words, &io.terminal) {
        Ok(args) => args,
        Err(error) => return usage(&error, &words, io),
    };
    let code = match execute(&args, io) {
        Ok(code) => code,
        Err(Stop::Message(message)) => {
            // If standard error is closed, the message is lost.
            let _ = write_message(&message, io);
            COULD_NOT_RUN
        }
        Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => COULD_NOT_RUN,
        Err(Stop::Output(error)) => {
            let _ = write_message(&format!("cannot write the report: {error}"), io);
            COULD_NOT_RUN
        }
    };
    if io.stdout.flush().is_err() { COULD_NOT_RUN } else { code }
}

/// Reads the command line.
fn parse(words: &[OsString], terminal: &Terminal) -> Result<Args, clap::Error> {
    let matches = command(terminal).try_get_matches_from(words)?;
    Args::from_arg_matches(&matches)
}

/// The command line's definition. Its help is wrapped at the terminal's width.
fn command(terminal: &Terminal) -> clap::Command {
    Args::command().term_width(terminal.columns.unwrap_or(HELP_COLUMNS).min(HELP_COLUMNS))
}

/// Without arguments the help is printed. It is an error nevertheless: a script whose list of files is empty must not pass.
fn no_arguments(io: &mut Io<'_>) -> u8 {
    let help = command(&io.terminal).render_help();
    let help = if io.terminal.stderr_color { help.ansi().to_string() } else { help.to_string() };
    let hint = if io.terminal.stdin { "" } else { STANDARD_INPUT };
    // If standard error is closed, the help is lost.
    let _ = write!(io.stderr, "{help}{hint}");
    COULD_NOT_RUN
}

/// What is added to the help if standard input is not a terminal.
const STANDARD_INPUT: &str =
    "\ndaemonset-lint: no PATH is given; to check standard input, write: … | daemonset-lint -\n";

/// The maximum width of the help, in columns.
const HELP_COLUMNS: usize = 100;

/// Writes a message about the run itself.
fn write_message(message: &str, io: &mut Io<'_>) -> io::Result<()> {
    writeln!(io.stderr, "daemonset-lint: {}", shown_lines(message))
}

fn usage(error: &clap::Error, words: &[OsString], io: &mut Io<'_>) -> u8 {
    // The message repeats arguments. If they hold control characters, all are escaped, so the message has no colours.
    let is_plain = |word: &OsString| matches!(shown(&word.to_string_lossy()), Cow::Borrowed(_));
    let plain = words.iter().all(is_plain);
    let colored = |terminal: bool| plain && asked_color(words).unwrap_or(terminal);
    let (code, out, color): (u8, &mut dyn Write, bool) = if error.use_stderr() {
        (COULD_NOT_RUN, &mut *io.stderr, colored(io.terminal.stderr_color))
    } else {
        (CLEAN, &mut *io.stdout, colored(io.terminal.color))
    };
    let text = error.render();
    let written = if color {
        write!(out, "{}", text.ansi())
    } else {
        write!(out, "{}", shown_lines(&text.to_string()))
    };
    if written.and_then(|()| out.flush()).is_err() { COULD_NOT_RUN } else { code }
}

/// What `--color` asks for on a command line that cannot be parsed.
fn asked_color(words: &[OsString]) -> Option<bool> {
    let follows = words.iter().skip_while(|word| *word != "--color").nth(1);
    let inside = words.iter().find_map(|word| word.to_str()?.strip_prefix("--color="));
    match follows.and_then(|word| word.to_str()).or(inside)? {
        "always" => Some(true),
        "never" => Some(false),
        _ => None,
    }
}

fn execute(args: &Args, io: &mut Io<'_>) -> Result<u8, Stop> {
    if let Some(shell) = args.completions {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Args::command(), "daemonset-lint", &mut script);
        io.stdout.write_all(&script)?;
        return Ok(CLEAN);
    }
    if let Some(Command::Rules { id, json }) = &args.command {
        return rules(id.as_deref(), *json, io);
    }
    if args.format == Format::Html && !args.explain {
        return Err(Stop::Message(HTML_EXPLAINS.to_owned()));
    }
    if !args.only.is_empty() && args.format != Format::Text {
        return Err(Stop::Message(ONLY_IS_FOR_TEXT.to_owned()));
    }
    let server = Server::of_version(&args.kubernetes_version).ok_or_else(|| {
        let known = Server::supported().join(", ");
        Stop::Message(format!(
            "Kubernetes {} is not supported; supported versions are {known}",
            shown(&args.kubernetes_version)
        ))
    })?;
    standard_input::check(args).map_err(Stop::Message)?;
    let asks_a_cluster = args.explain && args.nodes.is_empty();
    let absent = if asks_a_cluster { meant::nothing_there(&args.paths) } else { Vec::new() };
    if !absent.is_empty() {
        absent.iter().try_for_each(|message| write_message(message, io))?;
        return Ok(COULD_NOT_RUN);
    }
    let since = Instant::now();
    let pod_security = match &args.admission_config {
        Some(path) => {
            let read = cluster::read_admission_config(path, args.max_file_size);
            Some(Arc::new(read.map_err(Stop::Message)?))
        }
        None => None,
    };
    let mut cluster = if args.explain { Some(load_cluster(args, &server, since, io)?) } else { None };
    if let (Some(cluster), Some(defaults)) = (&mut cluster, &pod_security) {
        cluster.snapshot = std::mem::take(&mut cluster.snapshot).with_pod_security(defaults.clone());
    }
    let stored_texts = match &args.against {
        Some(path) => Some(
            against::read_texts(path, args.no_ignore, args.max_file_size, io.stdin).map_err(Stop::Message)?,
        ),
        None => None,
    };
    let namespace = args.namespace.as_deref().filter(|namespace| !namespace.is_empty());
    let stored = match (&args.against, &stored_texts) {
        (Some(path), Some(texts)) => {
            Some(against::parse(path, texts, server, namespace).map_err(Stop::Message)?)
        }
        _ => None,
    };
    let is_stored = |path: &&PathBuf| args.explain && stored::reference(path).is_some();
    let (references, paths): (Vec<&PathBuf>, Vec<&PathBuf>) = args.paths.iter().partition(is_stored);
    let paths: Vec<PathBuf> = paths.into_iter().cloned().collect();
    let (inputs, errors) = files::expand(&paths, selection(args));
    let mut code = CLEAN;
    for fault in cluster.iter().flat_map(|cluster| &cluster.faults) {
        code = COULD_NOT_RUN;
        write_message(fault, io)?;
    }
    for error in &errors {
        code = COULD_NOT_RUN;
        let meant = meant::instead_of(&error.path, args.explain);
        write_message(&format!("{}{meant}", error.message()), io)?;
    }
    // A run over many files is not asked for the type of each.
    const FEW: usize = 64;
    let named = inputs.iter().filter(|_| inputs.len() <= FEW).filter_map(Input::path);
    for path in named.filter(|path| limited_read::may_wait(path)) {
        write_message(&format!("{} is a pipe and is read until its writer closes it", shown_path(path)), io)?;
    }
    let engine = Engine {
        server,
        cluster: cluster.as_ref(),
        pod_security,
        stored: stored.as_ref(),
        namespace,
        strict_files: args.strict_files,
        ..Engine::default()
    };
    let mut unmatched = None;
    let line = line(io.stderr, &io.terminal, since);
    let (mut run, failures) = line.during(|progress| {
        let (mut reports, mut failures) = reports(inputs, &references, args, &engine, io.stdin, progress);
        progress.start(Task::Together);
        if let Some(overlay) = Overlay::of(&mut reports, &engine) {
            let engine = Engine { applied: Some(overlay.snapshot()), ..engine.clone() };
            failures.extend(parallel::again(&mut reports, &overlay, &engine));
        }
        folder::explain_templates(&mut reports);
        if let (Some(path), Some(texts), Some(stored)) = (&args.against, &stored_texts, &stored) {
            unmatched = against::unmatched(path, &reports, stored);
            let scope = against::scope(path, &args.paths);
            reports.extend(left_behind(&reports, &engine, texts, scope));
        }
        let run = crash::catch(|| Run::new(reports, &engine)).unwrap_or_else(|error| {
            failures.push(crash::sentence("the DaemonSets together", "checked", &error));
            Run { files: Vec::new(), errors: Vec::new(), server, cluster: engine.cluster }
        });
        (run, failures)
    });
    run.errors
        .extend(errors.iter().map(|error| Unread { path: shown_path(&error.path), message: error.reason() }));
    unmatched.iter().try_for_each(|message| write_message(message, io))?;
    let unreadable = run.files.iter().any(|report| report.unreadable.is_some());
    let severity = run.summary().highest_severity();
    failures.iter().try_for_each(|failure| write_message(failure, io))?;
    let unprinted = print(args, &mut run, io)?;
    unprinted.iter().try_for_each(|failure| write_message(failure, io))?;
    if unreadable || !failures.is_empty() || !unprinted.is_empty() {
        code = COULD_NOT_RUN;
    }
    if code == CLEAN && severity.is_some_and(|severity| severity >= args.fail_on.severity()) {
        code = FINDINGS;
    }
    Ok(code)
}

fn selection(args: &Args) -> Selection {
    Selection { no_ignore: args.no_ignore, as_folder: args.as_folder, allow_empty: args.allow_empty }
}

/// The reports of the files and of the `ds/NAME` arguments, and a message for each that failed.
fn reports(
    inputs: Vec<Input>,
    references: &[&PathBuf],
    args: &Args,
    engine: &Engine<'_>,
    standard_input: &mut dyn Read,
    progress: &Progress,
) -> (Vec<FileReport>, Vec<String>) {
    let roles = Roles::of(&inputs);
    let (mut reports, mut failures) =
        parallel::files(inputs, &roles, engine, args.max_file_size, standard_input, progress);
    for name in references.iter().filter_map(|path| stored::reference(path)) {
        match crash::catch(|| stored::report(name, args.namespace.as_deref().unwrap_or("default"), engine)) {
            Ok(None) => {}
            Ok(Some(Ok(report))) => reports.push(report),
            Ok(Some(Err(message))) => failures.push(message),
            Err(error) => failures.push(crash::sentence(&format!("ds/{}", shown(name)), "checked", &error)),
        }
    }
    (reports, failures)
}

/// `daemonset-lint rules`.
fn rules(id: Option<&str>, json: bool, io: &mut Io<'_>) -> Result<u8, Stop> {
    let Some(id) = id else {
        if json {
            report::rules::json(RULES, io.stdout)?;
        } else {
            report::rules::list(io.stdout)?;
        }
        return Ok(CLEAN);
    };
    let rule = find(id).ok_or_else(|| {
        let near = did_you_mean(id, RULES.iter().map(|rule| rule.id));
        let hint = match near {
            Some(near) => format!("did you mean {near}?"),
            None => "`daemonset-lint rules` lists the rules".to_owned(),
        };
        Stop::Message(format!("there is no rule {}; {hint}", shown(id)))
    })?;
    if json {
        report::rules::json(&[rule], io.stdout)?;
    } else {
        report::rules::page(rule, io.stdout)?;
    }
    Ok(CLEAN)
}

/// The message for `--only` with another format than text.
const ONLY_IS_FOR_TEXT: &str =
    "--only is for --format text; JSON has every node with its verdict, and the HTML page has a filter";

/// The message for `--format html` without `--explain`.
const HTML_EXPLAINS: &str = "--format html prints a map of nodes and DaemonSets, so it needs --explain:\n  \
    daemonset-lint --explain --format html --nodes cluster.yaml PATH… > map.html\n\
    For findings without a map, use --format text, concise or json.";

fn load_cluster(args: &Args, server: &Server, since: Instant, io: &mut Io<'_>) -> Result<Cluster, Stop> {
    let saver = args.snapshot.as_deref().map(Saver::create).transpose().map_err(Stop::Message)?;
    let target = Target {
        context: args.context.as_deref(),
        kubeconfig: args.kubeconfig.as_deref(),
        environment: io.environment,
    };
    let cluster = line(io.stderr, &io.terminal, since).during(|progress| {
        if args.nodes.is_empty() {
            cluster::live::live(&target, server, saver, progress)
        } else {
            progress.start(Task::Snapshot);
            cluster::from_files(&args.nodes, args.max_file_size, io.stdin, server, saver)
        }
    });
    cluster.map_err(Stop::Message)
}

/// The line that shows what a long run is doing.
fn line<'o>(out: &'o mut (dyn Write + Send), terminal: &Terminal, since: Instant) -> Line<'o> {
    Line::new(out, terminal.progress, terminal.columns.unwrap_or(HELP_COLUMNS), since)
}

/// Prints the report; returns a message for each file that made the program panic.
fn print(args: &Args, run: &mut Run<'_>, io: &mut Io<'_>) -> Result<Vec<String>, Stop> {
    let color = match args.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => io.terminal.color,
    };
    let columns = io.terminal.columns.unwrap_or(Style::UNWRAPPED);
    let style = Style { color, columns, ascii: io.terminal.ascii, all: args.all, only: args.only() };
    let failures = match args.format {
        Format::Json => attempt::whole(run, report::json::write, &mut SafeWriter::new(io.stdout, &[]))?,
        Format::Html => attempt::whole(run, report::html::write, io.stdout)?,
        Format::Concise => attempt::each(&run.files, report::concise::findings, io.stdout)?,
        Format::Text => {
            let summary = report::summary::of(run);
            let findings = |file: &FileReport, out: &mut dyn Write| report::text::findings(file, &style, out);
            let mut failures = attempt::each(&run.files, findings, io.stdout)?;
            if run.cluster.is_some() {
                let write =
                    |run: &Run<'_>, out: &mut dyn Write| report::explain::preview::write(run, &style, out);
                let colors = if color { report::TABLE_COLORS } else { &[] };
                failures.extend(attempt::whole(run, write, &mut SafeWriter::new(io.stdout, colors))?);
            }
            report::summary::write(&summary, run.errors.len(), io.stdout)?;
            failures
        }
    };
    Ok(failures)
}
