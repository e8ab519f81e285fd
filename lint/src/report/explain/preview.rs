//! The preview for people: an overview of the DaemonSets, then a block for each that has trouble, then what holds for all of them.

use std::io::{self, Write};

use daemonset_validation::placement::{OutcomeKind, Traits, group};
use daemonset_validation::words::count::counted;

use super::block::{Block, Frame};
use super::body::Body;
use super::layout::paragraph;
use super::only::Only;
use super::standing::{Standing, State, standings};
use super::{last, overview};
use crate::engine::Run;
use crate::report::Style;

/// Prints the preview of every DaemonSet of a run with a cluster.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn write(run: &Run<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let Some(cluster) = run.cluster else { return Ok(()) };
    let standings = standings(run);
    let shown: Vec<&Standing<'_>> = standings.iter().filter(|one| is_shown(one, style.only)).collect();
    let traits = Traits::new(cluster.snapshot.nodes());
    let shared = last::shared(&standings);
    let frame = Frame { style, traits: &traits, is_alone: standings.len() == 1, shared: &shared };
    if standings.len() > 1 {
        overview::write(&standings, &shown, cluster.snapshot.nodes().len(), style, out)?;
        writeln!(out)?;
    }
    let has_block = |one: &Standing<'_>| frame.is_alone || style.all || needs_block(one);
    if style.all {
        for standing in &shown {
            let mut body = Body::default();
            if let Some(explanation) = &standing.document.explanation {
                frame.nodes(standing, explanation, &mut body);
            }
            frame.tail(standing, &mut body);
            for line in frame.title(standing).into_iter().chain(body.lines(style, true)) {
                writeln!(out, "{line}")?;
            }
            writeln!(out)?;
        }
    } else {
        let blocks = shown.iter().filter(|one| has_block(one)).map(|one| frame.block(one));
        write_blocks(blocks, style, out)?;
    }
    let hidden = |one: &Standing<'_>| has_block(one) || !is_shown(one, style.only);
    let notes = last::last(standings.iter().map(|one| (one, hidden(one))), &shared);
    let explained = standings.iter().filter(|one| one.document.explanation.is_some()).count();
    for note in &notes {
        for line in paragraph("", &note.text(explained), style.columns) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// Whether a DaemonSet has a block: its row of the overview does not say all.
fn needs_block(standing: &Standing<'_>) -> bool {
    standing.is_stored() || !matches!(standing.state, State::Rejected | State::Unexplained | State::Fine)
}

/// Whether a DaemonSet has one of the chosen verdicts on some node.
fn is_shown(standing: &Standing<'_>, only: Option<Only>) -> bool {
    let Some(only) = only else { return true };
    let counts = &standing.counts;
    let of_outcome = [
        (OutcomeKind::Runs, counts.runs),
        (OutcomeKind::Refused, counts.refused),
        (OutcomeKind::Pending, counts.pending),
        (OutcomeKind::NotWanted, counts.not_wanted),
        (OutcomeKind::Unknown, counts.unknown),
    ];
    of_outcome.into_iter().any(|(outcome, count)| count > 0 && only.shows(outcome))
        || (standing.state == State::Rejected && only.rejected)
}

/// The number of DaemonSets with the same body that have a title.
const TITLES: usize = 10;

/// Prints blocks. DaemonSets of which the same is said share a block, in which only their titles have places.
fn write_blocks(blocks: impl Iterator<Item = Block>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let blocks = blocks.map(|block| (block.body.lines(style, false), block));
    for group in group(blocks) {
        let (lines, titles) = match group.members.as_slice() {
            [one] => (one.body.lines(style, true), group.members.as_slice()),
            several => (group.key, several),
        };
        for line in titles.iter().take(TITLES).flat_map(|block| &block.title) {
            writeln!(out, "{line}")?;
        }
        let more = titles.len().saturating_sub(TITLES);
        if more > 0 {
            writeln!(out, "and {}", counted(more, "more DaemonSet"))?;
        }
        for line in lines {
            writeln!(out, "{line}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
