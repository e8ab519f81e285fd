//! Shows on a terminal how much of the cluster has been read.

use std::io::Write;

use daemonset_validation::placement::Kind;

/// A line that is overwritten. If standard error is not a terminal, nothing is written.
pub(crate) struct Progress<'o> {
    out: Option<&'o mut dyn Write>,
}

impl<'o> Progress<'o> {
    /// Progress on `out`, if that is a terminal.
    pub(crate) fn new(out: &'o mut dyn Write, terminal: bool) -> Self {
        Self { out: terminal.then_some(out) }
    }

    /// Shows the kind that is being read, and the numbers of nodes and pods so far.
    pub(super) fn show(&mut self, kind: Kind, (nodes, pods): (usize, usize)) {
        let what = kind.plural();
        self.line(&format!("reading {what}: {nodes} nodes and {pods} pods so far"));
    }

    /// Clears the line.
    pub(super) fn clear(&mut self) {
        self.line("");
    }

    fn line(&mut self, text: &str) {
        if let Some(out) = &mut self.out {
            // An error is ignored: progress is only a convenience.
            let _ = write!(out, "\r\x1b[K{text}").and_then(|()| out.flush());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_written_only_to_a_terminal() {
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
