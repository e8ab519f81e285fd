//! Sessions: a readable text with commands, what they print, and the files they read.
//!
//! ```text
//! A sentence about what is shown.
//!
//! $ daemonset-lint agent.yaml
//! …what it prints; lines of standard error begin with `stderr: `…
//! [exit 1]
//!
//! -- agent.yaml --
//! …the file's text…
//! ```
//!
//! Everything before the first `$` is prose. The tutorial's files are at hand below `tutorial/`.

use std::fmt::Write as _;
use std::path::Path;

use crate::command::{Output, lint_with};

/// A parsed session.
#[derive(Debug)]
pub struct Session {
    /// Variables of the environment that every command has.
    environment: Vec<(String, String)>,
    prose: String,
    commands: Vec<String>,
    files: Vec<(String, String)>,
    files_text: String,
}

impl Session {
    /// Parses a session's text.
    pub fn parse(text: &str) -> Self {
        let start = text
            .starts_with("-- ")
            .then_some(0)
            .or_else(|| text.find("\n-- ").map(|at| at.saturating_add(1)));
        let (head, files_text) = text.split_at(start.unwrap_or(text.len()));
        let prose: Vec<&str> = head.lines().take_while(|line| !line.starts_with("$ ")).collect();
        let commands = head.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect();
        let mut files: Vec<(String, String)> = Vec::new();
        for line in files_text.split_inclusive('\n') {
            let name = line.trim_end().strip_prefix("-- ").and_then(|line| line.strip_suffix(" --"));
            match (name, files.last_mut()) {
                (Some(name), _) => files.push((name.to_owned(), String::new())),
                (None, Some((_, text))) => text.push_str(line),
                (None, None) => {}
            }
        }
        Self {
            environment: Vec::new(),
            prose: prose.join("\n"),
            commands,
            files,
            files_text: files_text.to_owned(),
        }
    }

    /// The session as on a terminal of this width, in columns.
    #[must_use]
    pub fn with_columns(mut self, columns: usize) -> Self {
        self.environment.push(("COLUMNS".to_owned(), columns.to_string()));
        self
    }

    /// Runs the commands in `folder`, which becomes the working folder, and returns the session's text with what they print now.
    ///
    /// # Errors
    ///
    /// Where a file cannot be written.
    pub fn run(&self, folder: &Path) -> std::io::Result<String> {
        self.write_files(folder)?;
        std::env::set_current_dir(folder)?;
        Ok(self.run_with(|command| execute(command, &self.environment)))
    }

    /// The text of one of the session's files.
    pub fn file(&self, name: &str) -> Option<&str> {
        self.files.iter().find(|(found, _)| found == name).map(|(_, text)| text.as_str())
    }

    /// Writes the session's files below `folder`.
    ///
    /// # Errors
    ///
    /// Where a file cannot be written.
    pub fn write_files(&self, folder: &Path) -> std::io::Result<()> {
        for (name, text) in &self.files {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            // A file that does not end its last line is written with a mark, since the session's own lines all end.
            std::fs::write(path, unescape(text))?;
        }
        Ok(())
    }

    /// Runs each command by `execute`, which answers with the exit code, standard output and standard error, and returns the session's
    /// text with what they print now.
    pub fn run_with(&self, mut execute: impl FnMut(&str) -> (u8, String, String)) -> String {
        let mut text = format!("{}\n", self.prose.trim_end());
        for command in &self.commands {
            let (code, stdout, stderr) = execute(command);
            _ = write!(text, "\n$ {command}\n{stdout}");
            if !stdout.is_empty() && !stdout.ends_with('\n') {
                text.push('\n');
            }
            for line in stderr.lines() {
                _ = writeln!(text, "{}", format!("stderr: {line}").trim_end());
            }
            _ = writeln!(text, "[exit {code}]");
        }
        if !self.files_text.is_empty() {
            _ = write!(text, "\n{}", self.files_text);
        }
        text
    }
}

/// `\xNN` stands for a byte, `\r` for a carriage return and `\0` for nothing at all, so that odd files can be shown.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\x") {
        let (before, behind) = rest.split_at(at);
        bytes.extend_from_slice(before.as_bytes());
        match behind.get(2..4).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = behind.get(4..).unwrap_or_default();
            }
            None => {
                bytes.extend_from_slice(b"\\x");
                rest = behind.get(2..).unwrap_or_default();
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// Runs one command line: words apart by spaces, quotes around words that hold spaces, `< FILE` for standard input, and before the
/// command's name variables such as `COLUMNS=60`.
fn execute(command: &str, environment: &[(String, String)]) -> (u8, String, String) {
    let mut words = split(command);
    let mut input = Vec::new();
    if let Some(at) = words.iter().position(|word| word == "<") {
        let tail: Vec<String> = words.drain(at..).collect();
        input = tail.get(1).and_then(|file| std::fs::read(file).ok()).unwrap_or_default();
    }
    let settings = words.iter().map_while(|word| word.split_once('='));
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let environment: Vec<(String, String)> = settings.chain(environment.iter().cloned()).collect();
    // The first word that is no setting is the command's own name.
    let arguments = words.iter().skip_while(|word| word.contains('=')).skip(1);
    let Output { code, stdout, stderr } = lint_with(&environment, arguments, &input);
    (code, stdout, stderr)
}

/// The words of a command line: apart by spaces, quotes around words that hold spaces.
pub fn split(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for character in command.chars() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, ' ') => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
            _ => word.push(character),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}
