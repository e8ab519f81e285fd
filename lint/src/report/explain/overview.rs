//! The overview: a row for each DaemonSet, the worst first.

use std::io::{self, Write};

use daemonset_validation::Severity;
use daemonset_validation::placement::OutcomeKind;
use daemonset_validation::words::count::{counted, thousands};

use super::body::mark;
use super::layout::{BOLD, DIM, cut, middle, padded, paint, paragraph, right, width};
use super::standing::{Standing, State};
use super::{left_out, notes, rollout, words};
use crate::report::Style;
use crate::shown::shown;

impl State {
    /// The mark of a DaemonSet. It says the same without colours.
    pub(super) const fn mark(self, style: &Style) -> &'static str {
        match self {
            Self::Rejected | Self::Unexplained | Self::Nowhere | Self::Refused if style.ascii => "x",
            Self::Rejected | Self::Unexplained | Self::Nowhere | Self::Refused => "×",
            Self::Pending | Self::Warned => "!",
            Self::Unknown => "?",
            Self::KeptOff => mark(OutcomeKind::NotWanted, style),
            Self::Fine => mark(OutcomeKind::Runs, style),
        }
    }

    /// The mark's colour.
    pub(super) const fn color(self) -> &'static str {
        match self {
            Self::Rejected | Self::Unexplained | Self::Nowhere | Self::Refused => "31",
            Self::Pending | Self::Warned => "33",
            Self::Unknown => "35",
            Self::KeptOff => DIM,
            Self::Fine => "32",
        }
    }
}

/// The DaemonSet's namespace and name; where another has the same, its place as well.
fn name(standing: &Standing<'_>) -> String {
    let document = standing.document;
    let name = format!("{}/{}", document.namespace, document.name);
    let name = if standing.is_ambiguous && !standing.is_stored() {
        format!("{name} {}", standing.file.at(document.line))
    } else {
        name
    };
    shown(&name).into_owned()
}

/// What matters most about a DaemonSet, in a few words.
pub(crate) fn why(standing: &Standing<'_>) -> String {
    let reasons = |standing: &Standing<'_>| {
        let first = standing.groups.first().map(|group| group.outcome);
        let groups = standing.groups.iter().filter(|group| Some(group.outcome) == first);
        let nodes = groups.filter_map(|group| group.nodes.first());
        words::short(nodes.flat_map(|node| &node.reasons).map(|located| &located.reason))
    };
    let why = match standing.state {
        State::Rejected => "rejected".to_owned(),
        State::Unexplained => "no preview".to_owned(),
        State::Nowhere if standing.groups.is_empty() => left_out::nowhere(standing).unwrap_or_default(),
        State::Nowhere | State::Refused | State::Pending | State::Unknown | State::KeptOff => {
            reasons(standing)
        }
        State::Warned => {
            let mut warnings = notes::of_block(standing.document);
            match warnings.find(|note| note.finding.severity > Severity::Info) {
                Some(note) => note.finding.rule.to_owned(),
                None => "the rollout hangs".to_owned(),
            }
        }
        State::Fine => {
            let rollout = standing.document.explanation.as_ref().and_then(|one| one.rollout.as_ref());
            rollout.and_then(rollout::short).or_else(|| left_out::short(standing)).unwrap_or_default()
        }
    };
    shown(&why).into_owned()
}

/// The line above the table: how many DaemonSets stand how.
fn headline(standings: &[Standing<'_>], nodes: usize) -> String {
    let count = |state| standings.iter().filter(|one| one.state == state).count();
    let parts = [
        (count(State::Rejected), "rejected"),
        (count(State::Unexplained), "without a preview"),
        (count(State::Nowhere), "nowhere"),
        (count(State::Refused), "refused"),
        (count(State::Pending), "pending"),
        (count(State::Warned), "with warnings"),
        (count(State::Unknown), "unknown"),
        (count(State::KeptOff), "kept off"),
        (count(State::Fine), "fine"),
    ];
    let said: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{} {words}", thousands(*count)))
        .collect();
    format!(
        "{}, {}: {}",
        counted(standings.len(), "DaemonSet"),
        if nodes == 1 { "1 node".to_owned() } else { format!("{} nodes", thousands(nodes)) },
        said.join(", ")
    )
}

/// A column of numbers.
struct Column {
    title: &'static str,
    /// The number and its colour where it is not 0.
    cells: Vec<(usize, &'static str)>,
    width: usize,
}

impl Column {
    fn new(title: &'static str, cells: Vec<(usize, &'static str)>) -> Self {
        let widest = cells.iter().map(|(number, _)| thousands(*number).len()).max().unwrap_or_default();
        Self { title, cells, width: widest.max(title.len()) }
    }
}

/// Two columns of text are apart by this.
const GAP: usize = 2;

/// Prints the overview of these DaemonSets; `shown` are those that have a row.
pub(super) fn write(
    standings: &[Standing<'_>],
    rows: &[&Standing<'_>],
    nodes: usize,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut line = headline(standings, nodes);
    if rows.len() < standings.len() {
        let hidden = standings.len().saturating_sub(rows.len());
        line.push_str(&format!(" ({} not shown because of --only)", thousands(hidden)));
    }
    for line in paragraph("", &line, style.columns) {
        writeln!(out, "{}", paint(&line, BOLD, style))?;
    }
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = rows.iter().map(|standing| name(standing)).collect();
    let whys: Vec<String> = rows.iter().map(|standing| why(standing)).collect();
    let mut columns = vec![
        Column::new("RUNS", rows.iter().map(|one| (one.counts.runs, "")).collect()),
        Column::new("PENDING", rows.iter().map(|one| (one.counts.pending, "33")).collect()),
        Column::new("NOT WANTED", rows.iter().map(|one| (one.counts.not_wanted, "")).collect()),
    ];
    if rows.iter().any(|one| one.counts.refused > 0) {
        let cells = rows.iter().map(|one| (one.counts.refused, "31")).collect();
        columns.insert(1, Column::new("REFUSED", cells));
    }
    if rows.iter().any(|one| one.counts.unknown > 0) {
        columns.push(Column::new("UNKNOWN", rows.iter().map(|one| (one.counts.unknown, "35")).collect()));
    }
    let numbers: usize = columns.iter().map(|column| column.width.saturating_add(GAP)).sum();
    let (of_name, of_why) = room(&names, &whys, style.columns.saturating_sub(numbers));
    let mut header = format!("  {}", padded("DAEMONSET", of_name));
    for column in &columns {
        header.push_str(&format!("  {}", right(column.title, column.width)));
    }
    writeln!(out, "{}", paint(&format!("{header}  WHY"), DIM, style))?;
    for (index, ((standing, name), why)) in rows.iter().zip(&names).zip(&whys).enumerate() {
        let state = standing.state;
        let mut line = paint(state.mark(style), state.color(), style);
        line.push(' ');
        line.push_str(&padded(&middle(name, of_name, style), of_name));
        for column in &columns {
            let (number, color) = column.cells.get(index).copied().unwrap_or_default();
            let has_numbers = !matches!(state, State::Rejected | State::Unexplained);
            let text = if has_numbers { thousands(number) } else { "-".to_owned() };
            let color = match (number, column.title) {
                (0, "RUNS") if state == State::Nowhere => state.color(),
                (0, _) => DIM,
                _ => color,
            };
            let gap = column.width.saturating_sub(text.len()).saturating_add(GAP);
            line.push_str(&format!("{:gap$}{}", "", paint(&text, color, style)));
        }
        line.push_str("  ");
        line.push_str(&cut(why, of_why, style));
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The least width of the column of names, if the names are as wide.
const NAME: usize = 20;

/// The widths of the names and of the last column. If there is no room for both, the names are shortened down to [`NAME`] first, but
/// the last column does not get more than half of the room before that.
fn room(names: &[String], whys: &[String], columns: usize) -> (usize, usize) {
    // The mark and its space, and the gap before the last column.
    let room = columns.saturating_sub(2 + GAP);
    let widest = |texts: &[String]| texts.iter().map(|text| width(text)).max().unwrap_or_default();
    let (name, why) = (widest(names).max("DAEMONSET".len()), widest(whys).max("WHY".len()));
    if name.saturating_add(why) <= room {
        return (name, why);
    }
    let half = room.saturating_div(2);
    let least = NAME.min(name);
    let of_name = name.min(room.saturating_sub(why.min(half))).max(least);
    (of_name, room.saturating_sub(of_name).max("WHY".len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rooms(name: usize, why: usize, columns: usize) -> (usize, usize) {
        room(&["n".repeat(name)], &["w".repeat(why)], columns)
    }

    #[test]
    fn names_and_reasons_share_the_room() {
        assert_eq!(rooms(12, 20, 80), (12, 20));
        assert_eq!(rooms(60, 20, 54), (30, 20));
        assert_eq!(rooms(24, 60, 54), (24, 26));
        assert_eq!(rooms(60, 60, 54), (25, 25));
        assert_eq!(rooms(60, 60, 20), (20, 3));
        assert_eq!(rooms(500, 900, usize::MAX), (500, 900));
    }
}
