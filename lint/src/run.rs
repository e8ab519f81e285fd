//! The command as a function.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::{CommandFactory, FromArgMatches};
use daemonset_validation::words::count::{counted, thousands};
use daemonset_validation::{Server, Severity};

use crate::args::{Args, Color, Command, FailOn};
use crate::baseline::Baseline;
use crate::ci::InertWriter;
use crate::cluster::live::Target;
use crate::cluster::{self, Saver};
use crate::config::{Configs, LookFor};
use crate::engine::cluster::Cluster;
use crate::engine::left_behind::left_behind;
use crate::engine::origin::Origin;
use crate::engine::outcome::FileReport;
use crate::engine::summary::Summary;
use crate::engine::{Engine, Overlay, Run, Unread, stored};
use crate::files::{Input, Selection};
use crate::fix::{self, Fixing, Mode};
use crate::folder::Roles;
use crate::outputs::{Outputs, Setting};
use crate::progress::{Line, Progress, Task};
use crate::render::{self, Renderings};
use crate::report::source_root::SourceRoot;
use crate::report::{self, Style};
use crate::shown::{SafeWriter, shown, shown_lines, shown_path};
use crate::stop::{CLEAN, COULD_NOT_RUN, FINDINGS, Stop};
use crate::terminal::Terminal;
use crate::{against, ci, commands, crash, files, folder, limited_read, meant, parallel, standard_input};

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

/// Runs the command and returns its exit code: 0 clean, 1 findings, 2 could not run.
pub fn run(args: impl IntoIterator<Item = OsString>, io: &mut Io<'_>) -> u8 {
    let words: Vec<OsString> = args.into_iter().collect();
    if ci::service(io.environment).is_none() {
        return run_words(&words, io);
    }
    // What standard error repeats of files must not be a command of the service's log.
    let mut stderr = InertWriter::new(&mut *io.stderr);
    let code = run_words(
        &words,
        &mut Io {
            stdin: io.stdin,
            stdout: io.stdout,
            stderr: &mut stderr,
            environment: io.environment,
            terminal: io.terminal,
        },
    );
    // If standard error is closed, the messages are lost.
    _ = stderr.flush();
    code
}

fn run_words(words: &[OsString], io: &mut Io<'_>) -> u8 {
    if words.len() < 2 {
        return no_arguments(io);
    }
    let args = match parse(words, &io.terminal) {
        Ok(args) => args,
        Err(error) => return usage(&error, words, io),
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
    match &args.command {
        Some(Command::Rules { id, json }) => return commands::rules(id.as_deref(), *json, io.stdout),
        Some(Command::Config { file, config, format }) => {
            let style = error_style(args, &io.terminal);
            let (file, config) = (file.as_deref(), config.as_deref());
            return commands::config(file, config, *format, &style, io.stdout, io.stderr);
        }
        None => {}
    }
    let service = ci::service(io.environment);
    let outputs = Outputs::of(args, service).map_err(Stop::Message)?;
    let asked = args.kubernetes_version.as_deref().map(asked_server).transpose()?;
    standard_input::check(args).map_err(Stop::Message)?;
    let asks_a_cluster = args.explain && args.nodes.is_empty();
    let absent = if asks_a_cluster { meant::nothing_there(&args.paths) } else { Vec::new() };
    if !absent.is_empty() {
        absent.iter().try_for_each(|message| write_message(message, io))?;
        return Ok(COULD_NOT_RUN);
    }
    let mut baseline = match &args.baseline {
        Some(path) => Some(Baseline::read(path, args.write_baseline).map_err(Stop::Message)?),
        None => None,
    };
    let is_stored = |path: &&PathBuf| args.explain && stored::reference(path).is_some();
    let (references, paths): (Vec<&PathBuf>, Vec<&PathBuf>) = args.paths.iter().partition(is_stored);
    let paths: Vec<PathBuf> = paths.into_iter().cloned().collect();
    let (inputs, mut errors) = files::expand(&paths, selection(args));
    let mut inputs = outputs.without_reports(inputs);
    let mut configs = Configs::new(look_for(args));
    configs.find(inputs.iter().map(Input::place).chain(references.iter().map(|_| Path::new("-"))));
    if !configs.faults.is_empty() {
        return Ok(commands::refuse(&configs, &error_style(args, &io.terminal), io.stderr)?);
    }
    let found = inputs.len();
    inputs.retain(|one| one.origin() == Origin::Named || configs.excludes(one.place()).is_none());
    let excluded = found.saturating_sub(inputs.len());
    let server = match asked {
        Some(server) => server,
        None => configs.server().map_err(Stop::Message)?.unwrap_or_default(),
    };
    let (inputs, rendered) = if args.render {
        let is_named = |one: &&Input| one.origin() == Origin::Named;
        let named: HashSet<String> = inputs.iter().filter(is_named).map(Input::name).collect();
        let Renderings { inputs, mut texts, errors: failed } =
            render(inputs, args, &server, io).map_err(Stop::Message)?;
        errors.extend(failed);
        configs.find(texts.iter().map(|text| Path::new(text.name())));
        texts
            .retain(|text| named.contains(text.name()) || configs.excludes(Path::new(text.name())).is_none());
        (inputs, texts)
    } else {
        (inputs, Vec::new())
    };
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
    configs.find(stored_texts.iter().flatten().map(|text| Path::new(&text.name)));
    if !configs.faults.is_empty() {
        return Ok(commands::refuse(&configs, &error_style(args, &io.terminal), io.stderr)?);
    }
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
    let fixing = fix(args, &inputs, &engine, &configs, io)?;
    let mut mended_input: &[u8] = &[];
    let is_printed = match &fixing {
        Some(fixing) if args.diff => return differences(fixing, code, io),
        Some(Fixing { standard_input: Some(text), .. }) => {
            mended_input = text;
            true
        }
        _ => false,
    };
    let mut unmatched = None;
    let line = line(io.stderr, &io.terminal, since);
    let (mut run, failures) = line.during(|progress| {
        let stdin: &mut dyn Read = if is_printed { &mut mended_input } else { io.stdin };
        let sources = Sources { inputs, references: &references, rendered: &rendered };
        let (mut reports, mut failures) = reports(sources, args, &engine, &configs, stdin, progress);
        progress.start(Task::Together);
        if let Some(overlay) = Overlay::of(&mut reports, &engine) {
            let engine = Engine { applied: Some(overlay.snapshot()), ..engine.clone() };
            failures.extend(parallel::again(&mut reports, &overlay, &engine));
        }
        reports.iter_mut().for_each(FileReport::locate_reasons);
        folder::explain_templates(&mut reports);
        if let (Some(path), Some(texts), Some(stored)) = (&args.against, &stored_texts, &stored) {
            unmatched = against::unmatched(path, &reports, stored);
            let scope = against::scope(path, &args.paths);
            let left = left_behind(&reports, &engine, texts, scope);
            let set = |report: FileReport| FileReport {
                settings: configs.settings(Path::new(&report.path)),
                ..report
            };
            reports.extend(left.into_iter().map(set));
        }
        let run = crash::catch(|| Run::new(reports, &engine)).unwrap_or_else(|error| {
            failures.push(crash::sentence("the DaemonSets together", "checked", &error));
            Run { cluster: engine.cluster, ..Run::empty(server) }
        });
        (run, failures)
    });
    run.errors
        .extend(errors.iter().map(|error| Unread { path: shown_path(&error.path), message: error.reason() }));
    unmatched.iter().try_for_each(|message| write_message(message, io))?;
    let unreadable = run.files.iter().any(|report| report.unreadable.is_some());
    run.excluded = excluded;
    run.shows_allowed = args.show_allowed;
    failures.iter().try_for_each(|failure| write_message(failure, io))?;
    if let Some(baseline) = &mut baseline {
        let complete = errors.is_empty() && failures.is_empty() && !unreadable && code == CLEAN;
        if !with_baseline(baseline, &mut run, args, complete, io)? {
            code = COULD_NOT_RUN;
        }
    }
    let fails = run.files.iter().any(|file| fails(file, args));
    let root = SourceRoot::of_working_folder(io.environment);
    let setting = Setting {
        style: style(args, &io.terminal),
        root: &root,
        from: run.files.iter().map(|file| lowest(file, args)).min().unwrap_or(Severity::Error),
        quiet: args.quiet,
        statistics: args.statistics,
        has_fixed: args.fix,
    };
    // Of standard input, the mended text is on standard output.
    let report_out: &mut dyn Write = if is_printed { &mut *io.stderr } else { &mut *io.stdout };
    if let Some(fixing) = &fixing {
        let mut kept = fixing.kept.iter();
        let mended = fixing.mended.as_slice();
        if outputs.is_text() && !is_printed {
            report::mended::write(mended, report_out)?;
        } else {
            report::mended::write(mended, &mut *io.stderr)?;
        }
        kept.try_for_each(|message| write_message(message, io))?;
    }
    let report_out: &mut dyn Write = if is_printed { &mut *io.stderr } else { &mut *io.stdout };
    let unprinted = outputs.write(&mut run, &setting, report_out)?;
    for failure in fixing.iter().flat_map(|fixing| &fixing.failures) {
        code = COULD_NOT_RUN;
        write_message(failure, io)?;
    }
    unprinted.iter().try_for_each(|failure| write_message(failure, io))?;
    if unreadable || !failures.is_empty() || !unprinted.is_empty() {
        code = COULD_NOT_RUN;
    }
    if code == CLEAN && fails {
        code = FINDINGS;
    }
    Ok(code)
}

/// Whether a file has a finding that makes the exit code 1.
fn fails(file: &FileReport, args: &Args) -> bool {
    let lowest = lowest(file, args);
    Summary::of(std::slice::from_ref(file)).highest_severity().is_some_and(|highest| highest >= lowest)
}

/// The lowest severity that makes a file fail.
fn lowest(file: &FileReport, args: &Args) -> Severity {
    let of_config = file.settings.as_ref().and_then(|settings| settings.fail_on);
    args.fail_on.map(FailOn::severity).or(of_config).unwrap_or(Severity::Error)
}

/// The server of `--kubernetes-version`.
fn asked_server(version: &str) -> Result<Server, Stop> {
    Server::of_version(version).ok_or_else(|| {
        let known = Server::supported().join(", ");
        let version = shown(version);
        Stop::Message(format!("Kubernetes {version} is not supported; supported versions are {known}"))
    })
}

fn look_for(args: &Args) -> LookFor<'_> {
    match &args.config {
        Some(path) => LookFor::File(path),
        None if args.no_config => LookFor::Nothing,
        None => LookFor::Above,
    }
}

/// Leaves out of a run what is in the baseline, which is written before if that is asked for. False if it cannot be.
fn with_baseline(
    baseline: &mut Baseline,
    run: &mut Run<'_>,
    args: &Args,
    complete: bool,
    io: &mut Io<'_>,
) -> Result<bool, Stop> {
    let path = args.baseline.as_deref().map(shown_path).unwrap_or_default();
    let mut written = true;
    if args.write_baseline && complete {
        let count = baseline.write(run).map_err(Stop::Message)?;
        write_message(&format!("{} written to {path}", counted(count, "finding")), io)?;
    } else if args.write_baseline {
        write_message(&format!("{path} is not written, because not all files could be checked"), io)?;
        written = false;
    }
    let gone = baseline.apply(run);
    if gone > 0 {
        let are = if gone == 1 { "is" } else { "are" };
        let count = thousands(gone);
        write_message(&format!("{count} of {path} {are} gone: write it again with --write-baseline"), io)?;
    }
    Ok(written)
}

fn selection(args: &Args) -> Selection {
    Selection { no_ignore: args.no_ignore, as_folder: args.as_folder, allow_empty: args.allow_empty }
}

/// What is judged.
struct Sources<'s> {
    inputs: Vec<Input>,
    /// The `ds/NAME` arguments.
    references: &'s [&'s PathBuf],
    /// What was rendered.
    rendered: &'s [render::Text],
}

/// The reports of the files, of what was rendered and of the `ds/NAME` arguments, and a message for each that failed.
fn reports(
    sources: Sources<'_>,
    args: &Args,
    engine: &Engine<'_>,
    configs: &Configs,
    standard_input: &mut dyn Read,
    progress: &Progress,
) -> (Vec<FileReport>, Vec<String>) {
    let roles = Roles::of(&sources.inputs);
    let (mut reports, mut failures) = parallel::files(
        sources.inputs,
        &roles,
        engine,
        configs,
        args.max_file_size,
        standard_input,
        progress,
    );
    for text in sources.rendered {
        let settings = configs.settings(Path::new(text.name()));
        let own = settings.as_ref().map(|settings| engine.with(settings));
        match crash::catch(|| text.report(own.as_ref().unwrap_or(engine))) {
            Ok(report) => reports.push(FileReport { settings, ..report }),
            Err(error) => failures.push(crash::sentence(text.name(), "checked", &error)),
        }
    }
    let settings = configs.settings(Path::new("-"));
    let own = settings.as_ref().map(|settings| engine.with(settings));
    let engine = own.as_ref().unwrap_or(engine);
    for name in sources.references.iter().filter_map(|path| stored::reference(path)) {
        match crash::catch(|| stored::report(name, args.namespace.as_deref().unwrap_or("default"), engine)) {
            Ok(None) => {}
            Ok(Some(Ok(report))) => reports.push(FileReport { settings: settings.clone(), ..report }),
            Ok(Some(Err(message))) => failures.push(message),
            Err(error) => failures.push(crash::sentence(&format!("ds/{}", shown(name)), "checked", &error)),
        }
    }
    (reports, failures)
}

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

/// Mends the files, if that is asked for.
fn fix(
    args: &Args,
    inputs: &[Input],
    engine: &Engine<'_>,
    configs: &Configs,
    io: &mut Io<'_>,
) -> Result<Option<Fixing>, Stop> {
    if !(args.fix || args.diff) {
        return Ok(None);
    }
    let (roles, max, with_unsafe) = (Roles::of(inputs), args.max_file_size, args.with_unsafe);
    let mode = if args.diff { Mode::Diff } else { Mode::Write };
    let task = fix::Task { roles: &roles, configs, max, mode, with_unsafe };
    // A person reads the difference on a terminal, where no text may do anything.
    let mut safe = SafeWriter::new(io.stdout, &[]);
    let is_shown = mode == Mode::Diff && io.terminal.columns.is_some();
    let fixing = if is_shown {
        fix::fix_files(inputs, task, engine, io.stdin, &mut safe)?
    } else {
        fix::fix_files(inputs, task, engine, io.stdin, io.stdout)?
    };
    Ok(Some(fixing))
}

/// What is said after a difference, and the exit code.
fn differences(fixing: &Fixing, code: u8, io: &mut Io<'_>) -> Result<u8, Stop> {
    io.stdout.flush()?;
    fixing.kept.iter().chain(&fixing.failures).try_for_each(|message| write_message(message, io))?;
    fixing.mended.iter().try_for_each(|line| writeln!(io.stderr, "{line}"))?;
    report::mended::write_waiting(fixing.waiting, io.stderr)?;
    Ok(match code {
        CLEAN if !fixing.failures.is_empty() => COULD_NOT_RUN,
        CLEAN if !fixing.mended.is_empty() => FINDINGS,
        code => code,
    })
}

/// How text is laid out on standard output.
fn style(args: &Args, terminal: &Terminal) -> Style {
    let color = color(args, terminal.color);
    let columns = terminal.columns.unwrap_or(Style::UNWRAPPED);
    Style { color, columns, ascii: terminal.ascii, links: terminal.links, all: args.all, only: args.only() }
}

/// How text is laid out on standard error.
fn error_style(args: &Args, terminal: &Terminal) -> Style {
    let color = color(args, terminal.stderr_color);
    Style { color, links: false, all: false, only: None, ..style(args, terminal) }
}

/// Whether to colour an output that would be coloured by itself or not.
const fn color(args: &Args, terminal: bool) -> bool {
    match args.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal,
    }
}

/// Renders the charts and kustomizations among the files.
fn render(inputs: Vec<Input>, args: &Args, server: &Server, io: &Io<'_>) -> Result<Renderings, String> {
    let options = render::Options {
        values: &args.values,
        set: &args.set,
        set_string: &args.set_string,
        release: args.release.as_deref(),
        namespace: args.namespace.as_deref().filter(|namespace| !namespace.is_empty()),
        minor: server.minor(),
        max: args.max_file_size,
        search: (io.environment)("PATH"),
    };
    render::render(inputs, &options)
}
