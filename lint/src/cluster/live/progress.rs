//! A line on a terminal that says how far the reading is.

use std::io::Write;

use daemonset_validation::placement::Kind;

/// Writes over its own line; where there is no terminal, nothing.
pub(crate) struct Progress<'o> {
    out: Option<&'o mut dyn Write>,
}

impl<'o> Progress<'o> {
    /// On standard error, if that is a terminal.
    pub(crate) fn new(out: &'o mut dyn Write, terminal: bool) -> Self {
        Self { out: terminal.then_some(out) }
    }

    /// What is read now, and how many nodes and pods are there.
    pub(super) fn show(&mut self, kind: Kind, (nodes, pods): (usize, usize)) {
        let what = kind.plural();
        self.line(&format!("reading {what}: {nodes} nodes and {pods} pods so far"));
    }

    /// Takes the line away.
    pub(super) fn clear(&mut self) {
        self.line("");
    }

    fn line(&mut self, text: &str) {
        if let Some(out) = &mut self.out {
            // A terminal that went away needs no progress.
            let _ = write!(out, "\r\x1b[K{text}").and_then(|()| out.flush());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_terminal_sees_it() {
        for (terminal, seen) in
            [(true, "\r\x1b[Kreading pods: 2 nodes and 500 pods so far\r\x1b[K"), (false, "")]
        {
            let mut out = Vec::new();
            let mut progress = Progress::new(&mut out, terminal);
            progress.show(Kind::Pod, (2, 500));
            progress.clear();
            assert_eq!(String::from_utf8_lossy(&out), seen);
        }
    }
}
