//! What the streams are connected to, and what the environment asks for.

use std::ffi::OsString;

/// Which streams are terminals.
#[derive(Clone, Copy, Debug, Default)]
pub struct Streams {
    /// Whether standard input is a terminal.
    pub stdin: bool,
    /// Whether standard output is one.
    pub stdout: bool,
    /// Whether standard error is one.
    pub stderr: bool,
    /// The width of the terminal that standard output is, in columns.
    pub width: Option<usize>,
}

/// How to write to the streams. The default is for pipes and an empty environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Whether standard input is a terminal.
    pub stdin: bool,
    /// The width at which lines on standard output are wrapped, in columns; `None` if they are not wrapped.
    pub columns: Option<usize>,
    /// Whether standard output is coloured.
    pub color: bool,
    /// Whether standard error is coloured.
    pub stderr_color: bool,
    /// Whether the terminal draws ASCII characters only.
    pub ascii: bool,
    /// Whether standard output makes links of OSC 8 sequences.
    pub links: bool,
    /// Whether progress is shown on standard error.
    pub progress: bool,
}

/// The minimum width, in columns. Narrower terminals break the lines themselves.
const NARROW: usize = 20;

/// The maximum width, in columns.
const WIDE: usize = 1_000;

impl Terminal {
    /// Applies the usual variables of the environment:
    ///
    /// - `COLUMNS` is the width, in place of the terminal's own. A pipe is wrapped only if it is set.
    /// - `NO_COLOR` turns colours off; `FORCE_COLOR` and `CLICOLOR_FORCE` turn them on in a pipe as well; `FORCE_COLOR=0` and
    ///   `CLICOLOR=0` turn them off. The first in this order decides. Without them, a terminal is coloured.
    /// - `TERM=dumb` is a terminal without colours, without drawing characters and without a line that is overwritten.
    /// - With `CI`, no progress is shown, and there are no links.
    /// - `FORCE_HYPERLINK=0` turns links off, another value turns them on, on a terminal only. Without it, terminals that are known to make
    ///   links get them.
    pub fn new(streams: Streams, environment: impl Fn(&str) -> Option<OsString>) -> Self {
        let value = |name: &str| environment(name).filter(|value| !value.is_empty());
        let is_off = |value: &OsString| value == "0" || value.eq_ignore_ascii_case("false");
        let term = value("TERM");
        let dumb = term.as_ref().is_some_and(|term| term == "dumb");
        // On Windows no TERM is set.
        let capable = if cfg!(windows) { !dumb } else { term.is_some() && !dumb };
        let force_color = value("FORCE_COLOR");
        let forced = if value("NO_COLOR").is_some() {
            Some(false)
        } else if let Some(force) = force_color {
            Some(!is_off(&force))
        } else if value("CLICOLOR_FORCE").is_some_and(|force| !is_off(&force)) {
            Some(true)
        } else {
            value("CLICOLOR").filter(is_off).map(|_| false)
        };
        let color = |terminal: bool| forced.unwrap_or(terminal && capable);
        let columns = value("COLUMNS").and_then(|columns| columns.to_str()?.trim().parse::<usize>().ok());
        let columns = columns.filter(|columns| *columns > 0);
        Self {
            stdin: streams.stdin,
            columns: columns.or(streams.width).map(|columns| columns.clamp(NARROW, WIDE)),
            color: color(streams.stdout),
            stderr_color: color(streams.stderr),
            ascii: streams.stdout && dumb,
            links: streams.stdout && capable && value("CI").is_none() && makes_links(&value),
            progress: streams.stderr && capable && value("CI").is_none(),
        }
    }
}

/// Whether the terminal is known to make links. A multiplexer between them may not, whatever the terminal does.
fn makes_links(value: &impl Fn(&str) -> Option<OsString>) -> bool {
    if let Some(forced) = value("FORCE_HYPERLINK") {
        return forced != "0" && !forced.eq_ignore_ascii_case("false");
    }
    let term = value("TERM").and_then(|term| term.into_string().ok()).unwrap_or_default();
    if value("TMUX").is_some()
        || value("STY").is_some()
        || term.starts_with("screen")
        || term.starts_with("tmux")
    {
        return false;
    }
    let number = |name: &str| value(name).and_then(|text| text.to_str()?.parse::<u32>().ok()).unwrap_or(0);
    let program = value("TERM_PROGRAM").and_then(|name| name.into_string().ok()).unwrap_or_default();
    ["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm"].iter().any(|known| term.starts_with(known))
        || ["iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio"].contains(&program.as_str())
        || value("WT_SESSION").is_some()
        // GNOME Terminal and others with VTE 0.50, Konsole 20.12.
        || number("VTE_VERSION") >= 5_000
        || number("KONSOLE_VERSION") >= 201_200
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A terminal of 100 columns, or pipes, with an environment such as `TERM=xterm NO_COLOR=1`.
    fn terminal(is_terminal: bool, environment: &str) -> Terminal {
        let streams = Streams {
            stdin: is_terminal,
            stdout: is_terminal,
            stderr: is_terminal,
            width: is_terminal.then_some(100),
        };
        let find = |name: &str| {
            let set = environment.split(' ').filter_map(|setting| setting.split_once('='));
            set.filter(|(key, _)| *key == name).map(|(_, value)| value.into()).next()
        };
        Terminal::new(streams, find)
    }

    #[test]
    fn the_usual_variables_decide_colours() {
        for (environment, on_terminal, in_pipe) in [
            ("TERM=xterm", true, false),
            ("", false, false),
            ("TERM=dumb", false, false),
            ("TERM=xterm NO_COLOR=1", false, false),
            ("TERM=xterm NO_COLOR=0", false, false),
            ("TERM=xterm NO_COLOR=", true, false),
            ("TERM=xterm FORCE_COLOR=1", true, true),
            ("TERM=xterm FORCE_COLOR=", true, false),
            ("TERM=xterm FORCE_COLOR=0", false, false),
            ("TERM=xterm FORCE_COLOR=false CLICOLOR_FORCE=1", false, false),
            ("TERM=dumb FORCE_COLOR=true", true, true),
            ("TERM=xterm CLICOLOR_FORCE=1", true, true),
            ("TERM=xterm CLICOLOR_FORCE=0", true, false),
            ("TERM=xterm CLICOLOR_FORCE=1 CLICOLOR=0", true, true),
            ("TERM=xterm CLICOLOR=0", false, false),
            ("TERM=xterm CLICOLOR=1", true, false),
            ("TERM=xterm NO_COLOR=1 FORCE_COLOR=1 CLICOLOR_FORCE=1", false, false),
        ] {
            for (is_terminal, expected) in [(true, on_terminal), (false, in_pipe)] {
                let terminal = terminal(is_terminal, environment);
                assert_eq!((terminal.color, terminal.stderr_color), (expected, expected), "{environment}");
            }
        }
    }

    #[test]
    fn a_pipe_is_wrapped_only_if_columns_is_set() {
        for (environment, on_terminal, in_pipe) in [
            ("", Some(100), None),
            ("COLUMNS=", Some(100), None),
            ("COLUMNS=60", Some(60), Some(60)),
            ("COLUMNS=200", Some(200), Some(200)),
            ("COLUMNS=1", Some(NARROW), Some(NARROW)),
            ("COLUMNS=0", Some(100), None),
            ("COLUMNS=wide", Some(100), None),
            ("COLUMNS=-80", Some(100), None),
            ("COLUMNS=99999999999999999999999", Some(100), None),
            ("COLUMNS=9999999999", Some(WIDE), Some(WIDE)),
        ] {
            let columns = [true, false].map(|is_terminal| terminal(is_terminal, environment).columns);
            assert_eq!(columns, [on_terminal, in_pipe], "{environment}");
        }
    }

    #[test]
    fn only_terminals_that_are_known_get_links() {
        for (environment, links) in [
            ("TERM=xterm-256color", false),
            ("TERM=xterm-256color VTE_VERSION=7600", true),
            ("TERM=xterm-256color VTE_VERSION=4900", false),
            ("TERM=xterm-256color KONSOLE_VERSION=230400", true),
            ("TERM=xterm-kitty", true),
            ("TERM=xterm-256color TERM_PROGRAM=iTerm.app", true),
            ("TERM=xterm-256color TERM_PROGRAM=Apple_Terminal", false),
            ("TERM=xterm-256color TERM_PROGRAM=vscode CI=true", false),
            ("TERM=tmux-256color TMUX=/tmp/x TERM_PROGRAM=WezTerm", false),
            ("TERM=screen VTE_VERSION=7600", false),
            ("TERM=dumb VTE_VERSION=7600", false),
            ("TERM=xterm FORCE_HYPERLINK=1", true),
            ("TERM=xterm-kitty FORCE_HYPERLINK=0", false),
        ] {
            assert_eq!(terminal(true, environment).links, links, "{environment}");
            assert!(!terminal(false, environment).links, "{environment}");
        }
    }

    #[test]
    fn a_dumb_terminal_gets_ascii_and_no_progress() {
        let of = |is_terminal, environment| {
            let terminal = terminal(is_terminal, environment);
            (terminal.ascii, terminal.progress)
        };
        assert_eq!(of(true, "TERM=xterm"), (false, true));
        assert_eq!(of(true, "TERM=dumb"), (true, false));
        assert_eq!(of(true, "TERM=xterm CI=true"), (false, false));
        assert_eq!(of(false, "TERM=xterm"), (false, false));
        // What a pipe gets does not depend on TERM.
        assert_eq!(terminal(false, "TERM=dumb"), Terminal::default());
    }
}
